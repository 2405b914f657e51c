"""Each constraint of the database is broken once, and it is that very one which refuses."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from events.models import (
    AccessRecord,
    AgencyAlias,
    Change,
    CompanyAlias,
    Country,
    CountryGroup,
    Event,
    Export,
    ExportRequest,
    GroupRecord,
    LoadedEntry,
    LogHead,
    PolicyAlias,
    ProductAlias,
    PublicDocument,
    Reissue,
)
from tests.factories import (
    AccessRecordFactory,
    AgencyFactory,
    BareEventFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    ErrorReportFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    GroupRecordFactory,
    MembershipFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
)
from tests.models import desk

pytestmark = pytest.mark.django_db

DAY, NEXT_DAY = dt.date(2024, 7, 9), dt.date(2024, 7, 10)
NOW = dt.datetime(2024, 7, 9, tzinfo=dt.UTC)


def twice(factory: Any, **same: Any) -> None:
    factory(**same)
    factory(**same)


def a_country(**fields: str) -> None:
    Country.objects.create(**{"code": "QQ", "alpha3": "QQQ", "name": "Nowhere", "region_code": "030"} | fields)


def a_change(seq: int = 1, **fields: Any) -> Change:
    said = {"at": NOW, "type": "event", "key": "a", "action": "published", "hash": str(seq), "document": "{}"}
    return Change.objects.create(seq=seq, **said | fields)


def two_links(factory: Any, name: str, other: Any) -> None:
    link = factory()
    factory(event=link.event, **{name: getattr(link, name)} | other)


def public(**fields: Any) -> None:
    event = BareEventFactory()
    Event.objects.filter(pk=event.pk).update(**{"state": "published", "published_at": NOW} | fields)


def an_export(**fields: Any) -> Export:
    said = {"revision": 1, "head_hash": "0" * 64, "head_at": NOW, "created_at": NOW}
    return Export.objects.create(**said | fields)


def an_export_before_itself() -> None:
    export = an_export()
    Export.objects.filter(pk=export.pk).update(previous=export)


BREAKS: dict[str, Callable[[], Any]] = {
    "country_code_is_alpha_2": lambda: a_country(code="qq"),
    "country_alpha3_is_alpha_3": lambda: a_country(alpha3="QQ1"),
    "country_has_a_name": lambda: a_country(name=""),
    "export_of_a_revision": lambda: an_export(revision=0),
    "export_after_its_head": lambda: an_export(created_at=NOW - dt.timedelta(seconds=1)),
    "export_not_before_itself": an_export_before_itself,
    "exportrequest_answered_once_done": lambda: ExportRequest.objects.create(export=an_export()),
    "group_slug_well_formed": lambda: GroupFactory(slug="EU"),
    "group_has_a_name": lambda: GroupFactory(name=""),
    "group_name_unique": lambda: two_called_alike(GroupFactory),
    "group_checked_known": lambda: GroupFactory(checked="maybe"),
    "membership_ends_after_it_starts": lambda: MembershipFactory(since=DAY, until=DAY),
    "membership_once_a_start": lambda: two_memberships(
        {"since": DAY, "until": NEXT_DAY}, {"since": DAY, "until": dt.date(2025, 1, 1)}
    ),
    "membership_one_without_a_start": lambda: two_memberships({"until": DAY}, {"until": NEXT_DAY}),
    "membership_one_without_an_end": lambda: two_memberships({"since": DAY}, {"since": NEXT_DAY}),
    "agency_slug_well_formed": lambda: AgencyFactory(slug="a--b"),
    "agency_has_a_name": lambda: AgencyFactory(name=""),
    "agency_name_unique": lambda: two_called_alike(AgencyFactory),
    "agency_of_a_country_or_a_group": lambda: AgencyFactory(country=country("US"), group=GroupFactory()),
    "company_slug_well_formed": lambda: CompanyFactory(slug="-a"),
    "company_has_a_name": lambda: CompanyFactory(name=""),
    "company_name_unique": lambda: two_called_alike(CompanyFactory),
    "company_kind_known": lambda: CompanyFactory(kind="bakery"),
    "ownership_kind_known": lambda: OwnershipFactory(kind="rival"),
    "ownership_since_precision_known": lambda: OwnershipFactory(since_precision="hour"),
    "ownership_until_precision_known": lambda: OwnershipFactory(until_precision="hour"),
    "ownership_since_starts_its_period": lambda: OwnershipFactory(since=DAY, since_precision="month"),
    "ownership_until_starts_its_period": lambda: OwnershipFactory(until=DAY, until_precision="year"),
    "ownership_ends_after_it_starts": lambda: OwnershipFactory(since=DAY, until=DAY),
    "ownership_is_of_another": lambda: (one := CompanyFactory()) and OwnershipFactory(owner=one, owned=one),
    "ownership_once_a_start": lambda: two_ownerships(
        {"since": DAY, "until": NEXT_DAY}, {"since": DAY, "until": dt.date(2025, 1, 1)}
    ),
    "ownership_one_without_a_start": lambda: two_ownerships({"until": DAY}, {"until": NEXT_DAY}),
    "ownership_one_without_an_end": lambda: two_ownerships({"since": DAY}, {"since": NEXT_DAY}),
    "companyalias_not_empty": lambda: CompanyAlias.objects.create(of=CompanyFactory(), name=""),
    "companyalias_unique": lambda: two_aliases(CompanyAlias, CompanyFactory(), CompanyFactory()),
    "agencyalias_not_empty": lambda: AgencyAlias.objects.create(of=AgencyFactory(), name=""),
    "agencyalias_unique": lambda: two_aliases(AgencyAlias, AgencyFactory(), AgencyFactory()),
    "product_slug_well_formed": lambda: ProductFactory(slug="a_b"),
    "product_has_a_name": lambda: ProductFactory(name=""),
    "product_name_unique": lambda: two_called_alike(ProductFactory),
    "product_kind_known": lambda: ProductFactory(kind="toaster"),
    "product_serves_models_of_another": lambda: (
        (one := CompanyFactory()) and ProductFactory(company=one, models_from=one)
    ),
    "productalias_not_empty": lambda: ProductAlias.objects.create(of=ProductFactory(), name=""),
    "productalias_once_a_product": lambda: (one := ProductFactory()) and two_aliases(ProductAlias, one, one),
    "policy_slug_well_formed": lambda: PolicyFactory(slug=""),
    "policy_has_a_title": lambda: PolicyFactory(title=""),
    "policy_title_unique": lambda: two_called_alike(PolicyFactory, "title"),
    "policy_kind_known": lambda: PolicyFactory(kind="rumor"),
    "policy_has_one_issuer": lambda: PolicyFactory(company=CompanyFactory()),
    "policyalias_not_empty": lambda: PolicyAlias.objects.create(of=PolicyFactory(), name=""),
    "policyalias_unique": lambda: two_aliases(PolicyAlias, PolicyFactory(), PolicyFactory()),
    "publisher_slug_well_formed": lambda: PublisherFactory(slug="é"),
    "publisher_has_a_name": lambda: PublisherFactory(name=""),
    "publisher_name_unique": lambda: two_called_alike(PublisherFactory),
    "publisher_kind_known": lambda: PublisherFactory(kind="pub"),
    "publisher_of_a_country_or_a_group": lambda: PublisherFactory(country=country("US"), group=GroupFactory()),
    "source_slug_is_12_hex_digits": lambda: SourceFactory(slug="0123456789AB", normalized_url="https://a.example/"),
    "source_has_a_title": lambda: SourceFactory(title=""),
    "source_has_a_url": lambda: SourceFactory(url="", slug="0" * 12, normalized_url="https://a.example/"),
    "source_tier_known": lambda: SourceFactory(tier="quaternary"),
    "source_relays_another": lambda: (one := PublisherFactory()) and SourceFactory(publisher=one, relays=one),
    "event_slug_well_formed": lambda: BareEventFactory(slug="A"),
    "event_slug_not_reserved": lambda: BareEventFactory(slug="latest"),
    "event_certainty_known": lambda: BareEventFactory(certainty="sure"),
    "event_precision_known": lambda: BareEventFactory(date_precision="week", date=None),
    "event_state_known": lambda: BareEventFactory(state="gone", published_at=NOW),
    "event_kind_known": lambda: BareEventFactory(kind="party"),
    "event_checked_known": lambda: BareEventFactory(checked="maybe"),
    "event_date_starts_its_period": lambda: BareEventFactory(date_precision="quarter"),
    "event_ends_on_or_after_its_date": lambda: BareEventFactory(end_date=dt.date(2024, 7, 8)),
    "event_complete_when_public": lambda: public(kind=""),
    "event_retracted_with_reason": lambda: public(state="retracted", retracted_on=DAY),
    "event_merged_into_another": lambda: public(state="merged"),
    "eventcompany_once": lambda: two_links(EventCompanyFactory, "company", {"role": "target"}),
    "eventcompany_role_known": lambda: EventCompanyFactory(role="acting"),
    "eventagency_once": lambda: two_links(EventAgencyFactory, "agency", {}),
    "eventcountry_once": lambda: two_links(EventCountryFactory, "country", {"role": "acting"}),
    "eventcountry_role_known": lambda: EventCountryFactory(role="actor"),
    "eventgroup_once": lambda: two_links(EventGroupFactory, "group", {"role": "acting"}),
    "eventgroup_role_known": lambda: EventGroupFactory(role="actor"),
    "eventproduct_once": lambda: two_links(EventProductFactory, "product", {}),
    "eventpolicy_once": lambda: two_links(EventPolicyFactory, "policy", {"relation": "adopts"}),
    "eventpolicy_relation_known": lambda: EventPolicyFactory(relation="likes"),
    "eventrelation_once": lambda: two_links(EventRelationFactory, "earlier", {"relation": "amends"}),
    "eventrelation_relation_known": lambda: EventRelationFactory(relation="likes"),
    "eventrelation_to_another": lambda: (one := BareEventFactory()) and EventRelationFactory(event=one, earlier=one),
    "effect_number_once_an_event": lambda: twice(EffectFactory, event=BareEventFactory(), number=1),
    "effect_number_from_1": lambda: effect_numbered_0(),
    "effect_on_a_country_or_a_group": lambda: EffectFactory(group=GroupFactory()),
    "effect_exceptions_of_a_group": lambda: EffectFactory(exceptions=["CN"]),
    "effect_ends_on_or_after_its_start": lambda: EffectFactory(until=dt.date(2024, 7, 8)),
    "effect_status_known": lambda: EffectFactory(status="ajar"),
    "effect_precision_known": lambda: effect_of_a_week(),
    "effect_date_starts_its_period": lambda: EffectFactory(date_precision="month"),
    "citation_number_once_an_event": lambda: twice(CitationFactory, event=BareEventFactory(), number=1),
    "citation_number_from_1": lambda: citation_numbered_0(),
    "citation_quote_is_short": lambda: a_long_quote(),
    "citation_stance_known": lambda: CitationFactory(stance="neutral"),
    "citation_about_known": lambda: CitationFactory(about="weather"),
    "citation_about_an_effect_names_it": lambda: CitationFactory(about="effect"),
    "change_seq_from_1": lambda: a_change(seq=0),
    "change_type_known": lambda: a_change(type="rumor"),
    "change_action_known": lambda: a_change(action="forged"),
    "change_class_where_corrected": lambda: a_change(correction_class="clerical"),
    "change_note_where_needed": lambda: a_change(action="retracted"),
    "change_hash_unique": lambda: [a_change(seq=seq, hash="a") for seq in (1, 2)],
    "loghead_is_one_row": lambda: LogHead.objects.create(id=2),
    "publicdocument_once_a_record": lambda: [
        PublicDocument.objects.create(type="event", key="a", change=a_change(seq)) for seq in (1, 2)
    ],
    "publicdocument_type_known": lambda: PublicDocument.objects.create(type="rumor", key="a", change=a_change()),
    "reissue_type_known": lambda: Reissue.objects.create(type="rumor", key="a", embedders=True),
    "reissue_once_outstanding": lambda: twice(Reissue.objects.create, type="event", key="a", embedders=True),
    "accessrecord_once_a_revision": lambda: two_records(
        AccessRecordFactory, {"recorded_until": 5}, {"recorded_until": 6}, event="a"
    ),
    "accessrecord_one_open_an_effect": lambda: two_records(
        AccessRecordFactory, {"recorded_from": 1}, {"recorded_from": 2}, event="a"
    ),
    "accessrecord_closed_later": lambda: a_closed_record("accessrecord", AccessRecordFactory),
    "accessrecord_ends_on_or_after_its_start": lambda: AccessRecordFactory(until=dt.date(2024, 7, 8)),
    "accessrecord_exceptions_of_a_group": lambda: AccessRecordFactory(exceptions="CN"),
    "accessrecord_status_known": lambda: AccessRecordFactory(status="ajar"),
    "accessrecord_precision_known": lambda: AccessRecordFactory(date_precision="week"),
    "grouprecord_once_a_revision": lambda: two_records(
        GroupRecordFactory, {"recorded_until": 5}, {"recorded_until": 6}, group="eu", since=DAY
    ),
    "grouprecord_one_open": lambda: two_records(
        GroupRecordFactory, {"recorded_from": 1}, {"recorded_from": 2}, group="eu", since=DAY
    ),
    "grouprecord_closed_later": lambda: a_closed_record("grouprecord", GroupRecordFactory),
    "grouprecord_since_before_until": lambda: a_membership_of_no_day(),
    "loadedentry_once": lambda: twice(LoadedEntry.objects.create, type="event", key="a"),
    "errorreport_state_known": lambda: ErrorReportFactory(state="lost", answered_at=NOW),
    "errorreport_says_something": lambda: ErrorReportFactory(message=""),
    "errorreport_path_on_this_site": lambda: ErrorReportFactory(path="//elsewhere.example/"),
    "errorreport_revision_not_negative": lambda: ErrorReportFactory(revision=-1),
    "errorreport_answered_or_received": lambda: ErrorReportFactory(state="declined", answer="It is right."),
    "errorreport_correction_where_accepted": lambda: ErrorReportFactory(state="accepted", answered_at=NOW),
    "errorreport_reason_where_declined": lambda: ErrorReportFactory(state="declined", answered_at=NOW),
}


def two_called_alike(factory: Any, field: str = "name") -> None:
    for name in ("OpenAI", "openAI"):
        factory(**{field: name})


def two_memberships(first: Any, second: Any) -> None:
    # PostgreSQL's exclusion would refuse some of these first; it has a test of its own, below.
    without("events_membership", "membership_spans_apart")
    group = GroupFactory()
    MembershipFactory(group=group, **first)
    MembershipFactory(group=group, **second)


def two_ownerships(first: Any, second: Any) -> None:
    without("events_ownership", "ownership_spans_apart")
    ownership = OwnershipFactory(**first)
    OwnershipFactory(owner=ownership.owner, owned=ownership.owned, **second)


def two_records(factory: Any, first: Any, second: Any, **same: Any) -> None:
    table = factory._meta.model._meta.db_table
    without(table, f"{table.removeprefix('events_')}_held_once")
    factory(**same, **first)
    factory(**same, **second)


def a_closed_record(name: str, factory: Any) -> None:
    without(f"events_{name}", f"{name}_held_once")  # a range that ends before it begins is refused by it too
    factory(recorded_from=2, recorded_until=2)


def a_membership_of_no_day() -> None:
    without("events_grouprecord", "grouprecord_held_once")
    GroupRecordFactory(since=DAY, until=DAY)


def without(table: str, name: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")  # rolled back with the test


def two_aliases(model: Any, one: models.Model, other: models.Model) -> Any:
    model.objects.create(of=one, name="Müller")
    model.objects.create(of=other, name="müller" if connection.vendor == "postgresql" else "MüLLER")


def effect_of_a_week() -> None:
    without("events_accesseffect", "effect_date_starts_its_period")  # it refuses this too
    EffectFactory(date_precision="week")


def merged_into_itself(factory: Any) -> None:
    record = factory()
    record.merged_into = record
    record.save()


def a_long_quote() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # the type of its column refuses this too; rolled back with the test
            cursor.execute("ALTER TABLE events_citation ALTER COLUMN quote TYPE text")
    CitationFactory(quote="a" * 301)


def effect_numbered_0() -> None:
    effect = EffectFactory()
    effect.number = 0
    effect.save()


def citation_numbered_0() -> None:
    citation = CitationFactory()
    citation.number = 0
    citation.save()


BREAKS |= desk.BREAKS
BREAKS |= {
    f"{factory._meta.model._meta.model_name}_merged_into_another": partial(merged_into_itself, factory)
    for factory in (AgencyFactory, CompanyFactory, PolicyFactory, ProductFactory, PublisherFactory, SourceFactory)
}


def constraints_of_the_record() -> dict[str, models.BaseConstraint]:
    return {
        constraint.name: constraint
        for model in apps.get_app_config("events").get_models()
        for constraint in model._meta.constraints
    }


def test_every_constraint_has_a_case():
    assert set(BREAKS) == set(constraints_of_the_record())


@pytest.mark.parametrize("name", BREAKS)
def test_constraint_holds_in_the_database(name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BREAKS[name]()
    constraint = constraints_of_the_record()[name]
    if connection.vendor == "postgresql" or isinstance(constraint, models.CheckConstraint) or constraint.expressions:
        assert name in str(refused.value)
    else:  # SQLite names the columns
        assert str(refused.value).startswith("UNIQUE constraint failed")


def test_an_event_is_not_merged_into_itself():
    event = BareEventFactory()
    with pytest.raises(IntegrityError, match="event_merged_into_another"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(state="merged", merged_into=event)


def test_each_export_has_one_that_follows_it():
    first = an_export()
    an_export(previous=first)
    with pytest.raises(IntegrityError):
        an_export(previous=first)


SPANS = [({"since": DAY}, {"until": NEXT_DAY}), ({"since": DAY}, {"since": NEXT_DAY, "until": dt.date(2025, 1, 1)})]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot exclude ranges")
@pytest.mark.parametrize("spans", SPANS)
def test_memberships_of_one_country_do_not_overlap(spans):
    group = GroupFactory()
    MembershipFactory(group=group, **spans[0])
    with pytest.raises(IntegrityError, match="membership_spans_apart"):
        MembershipFactory(group=group, **spans[1])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot exclude ranges")
@pytest.mark.parametrize("spans", SPANS)
def test_ownerships_of_one_kind_do_not_overlap(spans):
    ownership = OwnershipFactory(**spans[0])
    with pytest.raises(IntegrityError, match="ownership_spans_apart"):
        OwnershipFactory(owner=ownership.owner, owned=ownership.owned, **spans[1])


REVISIONS = [
    ({}, {"recorded_from": 7, "recorded_until": 9}),
    ({"recorded_until": 5}, {"recorded_from": 4}),
    ({"recorded_from": 3, "recorded_until": 5}, {"recorded_until": 9}),
]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot exclude ranges")
@pytest.mark.parametrize("revisions", REVISIONS)
def test_records_of_one_effect_do_not_overlap(revisions):
    AccessRecordFactory(event="a", **revisions[0])
    with pytest.raises(IntegrityError, match="accessrecord_held_once"):
        AccessRecordFactory(event="a", **revisions[1])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot exclude ranges")
@pytest.mark.parametrize("revisions", REVISIONS)
@pytest.mark.parametrize("spans", [*SPANS, ({}, {}), ({}, {"since": DAY})])
def test_records_of_one_membership_do_not_overlap(revisions, spans):
    GroupRecordFactory(group="eu", **revisions[0], **spans[0])
    with pytest.raises(IntegrityError, match="grouprecord_held_once"):
        GroupRecordFactory(group="eu", **revisions[1], **spans[1])


def test_records_may_follow_closed_ones_at_the_same_revision():
    for factory, same in [(AccessRecordFactory, {"event": "a"}), (GroupRecordFactory, {"group": "eu"})]:
        factory(recorded_until=5, **same)
        factory(recorded_from=5, **same)
        assert [row.recorded_from for row in factory._meta.model.objects.current()] == [5]


def test_records_of_other_effects_and_memberships_may_overlap():
    for effect in ({"effect": 1}, {"effect": 2}, {"event": "b"}):
        AccessRecordFactory(**{"event": "a"} | effect)
    for membership in ({"until": DAY}, {"since": DAY}, {"country": "RU"}, {"group": "g7"}):
        GroupRecordFactory(**{"group": "eu"} | membership)
    assert (AccessRecord.objects.count(), GroupRecord.objects.count()) == (3, 4)


def test_exceptions_may_be_those_of_a_group():
    assert AccessRecordFactory(place="eu", exceptions="DE FR").pk


def test_a_membership_may_follow_an_ended_one_on_the_same_day():
    group = GroupFactory()
    MembershipFactory(group=group, since=DAY, until=NEXT_DAY)
    MembershipFactory(group=group, since=NEXT_DAY)
    assert CountryGroup.objects.get().memberships.count() == 2
