import datetime as dt
from itertools import combinations
from unittest.mock import patch

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from events.choices import CompanyRole, OwnershipKind, PlaceRole, PolicyRelation
from events.services import publishing, reissue
from events.web import life, ownership
from tests.factories import (
    AgencyFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    GroupFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    SourceFactory,
    country,
    published_event,
)

pytestmark = pytest.mark.django_db
FACTORIES = {"company": CompanyFactory, "agency": AgencyFactory, "product": ProductFactory, "policy": PolicyFactory}


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_record_that_is_not_public_is_not_found_and_not_listed(client, kind):
    public, secret = FACTORIES[kind](), FACTORIES[kind]()
    publishing.publish_record(public, by=None)
    assert client.get(public.get_absolute_url()).status_code == 200
    assert client.get(secret.get_absolute_url()).status_code == 404
    listed = [row["link"].name for row in client.get(reverse(f"{kind}-list")).context["rows"]]
    assert listed == [str(public)]


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_merged_record_leads_to_the_one_it_became(client, kind):
    one, other = FACTORIES[kind](), FACTORIES[kind]()
    for each in (one, other):
        publishing.publish_record(each, by=None)
    publishing.merge(one, into=other, by=None, note="The same.")
    response = client.get(one.get_absolute_url())
    assert (response.status_code, response["Location"]) == (301, other.get_absolute_url())
    assert [row["link"].name for row in client.get(reverse(f"{kind}-list")).context["rows"]] == [str(other)]


def test_a_company_shows_its_facts_products_routes_policies_and_events(client, titles):
    company = CompanyFactory(name="OpenAI", country=country("US"))
    company.aliases.create(name="Open AI")
    OwnershipFactory(owner=CompanyFactory(name="Microsoft"), owned=company, kind=OwnershipKind.INVESTOR,
                     since=dt.date(2019, 7, 1), since_precision="month")  # fmt: skip
    own = ProductFactory(name="OpenAI API", company=company)
    route = ProductFactory(name="Azure OpenAI Service", models_from=company)
    hidden = ProductFactory(name="Secret product", company=company)
    event = EventFactory(title="It acts", actor=company)
    for product in (own, route):
        EventProductFactory(event=event, product=product)
    EventPolicyFactory(event=event, policy=PolicyFactory(title="Its terms", agency=None, company=company))
    EffectFactory(event=event, product=route)
    publishing.publish(event, by=None)
    published_event(title="Another's")
    response = client.get(company.get_absolute_url())
    text = text_of(response)
    assert "Also Open AI" in text
    assert ">United States</a>" in text
    [tie] = response.context["ownership"].ties
    assert (tie.link.name, tie.verb, tie.since, tie.is_owner) == ("Microsoft", "backed by", "July 2019", True)
    assert "investor, since July 2019</text>" in text
    assert [link.name for link in response.context["products"].links] == ["OpenAI API"]
    assert [link.name for link in response.context["routes"].links] == ["Azure OpenAI Service"]
    assert [link.name for link in response.context["policies"].links] == ["Its terms"]
    assert [link.name for link in response.context["overview"].places] == ["China"]
    assert hidden.name not in text
    assert titles(response) == ["It acts"]
    assert "1 event" in text


def test_a_record_pages_through_its_events(client, titles):
    company = CompanyFactory()
    made = [EventFactory(title=f"E{n}", actor=company, date=dt.date(2024, 1, 1) + dt.timedelta(n)) for n in range(60)]
    publishing.publish_many(made, by=None)
    first = client.get(company.get_absolute_url())
    older = client.get(first.context["listing"].older)
    assert titles(first) == [f"E{n}" for n in range(59, 39, -1)]
    assert titles(older) == [f"E{n}" for n in range(39, 19, -1)]
    assert titles(client.get(older.context["listing"].newer)) == titles(first)
    fragment = client.get(first.context["listing"].older, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment


def test_a_product_says_whose_models_it_serves_and_by_whom(client):
    openai, microsoft = CompanyFactory(name="OpenAI"), CompanyFactory(name="Microsoft")
    api = ProductFactory(name="OpenAI API", company=openai)
    azure = ProductFactory(name="Azure OpenAI Service", company=microsoft, models_from=openai)
    for each in (api, azure):
        publishing.publish_record(each, by=None)
    response = client.get(azure.get_absolute_url())
    assert "Serves OpenAI’s models through Microsoft." in text_of(response)
    assert [link.name for link in response.context["others"].links] == ["OpenAI API"]


@pytest.fixture
def policy(time_machine):
    """Announced on January 1, in force on March 1, to be rescinded on December 1, 2024; today is June 1."""
    time_machine.move_to("2024-06-01T00:00:00Z")
    policy = PolicyFactory(title="The Rule")
    for relation, day in (
        (PolicyRelation.ANNOUNCES, dt.date(2024, 1, 1)),
        (PolicyRelation.BRINGS_INTO_FORCE, dt.date(2024, 3, 1)),
        (PolicyRelation.RESCINDS, dt.date(2024, 12, 1)),
    ):
        event = EventFactory(
            date=day, title=f"{relation.label} it", source=SourceFactory(published=dt.date(2024, 1, 1))
        )
        EventPolicyFactory(event=event, policy=policy, relation=relation)
        publishing.publish(event, by=None)
    reissue.run_outstanding()
    return policy


def test_a_policy_shows_its_stages_and_which_is_current_today(client, policy, time_machine):
    response = client.get(policy.get_absolute_url())
    stops = response.context["life"].stops
    assert [(stop.number, stop.label, stop.scheduled) for stop in stops] == [
        (1, "Announced", False), (2, "In force", False), (3, "Rescinded", True),
    ]  # fmt: skip
    assert "In force since March 1, 2024. 60 days from announcement to effect." in text_of(response)
    time_machine.move_to("2024-12-01T00:00:00Z")
    assert "Rescinded (on December 1, 2024)." in text_of(client.get(policy.get_absolute_url()))


def test_a_policy_says_what_it_had_reached_on_a_past_day(client, policy):
    def said(day):
        return text_of(client.get(policy.get_absolute_url(), {"on": day}))

    assert "On February 29, 2024: Announced (on January 1, 2024)." in said("2024-02-29")
    assert "On December 31, 2023: None of its stages had been reached." in said("2023-12-31")
    assert "On January 1, 2025: Rescinded (on December 1, 2024)." in said("2025-01-01")
    bad = client.get(policy.get_absolute_url(), {"on": "yesterday"})
    assert "“yesterday” is not a date." in text_of(bad)
    assert 'value="yesterday"' in text_of(bad)
    assert "In force since March 1, 2024." in text_of(bad)


def stage(name, day, *, partial=False, precision="day"):
    return {"stage": name, "date": day, "date_precision": precision, "partial": partial, "event": "x"}


@pytest.mark.parametrize(
    ("stages", "notices", "ended"),
    [
        ([stage("announced", "2024-01-01"), stage("adopted", "2024-02-01"), stage("in_force", "2024-03-01")],
         ["60 days from announcement to effect", "29 days from adoption to effect"], ""),
        ([stage("adopted", "2024-01-01", precision="month"), stage("in_force", "2024-03-01")], [], ""),
        ([stage("adopted", "2024-01-01"), stage("in_force", "2024-02-01", partial=True)], [], ""),
        ([stage("adopted", "2025-01-13"), stage("never_took_effect", "2025-05-13")], [],
         "Given up 120 days after its adoption: it has never been in force"),
        ([stage("adopted", "2025-01-13", precision="month"), stage("suspended", "2025-05-13")], [],
         "It has never been in force"),
        ([stage("in_force", "2024-01-01"), stage("suspended", "2024-02-01")], [], ""),
        ([stage("in_force", "2024-01-01"), stage("rescinded", "2024-02-01")], [], ""),
    ],
)  # fmt: skip
def test_days_of_notice_are_counted_between_exact_days(db, stages, notices, ended):
    found = life.life({"stages": stages}, on=dt.date(2026, 1, 1), now=dt.date(2026, 1, 1))
    assert [notice.text for notice in found.notices] == notices
    assert found.ended == ended


def test_what_concerns_a_part_moves_no_stage_and_is_said(db):
    stages = [stage("adopted", "2024-01-01"), stage("in_force", "2024-02-01", partial=True),
              stage("in_force", "2024-03-01", partial=True)]  # fmt: skip
    found = life.life({"stages": stages}, on=dt.date(2024, 2, 15), now=dt.date(2026, 1, 1))
    assert (found.current, found.in_part) == (
        "Adopted (on January 1, 2024)", "in force from February 1, 2024",
    )  # fmt: skip
    assert [segment.stage for segment in found.segments] == ["adopted"]


@pytest.mark.parametrize(
    ("stages", "current", "brief"),
    [
        ([stage("adopted", "2024-01-01"), stage("in_force", "2024-03-01")],
         "Adopted, not yet in force (on January 1, 2024)", "Adopted, not yet in force"),
        ([stage("adopted", "2024-01-01")],
         "Adopted (on January 1, 2024); no entry into force is on record", "Adopted"),
        ([stage("proposed", "2024-01", precision="month")],
         "Proposed (in January 2024); no adoption is on record", "Proposed"),
        ([stage("proposed", "2024-01-01"), stage("adopted", "2024-03-01")],
         "Proposed, not yet adopted (on January 1, 2024)", "Proposed, not yet adopted"),
        ([stage("proposed", "2024-01-01"), stage("rescinded", "2024-03-01")],
         "Proposed (on January 1, 2024); no adoption is on record", "Proposed"),
    ],
)  # fmt: skip
def test_not_yet_is_said_only_of_what_is_known_to_come(stages, current, brief):
    day = dt.date(2024, 2, 15)
    for each in stages:
        each["date"] = f"{each['date']}-01"[:10]
    assert (life.current_stage(stages, day, {}), life.stage_on(stages, day, {})) == (current, brief)


def test_a_suspension_for_a_time_is_not_said_to_last_beyond_it(client, time_machine):
    policy = PolicyFactory()
    adopted, suspended = EventFactory(date=dt.date(2025, 9, 29)), EventFactory(date=dt.date(2025, 11, 10))
    suspended.end_date = dt.date(2026, 11, 9)
    suspended.save()
    for event, relation in ((adopted, PolicyRelation.BRINGS_INTO_FORCE), (suspended, PolicyRelation.SUSPENDS)):
        EventPolicyFactory(event=event, policy=policy, relation=relation)
        publishing.publish(event, by=None)
    reissue.run_outstanding()

    def on(day):
        return client.get(policy.get_absolute_url(), {"on": day})

    assert "Suspended since November 10, 2025." in text_of(on("2026-11-09"))
    after = on("2027-11-10")
    assert "Suspended from November 10, 2025 until November 9, 2026; what followed is not on record." in text_of(after)
    ends = life.ends_of_suspensions(after.context["document"]["stages"])
    stages = [*after.context["document"]["stages"], stage("in_force", "2026-12-10")]
    day = dt.date(2026, 11, 26)
    assert life.stage_on(stages, day, ends) == "Suspension ended"
    assert life.current_stage(stages, day, ends) == "Suspended from November 10, 2025 until November 9, 2026"
    for moment, said in (("2026-11-09", "suspended"), ("2026-11-10", "suspension ended")):
        time_machine.move_to(f"{moment}T12:00:00Z")
        assert f"regulation, {said}" in text_of(client.get(policy.agency.get_absolute_url())).lower()
    held = after.context["life"].segments
    assert [each.stage for each in held] == ["in_force", "suspended"]
    assert float(held[1].x[:-1]) + float(held[1].width[:-1]) < 70  # percent; the line goes on to the day asked about


@given(days=st.lists(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), min_size=1, max_size=12))
def test_no_two_marks_of_a_life_overlap(days):
    now = dt.date(2026, 1, 1)
    stages = [stage("in_force", day.isoformat()) for day in sorted(days)]
    with patch("events.web.life.names_of", return_value={}):
        stops = life.life({"stages": stages}, on=now, now=now).stops
    for one, other in combinations(stops, 2):
        if one.row == other.row:
            assert abs(float(one.x[:-1]) - float(other.x[:-1])) >= life.APART - 0.02


@given(owners=st.integers(0, 12), owned=st.integers(0, 12), name=st.text(min_size=1, max_size=80))
def test_ownership_is_drawn_inside_and_no_box_covers_another(owners, owned, name):
    row = {"kind": "parent", "company": {"slug": "x", "name": name}, "since": "2024-03-28", "until": "2026", "note": ""}
    found = ownership.ownership({"name": name, "owned_by": [row] * owners, "owns": [row] * owned})
    if not owners + owned:
        assert found is None
        return
    assert found.left_out == max(0, owners - 10) + max(0, owned - 10)
    for drawing in (found.across, found.down):
        for box in drawing.boxes:
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.width <= drawing.width
            assert box.y + box.height <= drawing.height
        for one, other in combinations(drawing.boxes, 2):
            assert one.y + one.height <= other.y or other.y + other.height <= one.y or one.x != other.x


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_record_is_cited_with_its_revision_and_hash(client, kind):
    record = FACTORIES[kind]()
    change = publishing.publish_record(record, by=None)
    response = client.get(record.get_absolute_url())
    assert [link.name for link in response.context["crumbs"]][2:] == [str(record)]
    for form in response.context["forms"]:
        file = client.get(record.get_absolute_url() + form.address)
        assert file.content.decode() == form.text
        assert all(said in form.text for said in (change.hash, f"http://testserver{record.get_absolute_url()}"))


def test_an_agency_shows_its_policies_and_events(client, titles):
    agency = AgencyFactory(name="The Bureau", country=country("US"))
    event = EventFactory(title="It orders")
    EventAgencyFactory(event=event, agency=agency)
    EventPolicyFactory(event=event, policy=PolicyFactory(title="Its order", agency=agency))
    publishing.publish(event, by=None)
    response = client.get(agency.get_absolute_url())
    assert [link.name for link in response.context["policies"].links] == ["Its order"]
    assert titles(response) == ["It orders"]


@pytest.fixture
def france(db):
    """What its agency did, what the state did, what hit it, what hit a group with it, and what hit somebody else."""
    by_agency = EventFactory(title="By its agency", date=dt.date(2024, 5, 1))
    EventAgencyFactory(event=by_agency, agency=AgencyFactory(name="CNIL", country=country("FR")))
    by_state = EventFactory(title="By the state", date=dt.date(2024, 4, 1))
    EventCountryFactory(event=by_state, country=country("FR"), role=PlaceRole.ACTING)
    hit = EventFactory(title="Hits it", date=dt.date(2024, 3, 1))
    EventCountryFactory(event=hit, country=country("FR"))
    hit_group = EventFactory(title="Hits its group", date=dt.date(2024, 2, 1))
    EventGroupFactory(event=hit_group, group=GroupFactory(members=["FR"]))
    other = EventFactory(title="Hits another", date=dt.date(2024, 1, 1))
    EventCountryFactory(event=other, country=country("CN"))
    publishing.publish_many([by_agency, by_state, hit, hit_group, other], by=None)


@pytest.mark.usefixtures("france")
def test_a_country_shows_what_its_government_did_and_what_hit_it(client, titles):
    assert titles(client.get("/countries/FR/")) == ["Hits it", "Hits its group"]
    response = client.get("/countries/FR/", {"part": "government"})
    assert titles(response) == ["By its agency", "By the state"]
    assert [link.name for link in response.context["agencies"].links] == ["CNIL"]
    assert {way.part: [row["title"] for row in way.rows] for way in response.context["ways"]} == {
        "government": ["By its agency", "By the state"],
        "affected": ["Hits it", "Hits its group"],
    }


@pytest.mark.usefixtures("france")
def test_what_is_still_to_come_did_not_happen_to_a_country_lately(client, titles, time_machine):
    time_machine.move_to("2024-03-01T12:00:00Z")
    response = client.get("/countries/FR/")
    assert {way.part: [row["title"] for row in way.rows] for way in response.context["ways"]} == {
        "government": [],
        "affected": ["Hits it", "Hits its group"],
    }
    assert "Nothing on record has happened yet." in text_of(response)
    assert titles(client.get("/countries/FR/", {"part": "government"})) == ["By its agency", "By the state"]


@pytest.mark.usefixtures("france")
def test_a_countrys_code_may_be_typed_small(client):
    response = client.get("/countries/fr/")
    assert (response.status_code, response["Location"]) == (301, "/countries/FR/")
    assert client.get("/countries/de/").status_code == 404


def test_a_company_that_is_a_target_is_shown_as_such(client, titles):
    target = CompanyFactory(name="Huawei")
    event = EventFactory(title="Listed")
    EventCompanyFactory(event=event, company=target, role=CompanyRole.TARGET)
    publishing.publish(event, by=None)
    assert titles(client.get(target.get_absolute_url())) == ["Listed"]


# --------------------------------------------------------------------------------------------------------------- lists


def names(response):
    return [row["link"].name for row in response.context["rows"]]


def test_a_list_is_in_the_order_of_names_and_counts_events(client):
    for name in ("xAI", "Anthropic", "OpenAI"):
        published_event(actor=CompanyFactory(name=name))
    response = client.get(reverse("company-list"))
    assert names(response) == ["Anthropic", "OpenAI", "xAI"]
    assert [row["count"] for row in response.context["rows"]] == [1, 1, 1]


def test_a_list_is_narrowed_by_name_and_country(client):
    for name, code in (("Mistral", "FR"), ("Mistrust", "US"), ("Other", "FR")):
        publishing.publish_record(CompanyFactory(name=name, country=country(code)), by=None)
    assert names(client.get(reverse("company-list"), {"q": "mist"})) == ["Mistral", "Mistrust"]
    assert names(client.get(reverse("company-list"), {"country": "FR"})) == ["Mistral", "Other"]
    assert names(client.get(reverse("company-list"), {"q": "zzz"})) == []


@pytest.mark.parametrize("typed", ["ÉCOLE", "école", "col ÉC", "ДАННЫЕ", "groß"])
def test_a_list_is_narrowed_whatever_the_case_in_any_script(client, typed):
    for name in ("École Данные GROSS", "Ecole Other"):
        publishing.publish_record(CompanyFactory(name=name), by=None)
    assert names(client.get(reverse("company-list"), {"q": typed})) == ["École Данные GROSS"]


def test_a_narrowed_list_goes_on_by_name_in_both_directions(client, monkeypatch):
    monkeypatch.setattr("events.web.views.records.PAGE", 2)
    for name in ("É1", "É2", "É3", "É4", "X É5", "Other", "E6"):
        publishing.publish_record(CompanyFactory(name=name, slug=f"c{name[-1]}"), by=None)
    first = client.get(reverse("company-list"), {"q": "é"})
    second = client.get(first.context["paged"].older)
    third = client.get(second.context["paged"].older)
    found = [names(page) for page in (first, second, third)]
    assert [len(each) for each in found] == [2, 2, 1]
    assert {name for each in found for name in each} == {"X É5", "É1", "É2", "É3", "É4"}
    assert third.context["paged"].older == ""
    assert names(client.get(third.context["paged"].newer)) == found[1]
    assert names(client.get(second.context["paged"].newer)) == found[0]


def test_a_list_goes_on_by_name_in_both_directions(client, monkeypatch):
    monkeypatch.setattr("events.web.views.records.PAGE", 2)
    for name in ("A", "B", "C", "D", "E"):
        publishing.publish_record(CompanyFactory(name=name, slug=name.lower()), by=None)
    first = client.get(reverse("company-list"))
    second = client.get(first.context["paged"].older)
    third = client.get(second.context["paged"].older)
    assert [names(page) for page in (first, second, third)] == [["A", "B"], ["C", "D"], ["E"]]
    assert third.context["paged"].older == ""
    assert names(client.get(third.context["paged"].newer)) == ["C", "D"]
    assert names(client.get(second.context["paged"].newer)) == ["A", "B"]
    for bad in ("after=nobody", "after=%00x", "before=a&after=b"):
        response = client.get(f"{reverse('company-list')}?{bad}")
        assert names(response) == []
        assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("kind", [*FACTORIES, "country"])
def test_an_empty_list_says_so(client, kind):
    assert "is on record yet" in text_of(client.get(reverse(f"{kind}-list")))


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_record_has_a_history_of_what_changed(client, kind):
    record = FACTORIES[kind]()
    publishing.publish_record(record, by=None)
    record.aliases.create(name="Another name")
    publishing.correct(record, by=None, correction_class="clarification", note="It has another name.")
    page = client.get(record.get_absolute_url())
    response = client.get(page.context["history"])
    newest, first = response.context["revisions"]
    assert [(each.field, each.after) for each in newest["differences"]] == [("Aliases", "Another name")]
    assert (newest["class"], first["action"]) == ("Clarification", "Published")
    assert f"<small>{record}</small>" in response.content.decode()
    assert page.context["history"] in client.get(reverse("change-list")).content.decode()
