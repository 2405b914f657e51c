"""What editors cannot bring about, so that whatever is public can be exported and loaded again."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from events.choices import CompanyRole, State
from events.models import (
    AccessEffect,
    Agency,
    AgencyAlias,
    Company,
    CompanyAlias,
    Event,
    EventRelation,
    PolicyAlias,
    Product,
    ProductAlias,
    Source,
)
from events.services import publishing, rules
from events.services.dataset import exporting, loading
from events.services.publishing import PublishingError
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CompanyFactory,
    EffectFactory,
    EventCompanyFactory,
    EventFactory,
    EventRelationFactory,
    GroupFactory,
    MembershipFactory,
    PolicyFactory,
    ProductFactory,
    SourceFactory,
    published_event,
)

pytestmark = pytest.mark.django_db
EARLY, LATE = dt.date(2024, 7, 1), dt.date(2024, 7, 9)


def corrected(row, **fields):
    with publishing.recording():
        if fields:
            type(row).objects.filter(pk=row.pk).update(**fields)
        return publishing.correct(row, by=None, correction_class="clerical", note="A slip.")


def related(**options) -> tuple[Event, Event]:
    """Two published events, the second related to the first."""
    earlier, later = EventFactory(title="First", date=EARLY), EventFactory(title="Second", **{"date": LATE} | options)
    EventRelationFactory(event=later, earlier=earlier)
    publishing.publish_many([earlier, later], by=None)
    return earlier, later


class TestDates:
    def test_of_an_event_do_not_go_past_those_that_relate_to_it(self):
        earlier, _ = related()
        with pytest.raises(PublishingError, match="“Second”, which relates to it, is earlier than it"):
            corrected(earlier, date=dt.date(2024, 7, 10))
        assert Event.objects.get(title="First").date == EARLY
        corrected(earlier, date=LATE)

    def test_of_a_draft_are_held_to_published_events_too(self):
        draft = EventFactory(title="First", date=EARLY)
        later = EventFactory(title="Second", date=LATE)
        EventRelationFactory(event=later, earlier=draft)
        publishing.publish(later, by=None)
        Event.objects.filter(pk=draft.pk).update(date=dt.date(2024, 7, 10))
        with pytest.raises(PublishingError, match="“Second”, which relates to it"):
            publishing.publish(draft, by=None)

    @pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
    def test_of_drafts_do_not_count(self, state):
        earlier = published_event(date=EARLY)
        EventRelationFactory(event=BareEventFactory(date=LATE, state=state), earlier=earlier)
        corrected(earlier, date=dt.date(2024, 7, 10))

    def test_of_retracted_events_do_not_count_here_and_in_the_data_set(self, tmp_path):
        with transaction.atomic():
            earlier, later = related()
            publishing.retract(later, by=None, reason="Wrong.")
            corrected(earlier, date=dt.date(2024, 7, 10))
            EventRelationFactory(event=earlier, earlier=later)  # no circle, as its own relations do not count
            publishing.correct(earlier, by=None, correction_class="clerical", note="It came after.")
            exporting.export(tmp_path)
            transaction.set_rollback(True)
        loading.load(loading.read(tmp_path))
        assert EventRelation.objects.count() == 2

    def test_hold_when_events_are_merged(self):
        earlier, later = related()
        other = published_event(title="Other", date=dt.date(2024, 7, 20))
        with pytest.raises(PublishingError, match="“Other”: “Second”, which relates to it, is earlier than it"):
            publishing.merge(earlier, into=other, by=None, note="The same.")
        early = published_event(title="Early", date=dt.date(2024, 6, 1))
        with pytest.raises(PublishingError, match="“Early”: “First”, to which it relates, is later than it"):
            publishing.merge(later, into=early, by=None, note="The same.")
        assert {event.state for event in Event.objects.all()} == {State.PUBLISHED}
        assert EventRelation.objects.get().earlier == earlier


class TestCircles:
    def test_are_refused_in_a_batch(self):
        one, two = EventFactory(title="One"), EventFactory(title="Two")
        EventRelationFactory(event=one, earlier=two)
        EventRelationFactory(event=two, earlier=one)
        with pytest.raises(PublishingError, match=r"Relations lead in a circle: “(One|Two)”, “(One|Two)”, “(One|Two)”"):
            publishing.publish_many([one, two], by=None)

    def test_through_published_events_are_refused_when_it_is_published(self):
        one, two, three = (EventFactory(title=title) for title in ("One", "Two", "Three"))
        for event, earlier in ((one, two), (two, three), (three, one)):
            EventRelationFactory(event=event, earlier=earlier)
        publishing.publish(one, by=None)
        publishing.publish(two, by=None)
        with pytest.raises(PublishingError, match="“Three”: Relations lead in a circle: "):
            publishing.publish(three, by=None)

    def test_are_refused_when_it_is_corrected(self):
        one, two = related(date=EARLY)
        EventRelationFactory(event=one, earlier=two)
        with pytest.raises(PublishingError, match="circle"):
            corrected(one)

    def test_are_refused_when_events_are_merged(self):
        one, two = related(date=EARLY)
        three = EventFactory(title="Third", date=EARLY)
        EventRelationFactory(event=three, earlier=two)
        publishing.publish(three, by=None)
        with pytest.raises(PublishingError, match="Relations lead in a circle"):
            publishing.merge(three, into=one, by=None, note="The same.")
        assert EventRelation.objects.count() == 2


class TestProducts:
    def test_of_effects_are_among_the_events(self):
        event = EventFactory()
        EffectFactory(event=event, product__name="A chip")
        event.product_links.all().delete()
        problem = "“A chip”, on which it has an effect, is not among its products."
        assert rules.missing_for_publication(event) == [problem]
        with pytest.raises(PublishingError, match="not among its products"):
            publishing.publish(event, by=None)

    def test_of_effects_are_not_taken_away_by_a_correction(self):
        event = EventFactory()
        EffectFactory(event=event)
        publishing.publish(event, by=None)
        event.product_links.all().delete()
        with pytest.raises(PublishingError, match="not among its products"):
            corrected(event)

    def test_when_merged_go_over_in_effects_and_in_lists(self):
        one, two, event = ProductFactory(), ProductFactory(), EventFactory()
        EffectFactory(event=event, product=one)
        EffectFactory(event=event, product=two, effective_date=dt.date(2024, 8, 1))
        publishing.publish(event, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert [link.product for link in event.product_links.all()] == [two]
        assert rules.missing_for_publication(Event.objects.get()) == []

    def test_are_not_merged_where_their_effects_contradict_each_other(self):
        one, two, event, other = ProductFactory(), ProductFactory(), EventFactory(), EventFactory()
        EffectFactory(event=event, product=one)
        EffectFactory(event=other, product=two, status="available")
        publishing.publish_many([event, other], by=None)
        with pytest.raises(PublishingError, match=r"cannot be merged as they stand.*is available by"):
            publishing.merge(one, into=two, by=None, note="The same.")
        assert AccessEffect.objects.filter(product=one).count() == 1


def test_merged_company_has_acted_where_either_of_the_two_had():
    actor, target = CompanyFactory(), CompanyFactory()
    event = EventFactory(actor=actor)
    EventCompanyFactory(event=event, company=target, role=CompanyRole.TARGET)
    publishing.publish(event, by=None)
    publishing.merge(actor, into=target, by=None, note="The same.")
    assert [(link.company, link.role) for link in event.company_links.all()] == [(target, CompanyRole.ACTOR)]


@pytest.mark.parametrize("note", ["", "  "])
def test_merger_needs_a_note(note):
    with pytest.raises(PublishingError, match="note"):
        publishing.merge(published_event(), into=published_event(), by=None, note=note)


def test_what_was_merged_is_named_by_what_it_became():
    old, new = published_event(title="Old").companies.get(), published_event().companies.get()
    publishing.merge(old, into=new, by=None, note="The same.")
    draft = EventFactory(actor=Company.objects.get(pk=old.pk))
    with pytest.raises(PublishingError, match=f"“{old}” is now “{new}”"):
        publishing.publish(draft, by=None)
    gone, event = published_event(title="Gone"), published_event(title="Here")
    publishing.merge(gone, into=event, by=None, note="The same.")
    later = EventFactory(date=dt.date(2025, 1, 1))
    EventRelationFactory(event=later, earlier=gone)
    with pytest.raises(PublishingError, match="“Gone” is now “Here”"):
        publishing.publish(later, by=None)


NAMED = [
    (CompanyFactory, CompanyAlias, "name"),
    (AgencyFactory, AgencyAlias, "name"),
    (PolicyFactory, PolicyAlias, "title"),
]


@pytest.mark.parametrize(("factory", "alias", "field"), NAMED)
class TestNames:
    def test_of_others_are_refused_in_forms(self, factory, alias, field):
        one = factory(slug="one", **{field: "Größe"})
        alias.objects.create(of=one, name="Maß")
        for name in ("GRÖSSE", "MASS"):
            with pytest.raises(ValidationError, match=f"“{name}” is a name of “one” too"):
                factory.build(slug="two", **{field: name}).clean()
            with pytest.raises(ValidationError, match=f"“{name}” is a name of “one” too"):
                alias(of=factory(), name=name).clean()
        one.clean()
        one.aliases.get().clean()
        alias(of=one, name="grösse").clean()

    def test_of_others_are_refused_when_a_record_becomes_public(self, factory, alias, field):
        alias.objects.create(of=factory(slug="one"), name="Maß")
        two = factory(slug="two", **{field: "MASS"})
        with pytest.raises(PublishingError, match="“MASS” is a name of “one” too"):
            publishing.publish_record(two, by=None)

    def test_of_others_are_refused_when_a_record_is_corrected(self, factory, alias, field):
        factory(slug="one", **{field: "Maß"})
        two = factory(slug="two")
        publishing.publish_record(two, by=None)
        with pytest.raises(PublishingError, match="“MASS” is a name of “one” too"):
            corrected(two, **{field: "MASS"})
        alias.objects.create(of=two, name="mass")
        with pytest.raises(PublishingError, match="“mass” is a name of “one” too"):
            corrected(two)

    def test_of_what_was_merged_are_names_of_what_it_became(self, factory, alias, field):
        one, two = factory(slug="one", **{field: "Old"}), factory(slug="two")
        for row in (one, two):
            publishing.publish_record(row, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        type(two).objects.get(slug="two").clean()
        with pytest.raises(ValidationError, match="“OLD” is a name of “two” too"):
            alias(of=factory(), name="OLD").clean()


def test_an_event_does_not_make_a_company_public_that_is_called_like_another():
    CompanyAlias.objects.create(of=CompanyFactory(slug="one"), name="Maß")
    with pytest.raises(PublishingError, match="“MASS” is a name of “one” too"):
        publishing.publish(EventFactory(actor=CompanyFactory(name="MASS")), by=None)


def test_products_may_share_an_alias_and_not_a_name():
    one = ProductFactory(slug="one", name="Straße")
    ProductAlias.objects.create(of=one, name="Copilot")
    two = ProductFactory(name="Copilot")
    alias = ProductAlias.objects.create(of=two, name="STRASSE")
    two.clean()
    alias.clean()
    publishing.publish_record(two, by=None)
    with pytest.raises(ValidationError, match="“STRASSE” is a name of “one” too"):
        Product(slug="three", name="STRASSE", kind="api").clean()


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [(CompanyFactory, AgencyFactory, "“bis” is a company too"), (AgencyFactory, CompanyFactory, "“bis” is an agency")],
)
def test_no_agency_has_the_slug_of_a_company(one, other, sentence):
    one(slug="bis")
    with pytest.raises(ValidationError, match=sentence):
        other.build(slug="bis").clean()
    with pytest.raises(PublishingError, match=sentence):
        publishing.publish_record(other(slug="bis"), by=None)
    assert {Agency.objects.count(), Company.objects.count()} == {1}


def test_memberships_of_a_public_group_do_not_overlap():
    group = GroupFactory()
    MembershipFactory(group=group, until=dt.date(2024, 1, 1))
    second = MembershipFactory(group=group, since=dt.date(2024, 1, 1))
    publishing.publish_record(group, by=None)
    stored = connection.vendor != "postgresql"  # there the database refuses them already
    refused = (PublishingError, "Two memberships of CN overlap") if stored else (IntegrityError, "spans_apart")

    def overlap() -> None:
        with publishing.recording():
            type(second).objects.filter(pk=second.pk).update(since=dt.date(2023, 1, 1))
            corrected(group)

    with pytest.raises(refused[0], match=refused[1]):
        overlap()


def test_world_lists_no_countries():
    world = GroupFactory(slug="world", members=["CN"])
    with pytest.raises(PublishingError, match="is every country, and lists none"):
        publishing.publish_record(world, by=None)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"published": dt.date(2199, 1, 1)}, "It is in the future."), ({"authors": ["A", "A"]}, "named twice")],
)
def test_sources_say_what_the_data_set_can(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        SourceFactory.build(**fields).clean()
    with pytest.raises(PublishingError, match=sentence):
        publishing.publish_record(SourceFactory(**fields), by=None)
    assert Source.objects.count() == 1


@pytest.mark.parametrize("address", ["ftp://fr.example/a", "https://jane@fr.example/", "http://localhost/"])
def test_addresses_are_those_of_pages_on_the_web(address):
    for row, field in (
        (PolicyFactory(), "official_url"),
        (GroupFactory(), "official_url"),
        (SourceFactory(), "archive_url"),
    ):
        setattr(row, field, address)
        with pytest.raises(ValidationError, match="ddress"):
            row.clean_fields()
        row.save()
        with pytest.raises(PublishingError, match="ddress"):
            publishing.publish_record(row, by=None)


def test_addresses_may_have_a_fragment():
    row = PolicyFactory(official_url="https://ecfr.example/part-740#p-740.1")
    row.clean_fields()
    publishing.publish_record(row, by=None)
