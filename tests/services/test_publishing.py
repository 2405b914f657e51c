"""The rules of the record (docs: design, invariants): who may publish what, and what stands in the log then."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction

from events.choices import AccessStatus, Action, Certainty, CompanyRole, PlaceRole, RecordType, Stance, State
from events.documents import type_of
from events.documents.events import EventDocument
from events.lib.canonical import NotCanonical
from events.models import (
    AccessEffect,
    Change,
    CompanyAlias,
    Event,
    EventCompany,
    EventRelation,
    LogHead,
    Membership,
    Ownership,
    ProductAlias,
    PublicDocument,
    Reissue,
    TimelineEntry,
)
from events.services import log, publishing, reissue, review, rules
from events.services.publishing import PublishingError
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
    EventPolicyFactory,
    EventRelationFactory,
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

pytestmark = pytest.mark.django_db


def document_of(row) -> dict:
    return json.loads(PublicDocument.objects.get(type=type_of(row), key=row.key).change.document or "")


def log_lines() -> list[tuple[str, str, str]]:
    return list(Change.objects.order_by("seq").values_list("type", "key", "action"))


@pytest.fixture
def publisher():
    return UserFactory(role="Publisher")


@pytest.fixture
def superuser():
    return UserFactory(is_superuser=True)


def correct(row, *, by=None, correction_class="clerical", note="A slip.", proposed_by=None, **fields):
    with publishing.recording():
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        return publishing.correct(row, by=by, correction_class=correction_class, note=note, proposed_by=proposed_by)


class TestWhatIsMissing:
    """missing_for_publication names each thing, one by one."""

    def test_nothing_of_an_event_that_has_all(self):
        assert rules.missing_for_publication(EventFactory()) == []

    @pytest.mark.parametrize(
        ("field", "value", "problem"),
        [
            ("title", "", "It needs a title."),
            ("date", None, "It needs a date."),
            ("kind", "", "It needs a kind."),
        ],
    )
    def test_a_field(self, field, value, problem):
        assert rules.missing_for_publication(EventFactory(**{field: value})) == [problem]

    @pytest.mark.parametrize("stance", [Stance.DISPUTES, Stance.CONTEXT, Stance.RESPONSE])
    def test_a_source_that_supports_it(self, stance):
        event = EventFactory(source__stance=stance)
        assert rules.missing_for_publication(event) == ["It needs at least one source that supports it."]

    def test_somebody_who_acted(self):
        event = EventFactory()
        event.company_links.update(role=CompanyRole.AFFECTED)
        EventCountryFactory(event=event, role=PlaceRole.AFFECTED)
        assert rules.missing_for_publication(event) == [
            "It needs somebody who acted: a company as actor, an agency, or an acting country."
        ]

    @pytest.mark.parametrize("who", ["agency", "country"])
    def test_no_company_where_an_agency_or_a_country_acted(self, who):
        event = EventFactory()
        event.company_links.all().delete()
        if who == "agency":
            EventAgencyFactory(event=event)
        else:
            EventCountryFactory(event=event, role=PlaceRole.ACTING)
        assert rules.missing_for_publication(event) == []

    def test_an_earlier_event_that_is_earlier(self):
        event = EventFactory()
        EventRelationFactory(event=event, earlier=BareEventFactory(title="Later", date=dt.date(2024, 7, 10)))
        assert rules.missing_for_publication(event) == ["“Later”, to which it relates, is later than it."]

    def test_keeps_an_event_from_being_published(self):
        event = EventFactory(title="", kind="")
        with pytest.raises(PublishingError, match="needs a title") as refused:
            publishing.publish(event, by=None)
        assert len(refused.value.problems) == 2
        assert (LogHead.objects.get().seq, Event.objects.get().state) == (0, State.IN_REVIEW)


class TestWhoMay:
    def test_a_publisher_publishes_what_others_changed_and_submitted(self, publisher):
        event = EventFactory(changed_by=UserFactory(), submitted_by=UserFactory())
        assert not publishing.publish(event, by=publisher).self_published

    @pytest.mark.parametrize("part", ["changed_by", "submitted_by"])
    def test_nobody_publishes_what_they_changed_or_submitted(self, publisher, part):
        event = EventFactory(**{part: publisher})
        with pytest.raises(PublishingError, match="Another editor"):
            publishing.publish(event, by=publisher)
        assert LogHead.objects.get().seq == 0

    @pytest.mark.parametrize("part", ["changed_by", "submitted_by"])
    def test_a_superuser_does_and_the_log_says_so(self, superuser, part):
        event = EventFactory(**{part: superuser})
        publishing.publish(event, by=superuser)
        assert set(Change.objects.values_list("self_published", flat=True)) == {True}

    def test_a_superuser_who_checked_anothers_work_has_not_published_alone(self, superuser):
        event = EventFactory(changed_by=UserFactory(), submitted_by=UserFactory())
        assert not publishing.publish(event, by=superuser).self_published

    def test_the_loader_does_and_the_log_says_so(self):
        assert publishing.publish(EventFactory(), by=None).self_published

    @pytest.mark.parametrize("role", ["Contributor", "Editor", None])
    def test_others_do_none_of_it(self, role):
        by, event = UserFactory(role=role), published_event()
        company = event.companies.get()
        for act in (
            lambda: publishing.publish(EventFactory(), by=by),
            lambda: publishing.publish_record(PolicyFactory(), by=by),
            lambda: correct(event, by=by),
            lambda: correct(company, by=by),
            lambda: publishing.retract(event, by=by, reason="Wrong."),
            lambda: publishing.merge(event, into=published_event(), by=by, note="The same."),
        ):
            with pytest.raises(PublishingError, match="Only a Publisher"):
                act()

    def test_only_superusers_redact(self, publisher):
        with pytest.raises(PublishingError, match="Only a superuser"):
            publishing.redact(1, by=publisher, reason="x")


class TestReview:
    def test_a_draft_goes_to_review_and_back(self):
        editor, event = UserFactory(), EventFactory(state=State.DRAFT)
        review.submit(event, by=editor)
        assert (event.state, event.submitted_by) == (State.IN_REVIEW, editor)
        review.send_back(event, by=UserFactory(), note="Why?")
        assert (event.state, event.submitted_by) == (State.DRAFT, None)

    def test_only_drafts_are_submitted(self):
        for event in (EventFactory(), published_event()):
            with pytest.raises(PublishingError, match="not a draft"):
                review.submit(event, by=UserFactory())

    def test_what_lacks_something_is_not_submitted(self):
        with pytest.raises(PublishingError, match="supports"):
            review.submit(BareEventFactory(), by=UserFactory())

    def test_only_what_is_in_review_is_sent_back(self):
        with pytest.raises(PublishingError, match="not in review"):
            review.send_back(EventFactory(state=State.DRAFT), by=UserFactory(), note="Why?")

    @pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
    def test_changing_the_content_makes_it_a_draft_again(self, state):
        editor, event = UserFactory(), EventFactory(state=state, submitted_by=UserFactory())
        review.content_changed(event, by=editor)
        assert (event.state, event.changed_by, event.submitted_by) == (State.DRAFT, editor, None)

    def test_what_was_published_meanwhile_is_not_changed(self):
        event = EventFactory()
        stale = Event.objects.get(pk=event.pk)
        publishing.publish(event, by=None)
        with pytest.raises(PublishingError, match="can only be corrected"):
            review.content_changed(stale, by=UserFactory())
        assert Event.objects.get().changed_by is None


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


class TestCorrect:
    def test_appends_the_new_document_with_class_and_note(self, publisher):
        event = published_event()
        change = correct(
            event, by=publisher, proposed_by=UserFactory(), correction_class="substantive", note=" Wrong. ", title="New"
        )
        event.refresh_from_db()
        assert (change.action, change.correction_class, change.note) == ("corrected", "substantive", "Wrong.")
        assert (document_of(event)["title"], event.updated_at) == ("New", change.at)
        assert event.published_at < event.updated_at

    def test_of_nothing_appends_nothing(self):
        event = published_event()
        before = (LogHead.objects.get().seq, event.updated_at)
        assert correct(event) is None
        event.refresh_from_db()
        assert (LogHead.objects.get().seq, event.updated_at) == before
        assert Reissue.objects.count() == 0

    @pytest.mark.parametrize("correction_class", ["", "big", "Clerical"])
    def test_needs_a_class(self, correction_class):
        with pytest.raises(PublishingError, match="clerical, clarification, substantive"):
            correct(published_event(), correction_class=correction_class, title="New")

    @pytest.mark.parametrize("note", ["", "  "])
    def test_needs_a_note(self, note):
        with pytest.raises(PublishingError, match="note"):
            correct(published_event(), note=note, title="New")

    @pytest.mark.parametrize("correction_class", ["clarification", "substantive"])
    def test_that_is_not_clerical_needs_a_second_person(self, publisher, correction_class):
        event = published_event()
        for proposed_by in (None, publisher):
            with pytest.raises(PublishingError, match="second person"):
                correct(event, by=publisher, proposed_by=proposed_by, correction_class=correction_class, title="New")
        assert Event.objects.get().title != "New"

    def test_that_is_clerical_does_not(self, publisher):
        assert not correct(published_event(), by=publisher, title="New").self_published

    def test_by_a_superuser_alone_says_so(self, superuser):
        change = correct(published_event(), by=superuser, correction_class="substantive", title="New")
        assert change.self_published

    def test_of_a_company_takes_one_publisher(self, publisher):
        company = published_event().companies.get()
        change = correct(company, by=publisher, correction_class="substantive", name="Renamed")
        assert (change.type, change.self_published, document_of(company)["name"]) == ("company", False, "Renamed")

    def test_publishes_what_it_newly_names(self):
        event = published_event()
        with publishing.recording():
            EventCompanyFactory(event=event, company__slug="new", role=CompanyRole.TARGET)
            publishing.correct(event, by=None, correction_class="clarification", note="Who was meant.")
        assert [(key, action) for _, key, action in log_lines()][-2:] == [
            ("new", "published"),
            (event.slug, "corrected"),
        ]

    def test_may_not_take_away_what_publication_needs(self):
        event = published_event()
        event.citations.all().delete()
        with pytest.raises(PublishingError, match="supports"):
            publishing.correct(event, by=None, correction_class="clerical", note="x")

    def test_is_for_public_records_only(self):
        retracted, merged, into = published_event(), published_event(), published_event()
        publishing.retract(retracted, by=None, reason="Wrong.")
        publishing.merge(merged, into=into, by=None, note="The same.")
        ghost, heir = CompanyFactory(), published_event().companies.get()
        publishing.publish_record(ghost, by=None)
        publishing.merge(ghost, into=heir, by=None, note="The same.")
        for row in (EventFactory(), CompanyFactory(), retracted, merged, ghost):
            row.refresh_from_db()
            with pytest.raises(PublishingError, match="not public"):
                correct(row)

    def test_may_not_rename_the_address(self):
        event = published_event(slug="a")
        with pytest.raises(PublishingError, match="not public"):
            correct(event, slug="b")
        assert Event.objects.get().slug == "a"

    def test_undoes_the_rows_where_it_is_refused(self):
        event = published_event(title="Old")
        with pytest.raises(PublishingError):
            correct(event, title="New", note="")
        assert Event.objects.get().title == "Old"


class TestRetract:
    def test_keeps_the_address_and_gives_the_reason(self, publisher, verified):
        event = published_event(slug="a")
        change = publishing.retract(event, by=publisher, reason=" It did not happen. ")
        document = document_of(event)
        assert (change.action, change.note) == ("retracted", "It did not happen.")
        assert (document["state"], document["retraction"]) == (
            "retracted", {"on": change.at.date().isoformat(), "reason": "It did not happen."},
        )  # fmt: skip
        assert (TimelineEntry.objects.count(), PublicDocument.objects.get(key="a").is_listed) == (0, False)
        assert verified() == []

    def test_needs_a_reason(self, publisher):
        with pytest.raises(PublishingError, match="reason"):
            publishing.retract(published_event(), by=publisher, reason=" ")

    def test_is_for_published_events_only(self):
        with pytest.raises(PublishingError, match="not published"):
            publishing.retract(EventFactory(), by=None, reason="x")

    def test_happens_once(self):
        event = published_event()
        publishing.retract(event, by=None, reason="x")
        with pytest.raises(PublishingError, match="not published"):
            publishing.retract(event, by=None, reason="y")


class TestMerge:
    def test_leaves_a_document_that_leads_on(self, verified):
        row, into = published_event(slug="a"), published_event(slug="b")
        change = publishing.merge(row, into=into, by=None, note="The same.")
        assert (change.action, change.note) == ("merged", "The same.")
        assert document_of(row) == {"slug": "a", "state": "merged", "merged_into": "b"}
        assert verified() == []

    def test_moves_links_to_the_other_record(self, verified):
        ghost, heir = CompanyFactory(slug="ghost", name="Ghost"), CompanyFactory(slug="heir")
        event, both = published_event(actor=ghost), EventFactory(actor=heir)
        EventCompanyFactory(event=both, company=ghost, role=CompanyRole.TARGET)
        publishing.publish(both, by=None)
        product, child = ProductFactory(company=ghost), CompanyFactory()
        OwnershipFactory(owner=ghost, owned=child)
        CompanyAlias.objects.create(of=ghost, name="Spook")
        publishing.merge(ghost, into=heir, by=None, note="The same.")
        reissue.run_outstanding()
        assert [link["slug"] for link in document_of(event)["companies"]] == ["heir"]
        assert [(link.company, link.role) for link in EventCompany.objects.filter(event=both)] == [(heir, "actor")]
        product.refresh_from_db()
        assert (product.company, Ownership.objects.get().owner) == (heir, heir)
        assert document_of(heir)["aliases"] == ["Spook", "Ghost"]
        assert verified() == []

    def test_of_an_owner_and_its_own_company_leaves_no_circle(self, verified):
        owner, owned = CompanyFactory(), CompanyFactory()
        event = published_event(actor=owned)
        OwnershipFactory(owner=owner, owned=owned)
        product = ProductFactory(company=owner, models_from=owned)
        publishing.publish_record(product, by=None)
        publishing.merge(owned, into=owner, by=None, note="The same.")
        reissue.run_outstanding()
        product.refresh_from_db()
        assert (Ownership.objects.count(), product.models_from) == (0, None)
        assert [link["slug"] for link in document_of(event)["companies"]] == [owner.slug]
        assert verified() == []

    def test_of_two_owners_of_one_company_keeps_one_ownership(self):
        one, two, owned = CompanyFactory(), CompanyFactory(), CompanyFactory()
        for owner in (one, two):
            publishing.publish_record(owner, by=None)
            OwnershipFactory(owner=owner, owned=owned, since=dt.date(2020, 1, 1))
        publishing.merge(one, into=two, by=None, note="The same.")
        assert [ownership.owner for ownership in Ownership.objects.all()] == [two]

    def test_of_publishers_that_relay_each_other_leaves_none_that_relays_itself(self, verified):
        one, two = PublisherFactory(), PublisherFactory()
        source = SourceFactory(publisher=one, relays=two)
        published_event(source=source)
        publishing.merge(two, into=one, by=None, note="The same.")
        reissue.run_outstanding()
        source.refresh_from_db()
        assert (source.publisher, source.relays) == (one, None)
        assert verified() == []

    def test_of_two_events_that_relate_leaves_no_relation_to_itself(self, verified):
        earlier, later = published_event(), EventFactory()
        EventRelationFactory(event=later, earlier=earlier)
        publishing.publish(later, by=None)
        third = EventFactory()
        EventRelationFactory(event=third, earlier=earlier)
        publishing.publish(third, by=None)
        publishing.merge(earlier, into=later, by=None, note="The same.")
        reissue.run_outstanding()
        assert [(link.event, link.earlier) for link in EventRelation.objects.all()] == [(third, later)]
        assert document_of(third)["relations"][0]["event"] == later.slug
        assert verified() == []

    def test_of_products_with_one_alias_keeps_it_once(self, verified):
        one, two = ProductFactory(name="One"), ProductFactory()
        for product in (one, two):
            ProductAlias.objects.create(of=product, name="Copilot")
            publishing.publish_record(product, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert document_of(two)["aliases"] == ["Copilot", "One"]

    def test_of_a_record_with_a_very_long_name(self):
        one, two = PolicyFactory(title="x" * 300), PolicyFactory()
        for policy in (one, two):
            publishing.publish_record(policy, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert document_of(two)["aliases"] == ["x" * 200]

    def test_leads_on_from_what_was_merged_before(self, verified):
        one, two, three = (published_event() for _ in range(3))
        publishing.merge(one, into=two, by=None, note="The same.")
        publishing.merge(two, into=three, by=None, note="The same.")
        assert document_of(one)["merged_into"] == document_of(two)["merged_into"] == three.slug
        assert verified() == []

    def test_takes_a_policys_stages_along(self):
        one, two = PolicyFactory(), PolicyFactory()
        publishing.publish_record(two, by=None)
        event = EventFactory()
        EventPolicyFactory(event=event, policy=one, relation="adopts")
        publishing.publish(event, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert [stage["stage"] for stage in document_of(two)["stages"]] == ["adopted"]

    def test_is_refused_for_itself_and_for_what_is_not_public(self):
        event, draft, company = published_event(), EventFactory(), CompanyFactory()
        for row, into, problem in [
            (event, event, "itself"),
            (event, draft, "not public"),
            (draft, event, "not public"),
            (company, event.companies.get(), "not public"),
        ]:
            with pytest.raises(PublishingError, match=problem):
                publishing.merge(row, into=into, by=None, note="The same.")


class TestRedact:
    @pytest.fixture
    def wrong(self):
        event = published_event(title="Somebody's address")
        first = Change.objects.get(type="event")
        correct(event, title="A title")
        return first

    def test_takes_the_document_and_says_so(self, superuser, wrong, verified):
        change = publishing.redact(wrong.seq, by=superuser, reason=" A court. ")
        wrong.refresh_from_db()
        assert (wrong.document, change.action, change.note) == (None, "redacted", "A court.")
        assert json.loads(change.document) == {"key": wrong.key, "redacts": wrong.seq}
        assert (change.type, change.key) == (wrong.type, wrong.key)
        assert verified() == []

    def test_leaves_the_newest_document_what_it_is(self, superuser, wrong):
        publishing.redact(wrong.seq, by=superuser, reason="x")
        assert document_of(Event.objects.get())["title"] == "A title"

    def test_is_refused_twice_of_nothing_and_of_what_stands(self, superuser, wrong):
        redaction = publishing.redact(wrong.seq, by=superuser, reason="x")
        current = PublicDocument.objects.get(type="event").change_id
        for seq, problem in [
            (wrong.seq, "already"),
            (redaction.seq, "itself a redaction"),
            (current, "correct the record first"),
            (999, "There is no change 999"),
        ]:
            with pytest.raises(PublishingError, match=problem):
                publishing.redact(seq, by=superuser, reason="x")

    def test_needs_a_reason(self, superuser, wrong):
        with pytest.raises(PublishingError, match="reason"):
            publishing.redact(wrong.seq, by=superuser, reason="")


class TestAddresses:
    """Slugs are for ever once public."""

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
