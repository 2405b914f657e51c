"""How a record becomes public, and what stands in the log then."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction

from events.choices import AccessStatus, Action, Certainty, RecordType, State
from events.documents.events import EventDocument
from events.lib.canonical import NotCanonical
from events.models import (
    AccessEffect,
    Change,
    Event,
    LogHead,
    Membership,
    PublicDocument,
    Reissue,
    TimelineEntry,
)
from events.services import log, publishing, rules
from events.services.publishing import PublishingError
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventFactory,
    EventPolicyFactory,
    GroupFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    UserFactory,
    country,
    published_event,
)
from tests.services.record import correct, document_of, log_lines

pytestmark = pytest.mark.django_db


class TestPublish:
    def test_puts_the_document_into_the_log(self):
        event = published_event(slug="a-ban", title="A ban")
        change = Change.objects.get(type="event")
        document = json.loads(change.document)
        assert (change.key, change.action, change.note, change.correction_class) == ("a-ban", "published", "", "")
        assert (document["title"], document["revision"], document["state"]) == ("A ban", change.seq, "published")
        assert event.published_at == event.updated_at == change.at

    def test_makes_public_all_that_the_document_names_and_what_that_names(self):
        event = EventFactory(actor=CompanyFactory(slug="openai", country=country("US")))
        group = GroupFactory(slug="d5", members=["RU"], issuer=AgencyFactory(slug="bis", country=country("US")))
        product = ProductFactory(slug="chip", company=None, models_from=CompanyFactory(slug="maker"))
        EffectFactory(event=event, product=product, country=None, group=group, exceptions=["CN"])
        OwnershipFactory(owner=CompanyFactory(slug="parent"), owned=event.companies.get())
        relays = PublisherFactory(slug="the-information", country=country("GB"))
        CitationFactory(event=event, source=SourceFactory(relays=relays))
        publishing.publish(event, by=None)
        keys = {key for _, key, _ in log_lines()}
        named = {"openai", "US", "d5", "RU", "bis", "chip", "maker", "CN", "parent", "the-information", "GB"}
        assert named <= keys
        assert len(keys) == len(log_lines())

    def test_appends_what_is_named_before_what_names_it(self):
        event = EventFactory(actor=CompanyFactory(slug="openai", country=country("US")))
        group = GroupFactory(slug="d5", members=["RU"], issuer=AgencyFactory(slug="bis", country=country("US")))
        EffectFactory(event=event, product__slug="api", product__company=None, country=None, group=group)
        policy = PolicyFactory(slug="rule", agency=group.issuer)
        EventPolicyFactory(event=event, policy=policy)
        publishing.publish(event, by=None)
        order = {key: place for place, (_, key, _) in enumerate(log_lines())}
        pairs = [("US", "openai"), ("US", "bis"), ("bis", "d5"), ("RU", "d5"), ("bis", "rule")]
        for named, naming in [*pairs, *((key, event.slug) for key in ("openai", "d5", "api", "rule"))]:
            assert order[named] < order[naming]

    def test_publishes_records_that_name_one_another(self, verified):
        group = GroupFactory(slug="eu")
        group.issuer = AgencyFactory(slug="commission", group=group)
        group.save()
        event = EventFactory()
        EventAgencyFactory(event=event, agency=group.issuer)
        publishing.publish(event, by=None)
        assert {("group", "eu", "published"), ("agency", "commission", "published")} <= set(log_lines())
        assert verified() == []

    def test_appends_each_reference_once(self):
        company = CompanyFactory(slug="openai")
        for _ in range(2):
            published_event(actor=company)
        assert log_lines().count(("company", "openai", "published")) == 1

    def test_happens_once(self, publisher):
        event = EventFactory()
        stale = Event.objects.get(pk=event.pk)
        publishing.publish(event, by=publisher)
        with pytest.raises(PublishingError, match="is not in review"):
            publishing.publish(stale, by=publisher)
        assert Change.objects.filter(type="event").count() == 1

    @pytest.mark.parametrize("state", [State.DRAFT])
    def test_takes_only_what_is_in_review(self, state):
        with pytest.raises(PublishingError, match="is not in review"):
            publishing.publish(EventFactory(state=state), by=None)

    def test_names_what_has_gone(self):
        event = EventFactory()
        Event.objects.all().delete()
        with pytest.raises(PublishingError, match="There is no event"):
            publishing.publish(event, by=None)

    def test_publishes_many_in_order_or_none(self):
        events = [EventFactory(slug="b"), EventFactory(slug="a"), EventFactory(slug="c", title="")]
        with pytest.raises(PublishingError, match="title"):
            publishing.publish_many(events, by=None)
        assert (LogHead.objects.get().seq, Event.objects.in_review().count()) == (0, 3)
        publishing.publish_many(events[:2], by=None)
        assert [key for kind, key, _ in log_lines() if kind == "event"] == ["b", "a"]

    def test_leaves_nothing_where_an_error_strikes_midway(self, verified, monkeypatch):
        published_event()
        before = LogHead.objects.get().seq
        event = EventFactory()
        # Into the last document of the batch, as if it had come past the forms; PostgreSQL would not even store it.
        monkeypatch.setattr(EventDocument, "get_html_url", lambda self, row: "NUL \0")
        with pytest.raises(NotCanonical):
            publishing.publish(event, by=None)
        monkeypatch.undo()
        assert LogHead.objects.get().seq == before == Change.objects.count()
        assert Event.objects.get(pk=event.pk).state == State.IN_REVIEW
        assert (verified(), Reissue.objects.count()) == ([], 0)

    def test_leaves_no_reference_public_where_the_event_fails(self, monkeypatch):
        event = EventFactory()
        monkeypatch.setattr(publishing.follow_up, "published", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            publishing.publish(event, by=None)
        assert (Change.objects.count(), PublicDocument.objects.count(), TimelineEntry.objects.count()) == (0, 0, 0)
        assert LogHead.objects.get().seq == 0

    def test_never_names_an_editor(self, publisher):
        editor = UserFactory(username="jane-the-editor", first_name="Jane", email="jane@desk.example")
        event = EventFactory(changed_by=editor, submitted_by=editor)
        publishing.publish(event, by=publisher)
        event.refresh_from_db()
        correct(event, by=publisher, title="Another title", proposed_by=editor, correction_class="substantive")
        publishing.retract(Event.objects.get(), by=publisher, reason="Wrong.")
        texts = "".join(str(value) for change in Change.objects.all() for value in vars(change).values())
        for name in ("jane", "Jane", publisher.username, "desk.example"):
            assert name not in texts


class TestContradictions:
    def same_place(self, **other):
        product = ProductFactory()
        first = EventFactory()
        EffectFactory(event=first, product=product)
        publishing.publish(first, by=None)
        second = EventFactory()
        EffectFactory(event=second, product=product, **other)
        return second

    def test_of_a_published_effect_are_refused(self):
        event = self.same_place(status=AccessStatus.AVAILABLE)
        with pytest.raises(PublishingError, match=r"is blocked by .* and available here"):
            publishing.publish(event, by=None)

    @pytest.mark.parametrize(
        "other", [{}, {"status": "available", "effective_date": dt.date(2024, 7, 10)}], ids=["same status", "other day"]
    )
    def test_are_none_with_another_day_or_the_same_status(self, other):
        publishing.publish(self.same_place(**other), by=None)

    def test_are_none_with_an_event_that_does_not_count(self):
        event = self.same_place(status=AccessStatus.AVAILABLE)
        Event.objects.filter(state=State.PUBLISHED).update(certainty=Certainty.DENIED)
        publishing.publish(event, by=None)

    def test_within_a_batch_are_refused(self):
        product, events = ProductFactory(), [EventFactory(), EventFactory()]
        for event, status in zip(events, (AccessStatus.BLOCKED, AccessStatus.LIMITED), strict=True):
            EffectFactory(event=event, product=product, status=status)
        with pytest.raises(PublishingError, match="limited"):
            publishing.publish_many(events, by=None)

    def test_of_a_correction_are_refused(self):
        event = self.same_place(status=AccessStatus.AVAILABLE, effective_date=dt.date(2024, 7, 10))
        publishing.publish(event, by=None)
        event.effects.update(effective_date=dt.date(2024, 7, 9))
        with pytest.raises(PublishingError, match="blocked"):
            publishing.correct(event, by=None, correction_class="clerical", note="x")

    def test_are_looked_for_among_thousands_of_effects_at_once(self):
        event, product = EventFactory(), ProductFactory()
        AccessEffect.objects.bulk_create(
            AccessEffect(
                event=event, number=number, product=product, country=country("CN"), status="blocked",
                effective_date=dt.date(2020, 1, 1) + dt.timedelta(days=number),
            )
            for number in range(1, 1101)
        )  # fmt: skip
        assert rules.contradictions([event]) == []


class TestPublishRecord:
    def test_makes_a_record_public_with_what_it_names(self, publisher):
        publishing.publish_record(CompanyFactory(slug="openai", country=country("US")), by=publisher)
        assert log_lines() == [("country", "US", "published"), ("company", "openai", "published")]

    def test_happens_once(self):
        company = CompanyFactory()
        publishing.publish_record(company, by=None)
        with pytest.raises(PublishingError, match="public already"):
            publishing.publish_record(company, by=None)

    def test_takes_every_kind_of_record(self, verified):
        rows = [country("CN"), GroupFactory(), AgencyFactory(), CompanyFactory(), ProductFactory(), PolicyFactory()]
        for row in [*rows, PublisherFactory(), SourceFactory()]:
            if not publishing.is_public(row):
                publishing.publish_record(row, by=None)
        kinds = {kind for kind, _, _ in log_lines()}
        assert kinds == set(RecordType.values) - {"event"}
        assert verified() == []


class TestAddresses:
    """Slugs are forever once public."""

    def test_are_not_given_to_another_event(self):
        published_event(slug="a")
        with pytest.raises(IntegrityError), transaction.atomic():
            BareEventFactory(slug="a")

    def test_of_merged_and_retracted_events_stay_taken(self):
        merged, retracted = published_event(slug="a"), published_event(slug="b")
        publishing.merge(merged, into=published_event(slug="c"), by=None, note="The same.")
        publishing.retract(retracted, by=None, reason="x")
        assert set(Event.objects.public().values_list("slug", flat=True)) == {"a", "b", "c"}


def test_the_head_is_taken_inside_a_transaction_only(transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        log.lock_head()


def test_time_never_goes_back_in_the_log(verified):
    published_event()
    ahead = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
    LogHead.objects.update(at=ahead)
    newest = Change.objects.order_by("-seq")[0]
    assert publishing.publish(EventFactory(), by=None).at == ahead > newest.at


def test_memberships_of_a_published_group_are_dated_in_its_document():
    group = GroupFactory()
    Membership.objects.create(group=group, country=country("CN"), since=dt.date(2020, 1, 1), until=dt.date(2021, 1, 1))
    publishing.publish_record(group, by=None)
    assert document_of(group)["members"] == [
        {"code": "CN", "name": "China", "since": "2020-01-01", "until": "2021-01-01"}
    ]


def test_actions_of_a_life_are_in_order(publisher):
    event = published_event(slug="a")
    correct(event, title="New")
    publishing.retract(event, by=publisher, reason="Wrong.")
    assert list(Change.objects.of("event", "a").values_list("action", flat=True)) == [
        Action.RETRACTED,
        Action.CORRECTED,
        Action.PUBLISHED,
    ]
