"""Corrections that wait for a second person, and going back to what an event said before."""

import datetime as dt

import orjson
import pytest

from events.choices import CorrectionClass, ProposalState, State
from events.documents import working_document
from events.models import Change, Event, EventPolicy, Proposal
from events.services import proposals, publishing, review
from events.services.proposals import Proposed
from events.services.publishing import PublishingError, recording
from tests.factories import (
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventRelationFactory,
    UserFactory,
    published_event,
)

pytestmark = pytest.mark.django_db
SUBSTANTIVE = CorrectionClass.SUBSTANTIVE


@pytest.fixture
def editor():
    return UserFactory(role="Editor")


def full_event() -> Event:
    """A published event on which one of each hangs."""
    event = EventFactory(summary="In short.", body="At length.", end_date=dt.date(2024, 8, 1))
    EventAgencyFactory(event=event)
    EventCountryFactory(event=event)
    EventGroupFactory(event=event)
    EventPolicyFactory(event=event, partial=True)
    EventRelationFactory(event=event, earlier=published_event())
    effect = EffectFactory(event=event, note="So far.", by=["own_government"])
    EffectFactory(event=event, status="limited", effective_date=dt.date(2024, 9, 1))
    CitationFactory(event=event, about="effect", effect=effect, quote="Words.", speaker="Ann", locator="p. 3")
    publishing.publish(event, by=None)
    return event


def edit(event: Event, by, correction_class=SUBSTANTIVE, **fields):
    """Change fields of the event's row, as a form does, and put it on record or propose it."""
    company = CompanyFactory()
    try:
        with recording():
            Event.objects.filter(pk=event.pk).update(**fields)
            EventCompanyFactory(event=event, role="affected", company=company)
            return proposals.correct_rows(event, by=by, correction_class=correction_class, note="It was wrong.")
    except Proposed as proposed:
        return proposals.propose(proposed, by=by)


def test_proposal_leaves_rows_and_log_as_they_were(editor, verified):
    event = full_event()
    before = Change.objects.count()
    proposal = edit(event, editor, title="Another title")
    assert isinstance(proposal, Proposal)
    event.refresh_from_db()
    assert event.title != "Another title"
    assert (Change.objects.count(), event.company_links.count()) == (before, 1)
    assert orjson.loads(proposal.document)["title"] == "Another title"
    assert verified() == []


def test_second_person_publishes_it_with_all_that_hangs_on_the_event(editor, publisher, verified):
    event = full_event()
    old = orjson.loads(proposals.newest(event).document)
    company = CompanyFactory(name="Newcomer")
    try:
        with recording():
            Event.objects.filter(pk=event.pk).update(title="Another title")
            EventCompanyFactory(event=event, role="affected", company=company)
            proposals.correct_rows(event, by=editor, correction_class=SUBSTANTIVE, note="It was wrong.")
    except Proposed as proposed:
        proposal = proposals.propose(proposed, by=editor)
    change = proposals.publish(proposal, by=publisher)
    new = orjson.loads(change.document)
    assert (new.pop("title"), old.pop("title")) == ("Another title", event.title)
    assert [each["name"] for each in new.pop("companies")][1:] == ["Newcomer"]
    for document in (old, new):
        for name in ("companies", "revision", "updated_at"):
            document.pop(name, None)
    assert new == old
    assert (change.correction_class, change.note, change.self_published) == ("substantive", "It was wrong.", False)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.change) == (ProposalState.PUBLISHED, publisher, change)
    assert event.effects.get(number=1).by == ["own_government"]
    assert event.effects.get(number=2).by == []
    assert verified() == []


def test_nobody_publishes_their_own_proposal(publisher):
    event = published_event()
    proposal = edit(event, publisher, title="Another title")
    with pytest.raises(PublishingError, match="second person"):
        proposals.publish(proposal, by=publisher)
    assert Proposal.objects.open().count() == 1


def test_only_publishers_decide(editor):
    proposal = edit(published_event(), UserFactory(role="Contributor"), title="Another title")
    with pytest.raises(PublishingError, match="Only a Publisher"):
        proposals.publish(proposal, by=editor)
    with pytest.raises(PublishingError, match="Only a Publisher"):
        proposals.close(proposal, by=editor, why="No.")


def test_declining_takes_a_reason_and_withdrawing_none(editor, publisher):
    event = published_event()
    proposal = edit(event, editor, title="Another title")
    with pytest.raises(PublishingError, match="Say why"):
        proposals.close(proposal, by=publisher)
    proposals.close(proposal, by=publisher, why="The source says otherwise.")
    assert editor.notices.latest("pk").text == "Declined. The source says otherwise."
    again = edit(event, editor, title="Another title")
    proposals.close(again, by=editor)
    assert list(Proposal.objects.values_list("state", flat=True)) == ["withdrawn", "declined"]
    with pytest.raises(PublishingError, match="in the meantime"):
        proposals.publish(again, by=publisher)


def test_only_one_waits_for_an_event_and_nothing_passes_it_by(editor, publisher):
    event = published_event()
    edit(event, editor, title="Another title")
    for correction_class in CorrectionClass:
        with pytest.raises(PublishingError, match="waits already"):
            edit(event, publisher, correction_class, title="A third title")


def test_what_was_corrected_meanwhile_is_not_overwritten(editor, publisher):
    event = published_event()
    proposal = edit(event, editor, title="Another title")
    with recording():  # by a door that does not ask, such as the loader
        Event.objects.filter(pk=event.pk).update(summary="Corrected meanwhile.")
        publishing.correct(event, by=None, correction_class="clarification", note="data set")
    with pytest.raises(PublishingError, match="corrected since"):
        proposals.publish(proposal, by=publisher)
    assert Event.objects.get(pk=event.pk).summary == "Corrected meanwhile."


def test_retraction_closes_what_waits(editor, publisher):
    event = published_event()
    proposal = edit(event, editor, title="Another title")
    publishing.retract(event, by=publisher, reason="It never happened.")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decision) == (ProposalState.DECLINED, "The event was retracted.")


def test_clerical_correction_by_a_publisher_is_at_once_on_record(publisher):
    change = edit(published_event(), publisher, CorrectionClass.CLERICAL, title="Another title")
    assert isinstance(change, Change)


def test_clerical_correction_by_others_waits(editor):
    assert isinstance(edit(published_event(), editor, CorrectionClass.CLERICAL, title="Another title"), Proposal)


def test_what_may_not_be_public_is_not_proposed(editor):
    event = published_event()
    event.citations.all().delete()
    with pytest.raises(PublishingError, match="supports"):
        proposals.correct_rows(event, by=editor, correction_class=SUBSTANTIVE, note="Nobody says so.")


def test_unchanged_event_is_neither_corrected_nor_proposed(editor, publisher):
    event = full_event()
    EventRelationFactory(event=event, earlier__title="A draft")  # which readers do not see
    for by in (editor, publisher):
        with recording():
            assert proposals.correct_rows(event, by=by, correction_class="clerical", note="Nothing.") is None


def test_reversion_is_a_correction_like_any_other(publisher, verified):
    event = full_event()
    first = proposals.newest(event)
    EventPolicy.objects.filter(event=event).delete()
    event.citations.filter(about="effect").delete()
    event.effects.filter(number=1).delete()
    Event.objects.filter(pk=event.pk).update(title="A wrong title", body="")
    with recording():
        publishing.correct(event, by=None, correction_class="substantive", note="So it is.")
    with pytest.raises(Proposed) as waits:
        proposals.revert(event, orjson.loads(first.document), by=publisher, correction_class=SUBSTANTIVE, note="Back.")
    assert Event.objects.get(pk=event.pk).title == "A wrong title"
    proposal = proposals.propose(waits.value, by=publisher)
    change = proposals.publish(proposal, by=UserFactory(role="Publisher"))
    old, new = orjson.loads(first.document), orjson.loads(change.document)
    for document in (old, new):
        del document["revision"], document["updated_at"]
    assert new == old
    assert verified() == []


def test_draft_goes_back_to_an_earlier_step(editor):
    event = EventFactory(state=State.DRAFT)
    earlier = working_document(event)
    event.company_links.all().delete()
    Event.objects.filter(pk=event.pk).update(title="Worse", date=None, kind="")
    review.content_changed(event, by=editor)
    lacking = working_document(Event.objects.get(pk=event.pk))
    assert (lacking["date"], lacking["kind"], lacking["companies"]) == (None, "", [])
    proposals.restore_draft(Event.objects.get(pk=event.pk), earlier, by=editor)
    event.refresh_from_db()
    assert (event.kind, event.date, event.company_links.count()) == ("announcement", dt.date(2024, 7, 9), 1)
    assert event.title != "Worse"
    proposals.restore_draft(event, lacking, by=editor)
    event.refresh_from_db()
    assert (event.title, event.date) == ("Worse", None)


def test_draft_that_somebody_published_meanwhile_does_not_go_back(editor, verified):
    event = EventFactory(state=State.DRAFT)
    CitationFactory(event=event)
    earlier = working_document(event)
    Event.objects.filter(pk=event.pk).update(title="Better", state=State.IN_REVIEW)
    seen = Event.objects.get(pk=event.pk)
    publishing.publish(event, by=None)
    with pytest.raises(PublishingError, match="is public: it can only be corrected"):
        proposals.restore_draft(seen, earlier, by=editor)
    event.refresh_from_db()
    assert (event.state, event.title) == (State.PUBLISHED, "Better")
    assert verified() == []
