"""What publishing needs, and who may do what."""

import datetime as dt

import pytest

from events.choices import CompanyRole, PlaceRole, Stance, State
from events.models import Change, Event, LogHead
from events.services import publishing, review, rules
from events.services.publishing import PublishingError
from tests.factories import (
    BareEventFactory,
    EventAgencyFactory,
    EventCountryFactory,
    EventFactory,
    EventRelationFactory,
    PolicyFactory,
    UserFactory,
    published_event,
)
from tests.services.record import correct

pytestmark = pytest.mark.django_db


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
