"""Corrections of published events: at once where that is allowed, else as a proposal that a second person decides.

A proposal stands beside the event's rows, which stay equal to the newest document in the log until it is published.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.choices import Act, Action, CorrectionClass, NoticeKind, ProposalState, State
from events.documents import type_of, working_document
from events.models import Change, Event, Proposal
from events.services import log, notices, publishing, review, rules, steps
from events.services.publishing import PublishingError, fresh, recording
from events.services.restoring import restore

ANOTHER_WAITS = "Another correction of this event waits already: it has to be published or declined first."


class Proposed(Exception):
    """Undoes a transaction that changed rows of a published event, to keep what they said as a proposal."""

    def __init__(self, event: Event, document: dict[str, Any], correction_class: str, note: str) -> None:
        super().__init__()
        self.event, self.document, self.correction_class, self.note = event, document, correction_class, note


def at_once(by: AbstractUser, correction_class: str) -> bool:
    """Whether a correction of this class by this editor enters the log without a second person."""
    if by.is_superuser:
        return True
    return correction_class == CorrectionClass.CLERICAL and by.has_perm(publishing.PERMISSION)


def waiting(event: Event) -> Proposal | None:
    return Proposal.objects.open().filter(event=event).select_related("by", "base").first()


def correct_rows(event: Event, *, by: AbstractUser, correction_class: str, note: str) -> Change | None:
    """Put on record what this transaction changed of a published event's rows; None: nothing changed.

    Raises Proposed, to be caught outside the transaction, where a second person is needed; PublishingError where what
    was changed may not become public, or another correction waits.
    """
    review.require_editor(by)
    require_reason(correction_class, note)
    if waiting(event) is not None:
        raise PublishingError(ANOTHER_WAITS)
    if at_once(by, correction_class):
        return publishing.correct(event, by=by, correction_class=correction_class, note=note)
    [row] = fresh(Event, [event.pk])
    publishing.require_live(row)
    if problems := rules.missing_for_publication(row) + rules.contradictions([row]):
        raise PublishingError(*problems)
    publishing.refuse_unfit(publishing.not_yet_public([row]))
    document = working_document(row)
    if same(document, newest(row)):
        return None
    raise Proposed(row, document, correction_class, note.strip())


def require_reason(correction_class: str, note: str) -> None:
    if correction_class not in CorrectionClass.values:
        raise PublishingError(f"A correction is one of {', '.join(CorrectionClass.values)}.")
    if not note.strip():
        raise PublishingError("A correction says in a note what was corrected.")


def newest(event: Event) -> Change:
    return log.newest_of([event])[type_of(event), event.key]


LEFT_OUT = {"revision", "updated_at", "relations"}


def same(document: dict[str, Any], change: Change) -> bool:
    """Whether a working document says what a change holds; relations to drafts are not public."""
    public = orjson.loads(change.document or "{}")
    names = (document.keys() | public.keys()) - LEFT_OUT
    if any(document.get(name) != public.get(name) for name in names):
        return False
    shown = [link["event"] for link in public.get("relations", ())]
    hidden = set(
        Event.objects.filter(slug__in=[link["event"] for link in document["relations"]])
        .filter(state__in=(State.DRAFT, State.IN_REVIEW))
        .values_list("slug", flat=True)
    )
    mine = [link for link in document["relations"] if link["event"] in shown or link["event"] not in hidden]
    return mine == public.get("relations", [])


def propose(proposed: Proposed, *, by: AbstractUser) -> Proposal:
    """Keep a correction for a second person. Raises PublishingError where another one waits."""
    with transaction.atomic():
        base = newest(proposed.event)
        try:
            with transaction.atomic():
                proposal = Proposal.objects.create(
                    event=proposed.event,
                    base=base,
                    document=orjson.dumps(proposed.document).decode(),
                    correction_class=proposed.correction_class,
                    note=proposed.note,
                    by_id=by.pk,
                )
        except IntegrityError as error:
            raise PublishingError(ANOTHER_WAITS) from error
        steps.note(proposed.event, Act.PROPOSED, by=by, note=proposed.note)
        people = notices.those_who_may(publishing.PERMISSION)
        notices.tell(people, NoticeKind.PROPOSAL, proposed.event, by=by, text=proposed.note)
    return proposal


def is_stale(proposal: Proposal) -> bool:
    """Whether the event was corrected, retracted or merged since the proposal was made."""
    later = Change.objects.of("event", proposal.event.slug).filter(seq__gt=proposal.base_id)
    return later.exclude(action__in=(Action.REISSUED, Action.REDACTED)).exists()


def may_publish(proposal: Proposal, by: AbstractUser) -> bool:
    """Whether `by` may be the second person."""
    if proposal.state != ProposalState.OPEN or not by.has_perm(publishing.PERMISSION):
        return False
    return by.is_superuser or proposal.by_id not in (None, by.pk)


def may_close(proposal: Proposal, by: AbstractUser) -> bool:
    """Whether `by` may decline it; whoever made it withdraws it."""
    return proposal.state == ProposalState.OPEN and (proposal.by_id == by.pk or by.has_perm(publishing.PERMISSION))


def publish(proposal: Proposal, *, by: AbstractUser) -> Change:
    """Write a proposed correction into the event's rows and the log. Raises PublishingError."""
    publishing.require_publisher(by)
    with recording():
        proposal = Proposal.objects.select_related("event", "by").get(pk=proposal.pk)
        if proposal.state != ProposalState.OPEN:
            raise PublishingError("It was decided in the meantime.")
        if not may_publish(proposal, by):
            raise PublishingError("A correction that waits needs a second person: another Publisher has to publish it.")
        if is_stale(proposal):
            raise PublishingError(
                "The event was corrected since this was proposed. Decline it, and make the correction anew."
            )
        restore(proposal.event, orjson.loads(proposal.document))
        change = publishing.correct(
            proposal.event,
            by=by,
            correction_class=proposal.correction_class,
            note=proposal.note,
            proposed_by=proposal.by,
        )
        if change is None:
            raise PublishingError("The record says this already. Decline the proposal.")
        decided(proposal, ProposalState.PUBLISHED, by=by, change=change)
        return change


@transaction.atomic
def close(proposal: Proposal, *, by: AbstractUser, why: str = "") -> None:
    """Decline a proposed correction, with a reason, or withdraw one's own. Raises PublishingError."""
    if not may_close(proposal, by):
        raise PublishingError("Only a Publisher declines a correction, and who made it withdraws it.")
    own = proposal.by_id == by.pk
    if not own and not why.strip():
        raise PublishingError("Say why it is declined.")
    decided(proposal, ProposalState.WITHDRAWN if own else ProposalState.DECLINED, by=by, why=why.strip())
    steps.note(proposal.event, Act.DECLINED, by=by, note=why.strip())


def decided(
    proposal: Proposal, state: ProposalState, *, by: AbstractUser, change: Change | None = None, why: str = ""
) -> None:
    waiting = Proposal.objects.open().filter(pk=proposal.pk)
    if not waiting.update(state=state, decided_by=by, decided_at=timezone.now(), decision=why, change=change):
        raise PublishingError("It was decided in the meantime.")
    text = f"{state.label}. {why}".strip()
    notices.tell([proposal.by], NoticeKind.DECIDED, proposal.event, by=by, text=text)


def revert(
    event: Event, document: dict[str, Any], *, by: AbstractUser, correction_class: str, note: str
) -> Change | None:
    """Make a published event say again what an older document of it says: a correction like any other.

    Raises as `correct_rows` does.
    """
    with recording():
        event = Event.objects.get(pk=event.pk)
        publishing.require_live(event)
        restore(event, document)
        return correct_rows(event, by=by, correction_class=correction_class, note=note)


def restore_draft(event: Event, document: dict[str, Any], *, by: AbstractUser) -> None:
    """Make an event that is not yet public say again what it said at an earlier step.

    Raises PublishingError where somebody has published it meanwhile.
    """
    review.require_editor(by)
    with recording():
        event = Event.objects.get(pk=event.pk)  # what was read before may be published by now
        restore(event, document)
        review.content_changed(event, by=by)
