"""Documents that embed a record are made anew when it changes: each entry of the table, by changing the record."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from events.choices import Action, CompanyRole, PlaceRole, RecordType
from events.documents import EMBEDDED_IN, type_of
from events.models import Change, CompanyAlias, Country, Event, LogHead, PublicDocument, Reissue, SearchRow
from events.services import publishing, reissue
from events.tasks.reissue import run_reissues
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    MembershipFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
    published_event,
)
from tests.services.record import correct

pytestmark = pytest.mark.django_db

RECORDS: dict[str, Callable[[], Any]] = {
    RecordType.COUNTRY: lambda: country("CN"),
    RecordType.GROUP: GroupFactory,
    RecordType.AGENCY: AgencyFactory,
    RecordType.COMPANY: CompanyFactory,
    RecordType.PRODUCT: ProductFactory,
    RecordType.POLICY: PolicyFactory,
    RecordType.PUBLISHER: PublisherFactory,
    RecordType.SOURCE: SourceFactory,
    RecordType.EVENT: lambda: published_event(slug="earlier", date=dt.date(2024, 1, 1)),
}


def event_with(make: Callable[[Event], Any]) -> Event:
    event = EventFactory(slug="later")
    make(event)
    return event


# How to make a row of the embedding type that embeds the record by the lookup, before anything is public.
EMBEDDERS: dict[tuple[str, str, str], Callable[[Any], Any]] = {
    ("country", "group", "memberships__country"): lambda row: MembershipFactory(country=row).group,
    ("country", "agency", "country"): lambda row: AgencyFactory(country=row),
    ("country", "company", "country"): lambda row: CompanyFactory(country=row),
    ("country", "policy", "country"): lambda row: PolicyFactory(country=row),
    ("country", "publisher", "country"): lambda row: PublisherFactory(country=row),
    ("country", "event", "country_links__country"): lambda row: event_with(
        lambda event: EventCountryFactory(event=event, country=row)
    ),
    ("group", "agency", "group"): lambda row: AgencyFactory(group=row),
    ("group", "publisher", "group"): lambda row: PublisherFactory(group=row),
    ("group", "event", "group_links__group"): lambda row: event_with(
        lambda event: EventGroupFactory(event=event, group=row)
    ),
    ("group", "event", "effects__group"): lambda row: after_the_world(row),
    ("group", "event", "agency_links__agency__group"): lambda row: event_with(
        lambda event: [
            EventAgencyFactory(event=event, agency=AgencyFactory(group=row)),
            EffectFactory(event=event),
        ]
    ),
    ("agency", "group", "issuer"): lambda row: GroupFactory(issuer=row),
    ("agency", "policy", "agency"): lambda row: PolicyFactory(agency=row),
    ("agency", "event", "agency_links__agency"): lambda row: event_with(
        lambda event: EventAgencyFactory(event=event, agency=row)
    ),
    ("company", "company", "owns__owned"): lambda row: OwnershipFactory(owned=row).owner,
    ("company", "company", "owned_by__owner"): lambda row: OwnershipFactory(owner=row).owned,
    ("company", "product", "company"): lambda row: ProductFactory(company=row),
    ("company", "product", "models_from"): lambda row: ProductFactory(models_from=row),
    ("company", "policy", "company"): lambda row: PolicyFactory(agency=None, company=row),
    ("company", "event", "company_links__company"): lambda row: event_with(
        lambda event: EventCompanyFactory(event=event, company=row, role=CompanyRole.AFFECTED)
    ),
    ("company", "event", "company_links__company__owned_by__owner"): lambda row: event_with(
        lambda event: [
            OwnershipFactory(owner=row, owned=event.companies.get()),
            EffectFactory(event=event, product=ProductFactory(company=row)),
        ]
    ),
    ("product", "event", "product_links__product"): lambda row: event_with(
        lambda event: EventProductFactory(event=event, product=row)
    ),
    ("product", "event", "effects__product"): lambda row: event_with(
        lambda event: [
            EffectFactory(event=event, product=row),
            type(row).objects.filter(pk=row.pk).update(company=event.companies.get()),
        ]
    ),
    ("policy", "event", "policy_links__policy"): lambda row: event_with(
        lambda event: EventPolicyFactory(event=event, policy=row)
    ),
    ("publisher", "source", "publisher"): lambda row: SourceFactory(publisher=row),
    ("publisher", "source", "relays"): lambda row: SourceFactory(relays=row),
    ("publisher", "event", "citations__source__publisher"): lambda row: event_with(
        lambda event: CitationFactory(event=event, source=SourceFactory(publisher=row))
    ),
    ("publisher", "event", "citations__source__relays"): lambda row: event_with(
        lambda event: CitationFactory(event=event, source=SourceFactory(relays=row))
    ),
    ("source", "event", "citations__source"): lambda row: event_with(
        lambda event: CitationFactory(event=event, source=row)
    ),
    ("event", "event", "relation_links__earlier"): lambda row: event_with(
        lambda event: EventRelationFactory(event=event, earlier=row)
    ),
    ("event", "policy", "event_links__event"): lambda row: EventPolicyFactory(event=row).policy,
}


def after_the_world(group: Any) -> Event:
    """An event whose effect on a member follows one on the group, so that its direction hangs on the membership."""
    product, event = ProductFactory(), EventFactory(slug="later")
    EffectFactory(event=event, product=product, country=None, group=group, effective_date=dt.date(2024, 1, 1))
    return event


def change_it(row: Any, lookup: str) -> None:
    """Change what the embedding document shows of the record: its name, or what a derived value hangs on."""
    if lookup == "effects__group":  # only its slug is shown, so the document is made anew and comes out equal
        row.note = "As of 2024."
    elif lookup == "agency_links__agency__group":
        MembershipFactory(group=row, country=country("CN"))
    elif lookup == "company_links__company__owned_by__owner":
        row.owns.all().delete()
    elif lookup == "effects__product":
        row.company = None
    elif lookup == "event_links__event":
        row.date = dt.date(2023, 1, 1)
    else:
        setattr(row, "title" if hasattr(row, "title") else "name", "Renamed")
    row.save()


def test_every_entry_of_the_table_has_a_case():
    table = {(record, embedder, lookup) for record, entries in EMBEDDED_IN.items() for embedder, lookup in entries}
    assert set(EMBEDDERS) == table


def make_public(row: Any) -> None:
    if isinstance(row, Event):
        if not publishing.is_public(row):
            publishing.publish(row, by=None)
    elif not publishing.is_public(row):
        publishing.publish_record(row, by=None)


@pytest.mark.parametrize(("record", "embedder", "lookup"), EMBEDDERS)
def test_changing_a_record_has_what_embeds_it_made_anew(record, embedder, lookup, verified):
    row = RECORDS[record]()
    embedding = EMBEDDERS[record, embedder, lookup](row)
    make_public(row)
    make_public(embedding)
    reissue.run_outstanding()
    before = newest(embedding)
    row = type(row).objects.get(pk=row.pk)
    with publishing.recording():
        change_it(row, lookup)
        publishing.correct(row, by=None, correction_class="clerical", note="It changed.")
    assert newest(embedding) == before
    assert found_by(record, row, embedder, lookup, embedding)
    reissue.run_outstanding()
    if lookup != "effects__group":
        assert newest(embedding).action == Action.REISSUED
        assert without_revision(newest(embedding)) != without_revision(before)
    assert verified() == []


def found_by(record, row, embedder, lookup, embedding) -> bool:
    assert type_of(embedding) == embedder
    return type(embedding)._default_manager.filter(pk=embedding.pk, **{lookup: row}).exists() or (
        lookup == "company_links__company__owned_by__owner"  # the ownership ended: found by the older document
    )


def newest(row: Any) -> Change:
    return PublicDocument.objects.get(type=type_of(row), key=row.key).change


def without_revision(change: Change) -> dict[str, Any]:
    return json.loads(change.document or "{}") | {"revision": 0}


class TestRunning:
    @pytest.fixture
    def company(self):
        """Of five events, and one draft."""
        company = CompanyFactory(name="Old")
        publishing.publish_many([EventFactory(actor=company) for _ in range(5)], by=None)
        EventFactory(actor=company)
        reissue.run_outstanding()
        return company

    def test_appends_a_reissue_for_each_document(self, company, verified):
        correct(company, name="New")
        assert reissue.run_outstanding() == 5
        assert Change.objects.filter(action=Action.REISSUED, type="event").count() == 5
        assert verified() == []

    def test_is_a_task_that_may_run_twice(self, company):
        correct(company, name="New")
        assert run_reissues.name == "events.tasks.reissue.run_reissues"
        run_reissues()
        head = LogHead.objects.get().seq
        run_reissues()
        assert (Reissue.objects.outstanding().count(), LogHead.objects.get().seq) == (0, head)

    def test_leaves_the_time_of_the_last_change_alone(self, company):
        before = dict(Event.objects.values_list("pk", "updated_at"))
        correct(company, name="New")
        reissue.run_outstanding()
        assert dict(Event.objects.values_list("pk", "updated_at")) == before

    def test_appends_nothing_where_documents_come_out_equal(self, company):
        with publishing.recording():
            CompanyAlias.objects.create(of=company, name="Another Name")
            publishing.correct(company, by=None, correction_class="clerical", note="x")
        assert reissue.run_outstanding() == 0

    def test_brings_new_aliases_into_the_search_index(self, company, verified):
        before = dict(SearchRow.objects.values_list("pk", "tokens"))
        with publishing.recording():
            CompanyAlias.objects.create(of=company, name="Zyxwv")
            publishing.correct(company, by=None, correction_class="clerical", note="x")
        reissue.run_outstanding()
        after = dict(SearchRow.objects.values_list("pk", "tokens"))
        assert {pk for pk in after if after[pk] != before[pk] and "zyxwv" in after[pk]} == set(after)
        assert verified() == []

    @pytest.mark.parametrize("batch", [1, 2, 3, 5, 100])
    def test_gets_there_in_batches_of_any_size(self, company, verified, monkeypatch, batch):
        monkeypatch.setattr(reissue, "BATCH", batch)
        correct(company, name="New")
        assert reissue.run_outstanding() == 5
        assert (Reissue.objects.outstanding().count(), verified()) == (0, [])

    @pytest.mark.parametrize(
        ("size", "took", "following"),
        [(400, 1.0, 200), (100, 0.4, 125), (100, 0.01, 200), (400, 0.01, 500), (200, 60.0, 100)],
    )
    def test_takes_as_many_at_once_as_half_a_second_makes(self, size, took, following):
        assert reissue.fitting(size, took) == following

    def test_makes_no_more_at_once_than_it_is_told(self, company):
        correct(company, name="New")
        request = Reissue.objects.outstanding().get()
        assert [reissue.run_batch(request, size=2), reissue.run_batch(request, size=1)] == [2, 1]

    def test_stops_when_its_time_is_up_and_goes_on_later(self, company, monkeypatch, verified):
        monkeypatch.setattr(reissue, "BATCH", 2)
        correct(company, name="New")
        assert reissue.run_outstanding(seconds=0) == 2
        assert Reissue.objects.outstanding().count() == 1
        assert verified() == []
        assert reissue.run_outstanding() == 3

    def test_starts_over_when_the_record_changes_meanwhile(self, company, monkeypatch):
        monkeypatch.setattr(reissue, "BATCH", 2)
        correct(company, name="New")
        reissue.run_outstanding(seconds=0)
        correct(company, name="Newer")
        assert Reissue.objects.outstanding().get().cursor == ""
        reissue.run_outstanding()
        names = {json.loads(public.change.document)["companies"][0]["name"] for public in events_public()}
        assert names == {"Newer"}

    def test_is_finished_by_whoever_comes_first(self, company):
        correct(company, name="New")
        request = Reissue.objects.outstanding().get()
        reissue.run_outstanding()
        assert reissue.run_batch(request, size=500) == 0

    def test_passes_over_a_record_that_is_gone(self, company):
        Reissue.objects.create(type="company", key="nobody", embedders=True)
        Reissue.objects.create(type="policy", key="nothing", embedders=False)
        before = LogHead.objects.get().seq
        assert reissue.run_outstanding() == 0
        assert (Reissue.objects.outstanding().count(), LogHead.objects.get().seq) == (0, before)

    def test_leaves_merged_and_draft_documents_alone(self, company):
        one, two = events_public()[:2]
        publishing.merge(
            Event.objects.get(slug=one.key), into=Event.objects.get(slug=two.key), by=None, note="The same."
        )
        reissue.run_outstanding()
        correct(company, name="New")
        assert reissue.run_outstanding() == 4

    def test_keeps_a_retraction_a_retraction(self, company, verified):
        event = Event.objects.published()[0]
        publishing.retract(event, by=None, reason="Wrong.")
        correct(company, name="New")
        reissue.run_outstanding()
        change = newest(event)
        assert (change.action, json.loads(change.document)["state"]) == (Action.REISSUED, "retracted")
        assert verified() == []


def events_public() -> list[PublicDocument]:
    return list(PublicDocument.objects.of_type("event").with_document())


def test_a_renamed_country_reaches_events_through_their_place():
    event = EventFactory()
    EventCountryFactory(event=event, role=PlaceRole.AFFECTED)
    publishing.publish(event, by=None)
    correct(Country.objects.get(code="CN"), name="Renamed")
    reissue.run_outstanding()
    assert json.loads(newest(event).document)["countries"][0]["name"] == "Renamed"


def test_a_draft_that_embeds_a_record_stays_a_draft():
    company = CompanyFactory()
    publishing.publish_record(company, by=None)
    EventCompanyFactory(event=BareEventFactory(), company=company)
    correct(company, name="New")
    assert reissue.run_outstanding() == 0
