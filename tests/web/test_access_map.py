"""The world map of a product: every country once, the same as a table, and the days on which it changes."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.lib.countries import countries
from events.models import Change, LogHead
from events.queries import upcoming
from events.queries.upcoming import next_turns
from events.services import publishing
from events.web.access.tiles import COLUMNS, GRID, ROWS, tiles
from tests.databases import OnTheShippedRecord
from tests.factories import (
    CompanyFactory,
    GroupFactory,
    MembershipFactory,
    ProductFactory,
    SourceFactory,
    UserFactory,
    country,
)
from tests.web.test_access_answer import effect, event_with, text_of

FRAGMENT = {"HX-Request": "true"}


# --------------------------------------------------------------------------------------------------------------- tiles


def test_every_country_has_one_tile():
    assert sorted(tile.code for tile in tiles()) == sorted(entry.code for entry in countries())


def test_no_tiles_overlap_and_all_lie_on_the_grid():
    places = {(tile.column, tile.row) for tile in tiles()}
    assert len(places) == len(tiles()) == 249
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in places)
    assert {len(line.split()) for line in GRID.strip().splitlines()} == {COLUMNS}


def test_neighbors_lie_as_on_a_map():
    at = {tile.code: tile for tile in tiles()}
    for west, east in (("US", "GB"), ("FR", "DE"), ("DE", "RU"), ("RU", "JP"), ("CN", "TW")):
        assert at[west].column < at[east].column, (west, east)
    for north, south in (("CA", "US"), ("US", "MX"), ("CN", "HK"), ("MY", "SG"), ("EG", "ZA"), ("AU", "AQ")):
        assert at[north].row < at[south].row, (north, south)


# ----------------------------------------------------------------------------------------------------------------- map


@pytest.fixture
def api(db, time_machine):
    time_machine.move_to("2024-08-01T12:00:00Z")
    return ProductFactory(slug="openai-api", name="OpenAI API", company=CompanyFactory(name="OpenAI"))


def ask(client, **asked):
    response = client.get("/access/", asked)
    assert response.status_code == 200
    return response


def labels(response):
    return {found["code"]: found["label"] for found in (vars(tile) for tile in response.context["tiles"])}


def test_a_tile_says_its_status_and_leads_to_its_answer(client, api):
    effect(api)
    response = ask(client, product="openai-api", on="2024-07-10", known="2024-07-09")
    text = response.content.decode()
    assert labels(response)["CN"] == "China: blocked, effective July 9, 2024"
    assert labels(response)["FR"] == "France: unknown"
    [tile] = re.findall(
        r'<a class="tile tile-blocked" href="([^"]+)" aria-label="China: blocked, effective July 9, 2024">', text
    )
    assert tile == "/access/CN/openai-api/?on=2024-07-10&amp;known=2024-07-09"
    assert client.get(tile.replace("&amp;", "&")).context["status"] == "blocked"
    assert text.count('<a class="tile ') == 249
    assert "style=" not in text


def test_status_is_told_by_a_sign_and_not_by_color_alone(client, api):
    for status, code in (("blocked", "CN"), ("license_required", "RU"), ("limited", "IN"), ("available", "FR")):
        effect(api, status, country=country(code))
    text = ask(client, product="openai-api", on="2024-07-10").content.decode()
    drawn = {}
    for status, tile in re.findall(r'<a class="tile tile-(\w+)"(.*?)</a>', text, re.DOTALL):
        drawn[status] = re.sub(
            r"<text.*?</text>|<title>.*?</title>|[xy]=\"\d+\"|href=\S+|aria-label=\"[^\"]*\"", "", tile
        )
    assert len(set(drawn.values())) == 5


def test_the_table_is_sorted_by_status_and_name_and_leaves_the_unknown_apart(client, api):
    effect(api, "available", country=country("FR"))
    effect(api, "blocked", country=country("RU"))
    effect(api, "blocked", country=country("CN"))
    effect(api, "limited", "2024-07-01", country=country("IN"), until=dt.date(2024, 7, 5))
    response = ask(client, product="openai-api", on="2024-07-10")
    assert [(row.name, row.status) for row in response.context["rows"]] == [
        ("China", "blocked"),
        ("Russia", "blocked"),
        ("France", "available"),
    ]
    assert len(response.context["unknown"]) == 246
    assert "India since July 5, 2024, when what held before ended" in text_of(response)
    assert "Unknown in 246 countries" in text_of(response)


def test_a_group_reaches_its_members_and_is_named(client, api):
    group = GroupFactory(slug="eu", name="European Union", members=["FR", "DE"])
    effect(api, group=group)
    response = ask(client, product="openai-api", on="2024-07-10")
    assert [(row.name, row.group.name) for row in response.context["rows"]] == [
        ("France", "the European Union"),
        ("Germany", "the European Union"),
    ]


def test_the_product_of_most_of_the_newest_effects_is_shown_first(client, api):
    effect(ProductFactory(name="Other"))
    effect(api)
    effect(api, country=country("RU"))
    response = ask(client)
    assert response.context["product"]["slug"] == "openai-api"
    assert [each["name"] for each in response.context["products"]] == ["OpenAI API", "Other"]


def test_products_without_effects_are_not_offered(client, api):
    publishing.publish_record(ProductFactory(name="Nothing"), by=None)
    effect(api)
    assert [each["name"] for each in ask(client).context["products"]] == ["OpenAI API"]
    assert ask(client, product="openai-api", on="2000-01-01").context["rows"] == []


def test_an_unknown_product_is_told(client, api):
    effect(api)
    response = ask(client, product="nothing")
    assert "There is no product “nothing” on record" in text_of(response)
    assert response.context["product"]["slug"] == "openai-api"


@pytest.mark.django_db
def test_an_empty_record_has_a_page(client):
    assert "No effect on access is on record yet." in text_of(ask(client))


def test_htmx_gets_the_map_alone(client, api):
    effect(api)
    response = client.get("/access/?product=openai-api&on=2024-07-10", headers=FRAGMENT)
    assert response.content.decode().lstrip().startswith('<div id="map" data-on="2024-07-10"')
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


# -------------------------------------------------------------------------------------------------------- through time


def stops(response):
    return [each["iso"] for _, days in response.context["stops"]["years"] for each in days]


def test_the_days_are_those_on_which_something_starts_or_ends_or_a_member_joins(client, api):
    group = GroupFactory(slug="club")
    MembershipFactory(group=group, country=country("FR"), since=dt.date(2024, 3, 1))
    MembershipFactory(group=group, country=country("DE"), since=dt.date(1990, 1, 1))
    effect(api, "limited", "2024-02-01", group=group)
    effect(api, "blocked", "2024-07-09", until=dt.date(2024, 9, 1))
    effect(ProductFactory(), "blocked", "2024-05-05")
    response = ask(client, product="openai-api", on="2024-07-10")
    assert stops(response) == ["2024-02-01", "2024-03-01", "2024-07-09", "2024-09-01"]
    current = [each["iso"] for _, days in response.context["stops"]["years"] for each in days if each["is_current"]]
    assert current == ["2024-07-09"]


def test_days_are_those_known_by_then(client, api):
    effect(api, source=SourceFactory(published=dt.date(2024, 7, 9)))
    assert stops(ask(client, product="openai-api", known="2024-07-09")) == ["2024-07-09"]
    assert "stops" in ask(client, product="openai-api", known="2024-07-08").context
    assert stops(ask(client, product="openai-api", known="2024-07-08")) == []


def test_more_days_than_are_listed_are_told(client, api, monkeypatch):
    monkeypatch.setattr("events.web.access.worldmap.MOST_DAYS", 2)
    for day in ("2024-01-01", "2024-02-01", "2024-03-01"):
        effect(api, "blocked", day)
    response = ask(client, product="openai-api")
    assert stops(response) == ["2024-02-01", "2024-03-01"]
    assert "1 earlier day is not listed." in text_of(response)


# ----------------------------------------------------------------------------------------------------- what comes next


def turns(response):
    return [(each["on"], each["text"]) for each in response.context["turns"]["rows"]]


def test_what_starts_and_ends_next_is_of_all_products(client, api):
    effect(api, "blocked", "2024-07-09", until=dt.date(2024, 9, 1))
    effect(ProductFactory(name="Other"), "limited", "2024-08-15", group=GroupFactory(slug="g", name="Club"))
    effect(ProductFactory(name="Third"), "limited", "2024-07-20", country=country("US"))
    assert turns(ask(client, product="openai-api")) == [
        ("2024-08-15", "Other: limited in the Club"),
        ("2024-09-01", "OpenAI API: blocked in China, until then"),
    ]
    assert turns(ask(client, product="openai-api", on="2024-08-31")) == [
        ("2024-09-01", "OpenAI API: blocked in China, until then")
    ]
    assert turns(ask(client, product="openai-api", on="2024-07-09"))[0] == (
        "2024-07-20",
        "Third: limited in the United States",
    )


def test_a_product_redacted_since_is_not_told_of(client, api):
    other = ProductFactory(name="Forbidden name")
    effect(api, "blocked", "2024-07-09")
    effect(other, "limited", "2024-08-15")
    asked = {"product": "openai-api", "on": "2024-07-10", "revision": LogHead.objects.get().seq}
    assert turns(ask(client, **asked)) == [("2024-08-15", "Forbidden name: limited in China")]
    other.name = "Other"
    other.save()
    publishing.correct(other, by=None, correction_class="substantive", note="Its name.")
    seq = Change.objects.of("product", other.slug).order_by("seq").first().seq
    publishing.redact(seq, by=UserFactory(is_superuser=True), reason="A court.")
    assert turns(ask(client, **asked)) == []


def test_what_was_not_yet_reported_or_recorded_is_not_scheduled(api):
    effect(api, "blocked", "2024-09-01", source=SourceFactory(published=dt.date(2024, 7, 1)))
    revision = LogHead.objects.get().seq
    on = dt.date(2024, 8, 1)

    def found(**asked):
        return [turn.on for turn in next_turns(on, **{"known": None, "revision": revision} | asked).turns]

    assert found() == found(known=dt.date(2024, 7, 1)) == [dt.date(2024, 9, 1)]
    assert found(known=dt.date(2024, 6, 30)) == found(revision=revision - 1) == []


def test_what_comes_next_is_bounded_and_says_so(api, monkeypatch):
    for day in range(1, 6):
        effect(api, "blocked", f"2024-09-0{day}")
    revision = LogHead.objects.get().seq

    def found(most, known=None):
        turns = next_turns(dt.date(2024, 8, 1), known=known, revision=revision, most=most)
        return [turn.on.day for turn in turns.turns], turns.is_complete

    assert found(3) == ([1, 2, 3], True)
    assert found(10) == ([1, 2, 3, 4, 5], True)
    monkeypatch.setattr(upcoming, "LOOKED_AT", 4)
    assert found(3) == ([1, 2, 3], True)
    assert found(10) == ([1, 2, 3, 4], False)


# ----------------------------------------------------------------------------------------------------------- addresses


def test_the_map_pins_its_clocks_and_names_the_same_in_the_api(client, api):
    effect(api)
    response = ask(client, product="openai-api", on="2024-07-10", known="2024-07-09")
    query = f"product=openai-api&on=2024-07-10&known=2024-07-09&revision={LogHead.objects.get().seq}"
    assert sorted(response.context["permalink"].split("&")) == sorted(query.split("&"))
    rows = client.get(f"/api/v1/access/?{response.context['permalink']}&page_size=200").json()["results"]
    assert [row["status"] for row in rows if row["country"]["code"] == "CN"] == ["blocked"]
    assert "It is no legal advice." in text_of(response)


def test_as_many_queries_for_many_countries_and_products_as_for_one(client, api):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            ask(client, product="openai-api", on="2024-07-10")
        return len(counted)

    effect(api)
    effect(api, "blocked", "2024-09-01")
    effect(api, group=GroupFactory(members=["FR"]))
    few = queries()
    more = []
    for code in ("RU", "IR", "KP", "SY", "CU"):
        more.append(event_with(api, country=country(code)))
        more.append(event_with(ProductFactory(), "blocked", "2024-10-01", country=country(code)))
        more.append(event_with(api, "limited", "2024-07-01", group=GroupFactory(members=[code, "IN"])))
    publishing.publish_many(more, by=None)
    assert queries() == few


class ShippedMap(OnTheShippedRecord):
    def test_it_shows_the_block(self) -> None:
        response = ask(self.client, product="openai-api", on="2024-07-10")
        blocked = [row.name for row in response.context["rows"] if row.status == "blocked"]
        assert blocked == ["China", "Cuba", "Hong Kong", "Iran", "Macao", "North Korea", "Russia", "Syria", "Venezuela"]
        assert stops(response) == ["2021-11-18", "2024-06-25", "2024-07-09"]
