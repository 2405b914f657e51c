import csv
import datetime as dt
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import Certainty
from events.models import WORLD, CountryGroup, Event
from events.services import publishing
from events.web.access.matrix import drawn
from tests.databases import OnTheShippedRecord
from tests.factories import (
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    GroupFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2024, 8, 1)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to("2024-08-01T12:00:00Z")


def text_of(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def effect(product, *, day=dt.date(2024, 7, 9), status="blocked", event=None, publish=True, **options):
    event = event or EventFactory(title=f"{product.name} is {status}", date=day)
    EffectFactory(event=event, product=product, status=status, effective_date=day, **options)
    if publish:
        publishing.publish(event, by=None)
    return event


@pytest.fixture
def story():
    """The API was limited, and is blocked from July 9, 2024; the other route is open from July 8."""
    openai, microsoft = CompanyFactory(name="OpenAI", slug="openai"), CompanyFactory(name="Microsoft")
    api = ProductFactory(name="OpenAI API", slug="openai-api", company=openai)
    azure = ProductFactory(name="Azure OpenAI", slug="azure-openai", company=microsoft, models_from=openai)
    made = [
        effect(api, day=dt.date(2021, 11, 1), status="limited", date_precision="month", publish=False),
        effect(api, by=["provider"], note="Calls fail.", publish=False),
        effect(azure, day=dt.date(2024, 7, 8), status="available", publish=False),
    ]
    publishing.publish_many(made, by=None)
    return api


def rows_of(response):
    return {row.product.name: row for developer in response.context["matrix"].developers for row in developer.rows}


def statuses(response):
    return {name: row.status for name, row in rows_of(response).items()}


@pytest.mark.usefixtures("story")
def test_route_is_drawn_anew_where_what_it_says_has_changed_and_kept_where_not(client):
    first = client.get("/access/CN/")
    drawn.cache_clear()
    client.get("/access/CN/?on=2024-08-01")
    event = Event.objects.get(title="Azure OpenAI is available")
    event.title = "Azure stays open"
    event.save()
    publishing.correct(event, by=None, correction_class="clarification", note="Its title.")
    later = client.get("/access/CN/")
    assert "Azure stays open" not in text_of(first)
    assert text_of(later).count("Azure stays open") == 3  # who says so, on the bar, in words
    assert drawn.cache_info().misses == 3  # both at first, and the one that was corrected


def test_of_very_many_routes_those_that_changed_last_are_told_about_and_the_rest_is_said(client, story, monkeypatch):
    monkeypatch.setattr("events.web.views.access_country.MOST_ROUTES", 1)
    old = ProductFactory(name="Old", company=story.company)
    effect(old, day=dt.date(2020, 1, 1), status="limited")
    publishing.publish_record(ProductFactory(name="Nothing known"), by=None)
    response = client.get("/access/CN/?on=2024-07-10")
    matrix = response.context["matrix"]
    assert list(rows_of(response)) == ["OpenAI API"]
    assert [(each.product.name, each.status) for each in matrix.brief] == [
        ("Azure OpenAI", "available"), ("Old", "limited"),
    ]  # fmt: skip
    assert [link.name for link in matrix.unrecorded] == ["Nothing known"]
    assert matrix.recorded == 3
    assert "2 more routes" in text_of(response)


# --------------------------------------------------------------------------------------------------------- addresses


def test_codes_are_upper_case_and_unknown_ones_are_not_found(client):
    response = client.get("/access/cn/?on=2024-07-10")
    assert (response.status_code, response["Location"]) == (301, "/access/CN/?on=2024-07-10")
    assert client.get("/access/XX/").status_code == 404
    assert client.get("/access/CHN/").status_code == 404


def test_an_empty_record_says_that_nothing_is_on_record(client):
    response = client.get("/access/US/")
    assert "Nothing is on record about the United States." in text_of(response)
    assert "<svg" not in response.content.decode()
    assert "/countries/US/" not in response.content.decode()


def test_it_links_to_the_country_the_map_and_the_api(client, story):
    text = client.get("/access/CN/?on=2024-07-10&known=2024-07-09").content.decode()
    assert 'href="/countries/CN/"' in text
    assert 'href="/access/"' in text
    api = re.search(r'href="(/api/v1/access/\?[^"]*)" type="application/json"', text)
    rows = client.get(api[1].replace("&amp;", "&")).json()["results"]
    assert {row["product"]["slug"]: (row["status"], row["on"], row["known"]) for row in rows} == {
        "openai-api": ("blocked", "2024-07-10", "2024-07-09"),
        "azure-openai": ("available", "2024-07-10", "2024-07-09"),
    }
    assert client.get(f"{api[1]}&format=csv".replace("&amp;", "&")).status_code == 200


# ---------------------------------------------------------------------------------------------- as a table for readers


def table_of(client, query):
    response = client.get(f"/access/CN/?format=csv&{query}")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return {row["Product"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}


def test_it_gives_its_answers_as_a_table_that_readers_can_read(client, story):
    text = client.get("/access/CN/?on=2024-07-10").content.decode()
    assert re.search(r'href="\?on=2024-07-10&amp;revision=\d+&amp;format=csv" type="text/csv"', text)
    rows = table_of(client, "on=2024-07-10")
    assert list(rows) == ["Azure OpenAI", "OpenAI API"]
    api = rows["OpenAI API"]
    said = ("Developer", "Offered by", "Country", "Day asked about", "Access", "Since", "Decided by", "Note", "Event")
    assert [api[name] for name in said] == [
        "OpenAI", "OpenAI", "China", "2024-07-10", "Blocked", "2024-07-09", "the provider", "Calls fail.",
        "OpenAI API is blocked",
    ]  # fmt: skip
    assert api["The answer with its reasons"].startswith(
        "http://testserver/access/CN/openai-api/?on=2024-07-10&revision="
    )
    azure = rows["Azure OpenAI"]
    assert (azure["Developer"], azure["Offered by"], azure["Access"]) == ("OpenAI", "Microsoft", "Available")


def test_the_table_is_no_more_exact_than_what_is_known_and_says_what_comes_next(client, story):
    api = table_of(client, "on=2024-01-01")["OpenAI API"]
    assert (api["Access"], api["Since"]) == ("Limited", "November 2021")
    assert (api["Next change on"], api["Access from then on"]) == ("2024-07-09", "Blocked")
    effect(ProductFactory(name="Later"), day=dt.date(2025, 1, 1), date_precision="year", status="limited")
    later = table_of(client, "on=2024-01-01")["Later"]
    assert (later["Next change on"], later["Access from then on"]) == ("2025", "Limited")


def test_the_table_has_what_no_record_covers_and_no_formulas(client):
    goods = ProductFactory(name="=HYPERLINK(1)", company=None)
    effect(goods, status="license_required", note="+1")
    known, unknown = "'=HYPERLINK(1)", ProductFactory(name="Unheard of")
    publishing.publish_record(unknown, by=None)
    rows = table_of(client, "on=2024-07-10")
    assert (rows[known]["Developer"], rows[known]["Access"]) == ("Goods of many makers", "License required")
    assert rows[known]["Note"] == "'+1"
    assert (rows["Unheard of"]["Access"], rows["Unheard of"]["Since"]) == ("Unknown", "")


def test_a_table_of_a_day_that_cannot_be_read_is_the_page_that_says_so(client, story):
    response = client.get("/access/CN/?format=csv&on=nonsense")
    assert response.headers["Content-Type"].startswith("text/html")
    assert 'aria-invalid="true"' in response.content.decode()


# ------------------------------------------------------------------------------------------------------------ the rows


@pytest.mark.parametrize(
    ("on", "api", "azure"),
    [
        ("2021-10-31", "unknown", "unknown"),
        ("2024-06-24", "limited", "unknown"),
        ("2024-07-08", "limited", "available"),
        ("2024-07-10", "blocked", "available"),
    ],
)
def test_the_routes_to_one_developers_models_stand_under_its_name_on_any_day(client, story, on, api, azure):
    response = client.get(f"/access/CN/?on={on}")
    (developer,) = response.context["matrix"].developers
    assert (developer.name, developer.address) == ("OpenAI", "/companies/openai/")
    assert [(row.product.name, row.status, row.offered_by) for row in developer.rows] == [
        ("OpenAI API", api, ""),
        ("Azure OpenAI", azure, "Microsoft"),
    ]


def test_a_row_says_since_when_who_closed_it_and_who_says_so(client, story):
    response = client.get("/access/CN/?on=2024-07-10")
    row = rows_of(response)["OpenAI API"]
    assert (row.label, row.since, row.closed_by) == ("Blocked", "July 9, 2024", "Closed by the provider")
    assert row.note == "Calls fail."
    assert row.product.address == "/access/CN/openai-api/?on=2024-07-10"
    assert row.event.name == "OpenAI API is blocked"
    assert "offered by Microsoft" in text_of(response)
    assert "1 independent origin" in text_of(response)


def test_a_status_that_is_said_again_holds_since_it_was_first_said(client, story):
    effect(story, day=dt.date(2024, 7, 20))
    response = client.get("/access/CN/")
    row = rows_of(response)["OpenAI API"]
    assert (row.since, row.since_iso, row.again) == ("July 9, 2024", "2024-07-09", "July 20, 2024")
    assert "Blocked since July 9, 2024 Newest effect: from July 20, 2024" in text_of(response)
    assert rows_of(client.get("/access/CN/?on=2024-07-19"))["OpenAI API"].again == ""


def test_who_reported_it_is_named_and_many_are_counted(client, story):
    product = ProductFactory(name="Other")
    event = EventFactory()
    for name in ("Alpha", "Beta", "Gamma", "Delta"):
        CitationFactory(event=event, source=SourceFactory(publisher=PublisherFactory(name=name)))
    effect(product, event=event)
    row = rows_of(client.get("/access/CN/"))["Other"]
    assert row.reported_by.endswith(", and 3 more")
    assert row.origins == "5 independent origins"


def test_approximate_days_are_as_exact_as_what_is_known(client, story):
    assert rows_of(client.get("/access/CN/?on=2023-01-01"))["OpenAI API"].since == "November 2021"


@pytest.mark.parametrize(
    ("status", "by", "words"),
    [
        ("blocked", ["own_government"], "Closed by its own government"),
        ("limited", ["provider", "foreign_government"], "Limited by the provider and a foreign government"),
        ("license_required", ["foreign_government"], "License demanded by a foreign government"),
        ("available", ["provider"], ""),
    ],
)
def test_who_closed_it_is_told_apart_and_only_where_it_is_closed(client, status, by, words):
    effect(ProductFactory(name="P"), status=status, by=by)
    assert rows_of(client.get("/access/CN/"))["P"].closed_by == words


def test_the_foreign_government_that_closed_it_is_named(client):
    product = ProductFactory(name="P")
    event = EventFactory()
    for code, role in (("US", "acting"), ("NL", "acting"), ("CN", "affected")):
        EventCountryFactory(event=event, country=country(code), role=role)
    EventGroupFactory(event=event, group=GroupFactory(name="Nine"), role="acting")
    effect(product, event=event, status="license_required", by=["foreign_government", "provider"], publish=False)
    effect(product, event=event, country=country("NL"), status="blocked", by=["foreign_government"])
    assert rows_of(client.get("/access/CN/"))["P"].closed_by == (
        "License demanded by the provider and foreign governments (the United States, the Netherlands, and the Nine)"
    )
    answer = client.get(f"/access/NL/{product.slug}/").context
    assert answer["by"] == "foreign governments (the United States and the Nine)"
    assert "by foreign governments (the United States and the Nine)" in answer["sentence"]


def test_a_group_through_which_it_comes_is_named_and_a_dispute_marked(client):
    event = EventFactory(certainty=Certainty.DISPUTED)
    effect(ProductFactory(name="P"), event=event, country=None, group=GroupFactory(name="The Nine", members=["CN"]))
    response = client.get("/access/CN/")
    assert rows_of(response)["P"].via.name == "The Nine"
    assert "Through The Nine" in text_of(response)
    assert "Disputed" in text_of(response)


def test_a_rule_for_every_country_is_named_so(client):
    effect(
        ProductFactory(name="P"), country=None, group=CountryGroup.objects.get_or_create(slug=WORLD, name="World")[0]
    )
    assert "Through a rule for every country" in text_of(client.get("/access/CN/"))


def test_what_has_ended_is_unknown_and_says_what_held_until_then(client):
    effect(ProductFactory(name="P"), until=dt.date(2024, 7, 20), note="It was so.")
    response = client.get("/access/CN/")
    row = rows_of(response)["P"]
    assert (row.status, row.since, row.ended) == ("unknown", "July 20, 2024", "blocked")
    assert (row.closed_by, row.note) == ("", "")
    assert "What held until then (blocked) has ended; no record says what follows." in text_of(response)


def test_the_next_change_is_told_and_marked_where_it_is_still_to_come(client, story):
    effect(story, day=dt.date(2024, 9, 1), status="available", date_precision="month")
    found = rows_of(client.get("/access/CN/?on=2024-07-10"))["OpenAI API"].next
    assert (found.label, found.day, found.scheduled) == ("Available", "September 2024", True)
    found = rows_of(client.get("/access/CN/?on=2024-06-01"))["OpenAI API"].next
    assert (found.label, found.day, found.scheduled) == ("Blocked", "July 9, 2024", False)


def test_groups_are_in_the_order_of_their_names_and_goods_of_many_makers_last(client):
    for name in ("zeta", "Alpha"):
        effect(ProductFactory(company=CompanyFactory(name=name)))
    effect(ProductFactory(company=None, kind="chip"))
    names = [developer.name for developer in client.get("/access/CN/").context["matrix"].developers]
    assert names == ["Alpha", "zeta", "Goods of many makers"]


def test_products_of_which_nothing_is_on_record_here_are_folded_up(client, story):
    effect(ProductFactory(name="Elsewhere"), country=country("RU"))
    response = client.get("/access/CN/?on=2024-06-24")
    assert [link.name for link in response.context["matrix"].unrecorded] == ["Elsewhere"]
    text = response.content.decode()
    assert text.index("<details") < text.index("Elsewhere")
    assert "No record covers 1 other product: unknown, neither open nor closed" in text_of(response)


def test_a_summary_counts_statuses(client, story):
    response = client.get("/access/CN/?on=2024-06-24")
    assert response.context["matrix"].counts == [("limited", "Limited", 1), ("unknown", "Unknown", 1)]
    assert "2 routes on record: 1 limited , 1 unknown" in text_of(response)


# ----------------------------------------------------------------------------------------------------------- the clocks


def test_only_what_had_been_reported_by_the_day_counts(client):
    product = ProductFactory(name="P")
    effect(product, day=dt.date(2024, 6, 1), status="limited",
           event=EventFactory(source=SourceFactory(published=dt.date(2024, 6, 1))))  # fmt: skip
    effect(product, event=EventFactory(source=SourceFactory(published=dt.date(2024, 7, 12))))
    late = ProductFactory(name="Late")
    effect(late, event=EventFactory(source=SourceFactory(published=dt.date(2024, 7, 12))))
    assert statuses(client.get("/access/CN/?on=2024-07-10")) == {"P": "blocked", "Late": "blocked"}
    response = client.get("/access/CN/?on=2024-07-10&known=2024-07-10")
    assert statuses(response) == {"P": "limited"}
    assert [link.name for link in response.context["matrix"].unrecorded] == ["Late"]
    assert "could use on July 10, 2024, as reported by July 10, 2024." in text_of(response)


def test_what_was_announced_is_still_to_come_for_those_who_know_no_more(client):
    effect(ProductFactory(name="P"), event=EventFactory(source=SourceFactory(published=dt.date(2024, 6, 25))))
    row = rows_of(client.get("/access/CN/?on=2024-07-01&known=2024-06-26"))["P"]
    assert row.next.scheduled
    assert [segment.scheduled for segment in row.bar.segments] == [True]
    assert not rows_of(client.get("/access/CN/?on=2024-07-01"))["P"].next.scheduled


def test_the_permalink_pins_all_and_shows_the_same_after_a_correction(client, story):
    before = client.get("/access/CN/?on=2024-07-10")
    permalink = re.search(r'<a href="(\?on=2024-07-10&amp;revision=\d+)">', before.content.decode())[1]
    effect(story, day=dt.date(2024, 7, 10), status="available")
    assert statuses(client.get("/access/CN/?on=2024-07-10"))["OpenAI API"] == "available"
    pinned = client.get(f"/access/CN/{permalink.replace('&amp;', '&')}")
    assert statuses(pinned) == statuses(before)
    assert "immutable" in pinned["Cache-Control"]


def test_a_pinned_page_says_the_same_on_any_later_day(client, story, time_machine):
    effect(story, day=dt.date(2024, 9, 1), status="available")
    address = f"/access/CN/?{client.get('/access/CN/?on=2024-07-10').context['clocks'].permalink}"
    before = client.get(address).content
    time_machine.move_to("2025-01-01T12:00:00Z")
    assert client.get(address).content == before


def test_a_bad_day_is_told_and_the_page_still_answers(client, story):
    response = client.get("/access/CN/?on=soon&from=2024-07-01&to=never")
    assert response.status_code == 200
    assert "“soon” is not a date." in text_of(response)
    assert "“never” is not a date." in text_of(response)
    assert statuses(response)["OpenAI API"] == "blocked"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_day_can_be_asked_about(client, story, day):
    assert client.get(f"/access/CN/?on={day}&from=0001-01-01&to=9999-12-31").status_code == 200


# --------------------------------------------------------------------------------------------------- what changed since


def changes(response):
    return [(row.product, row.before.status, row.after.status) for row in response.context["changed"]]


def test_what_changed_between_two_days_is_told_with_links_to_both_answers(client, story):
    response = client.get("/access/CN/?on=2024-07-10&from=2024-06-24&to=2024-07-10")
    assert changes(response) == [("Azure OpenAI", "unknown", "available"), ("OpenAI API", "limited", "blocked")]
    text = response.content.decode()
    assert "/access/CN/openai-api/?on=2024-06-24" in text
    assert "/access/CN/openai-api/?on=2024-07-10" in text
    assert "OpenAI API: Limited → to Blocked" in text_of(response)
    assert "2 products had another status on July 10, 2024 than on June 24, 2024:" in text_of(response)


def test_it_is_said_where_nothing_changed(client, story):
    response = client.get("/access/CN/?from=2023-01-01&to=2023-02-01")
    assert "No product had another status on February 1, 2023 than on January 1, 2023." in text_of(response)


def test_one_day_alone_is_compared_with_the_day_of_the_page(client, story):
    assert changes(client.get("/access/CN/?on=2024-07-08&from=2024-06-24")) == [
        ("Azure OpenAI", "unknown", "available")
    ]


def test_days_in_the_wrong_order_are_told(client, story):
    response = client.get("/access/CN/?from=2024-07-10&to=2024-06-24")
    assert "The first day comes after the second." in text_of(response)
    assert not changes(response)


def test_comparing_keeps_to_the_day_of_knowing(client, story):
    response = client.get("/access/CN/?known=2024-06-24&from=2024-06-24&to=2024-07-10")
    assert changes(response) == []


# --------------------------------------------------------------------------------------------------------- the markup


def test_the_page_has_no_inline_style_or_script_and_each_id_once(client, story):
    text = client.get("/access/CN/?on=2024-07-10").content.decode()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?! type=\"application/ld.json\">)", text)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for field in re.findall(r'<(?:input|select)[^>]*\sid="([^"]+)"', text):
        assert f'for="{field}"' in text
    for reference in re.findall(r'href="#([^"]+)"', text):
        assert reference in ids


def test_each_bar_is_named_its_events_are_links_and_the_same_is_told_in_words(client, story):
    text = client.get("/access/CN/?on=2024-07-10").content.decode()
    bar = re.search(r'<svg class="bar" role="group" aria-label="OpenAI API over time">(.*?)</svg>', text)[1]
    assert re.findall(r"<title>(.*?)</title>", bar) == [
        "November 2021: Limited. OpenAI API is limited",
        "July 9, 2024: Blocked. OpenAI API is blocked",
    ]
    assert bar.count('<a href="/events/') == 2
    assert "In words : OpenAI API Limited from November 2021 OpenAI API is limited" in " ".join(
        re.sub(r"<[^>]*>", " ", text).split()
    )


def test_the_number_of_queries_is_the_same_at_1_and_5_products(client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/access/CN/?on=2024-07-10&from=2024-01-01").status_code == 200
        return len(captured)

    group = GroupFactory(members=["CN"])
    for number in range(5):
        product = ProductFactory()
        made = [
            effect(product, status="limited", day=dt.date(2024, 7, 1), country=None, group=group, publish=False),
            effect(product, publish=False),
            effect(product, status="available", day=dt.date(2024, 9, 1), publish=False),
        ]
        publishing.publish_many(made, by=None)
        if not number:
            queries()
            one = queries()
    assert queries() == one
    assert one <= 20


class RealRecordTests(OnTheShippedRecord):
    """The founding story and others, on the real data set."""

    def rows(self, path):
        response = self.client.get(path)
        assert response.status_code == 200
        return rows_of(response)

    def test_one_developer_two_routes_two_answers(self):
        expected = {
            "2024-06-24": ("limited", "unknown"),
            "2024-07-10": ("blocked", "available"),
            "2024-10-22": ("blocked", "limited"),
        }
        for on, (api, azure) in expected.items():
            response = self.client.get(f"/access/CN/?on={on}")
            openai = next(each for each in response.context["matrix"].developers if each.slug == "openai")
            found = {row.product.name: row for row in openai.rows}
            assert (found["OpenAI API"].status, found["Azure OpenAI Service"].status) == (api, azure), on
            assert found["Azure OpenAI Service"].offered_by == "Microsoft"

    def test_italy_had_no_chatgpt_in_april_2023(self):
        row = self.rows("/access/IT/?on=2023-04-15")["ChatGPT"]
        assert (row.status, row.since) == ("blocked", "March 31, 2023")
        assert (row.next.status, row.next.day) == ("available", "April 28, 2023")

    def test_every_country_has_its_page(self):
        for code in ("FR", "US", "GB", "KP", "AQ"):
            self.rows(f"/access/{code}/")
        for path in ("/companies/openai/", "/companies/nvidia/", "/products/openai-api/", "/countries/CN/"):
            assert bool(self.client.get(path).context["overview"])
