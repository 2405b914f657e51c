"""What happens to an event before it is public."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone

from events.choices import Act, CommentField, NoticeKind, State, Weight
from events.models import Comment, Event
from events.models.events import NOT_YET_PUBLIC
from events.services import notices, publishing, steps
from events.services.publishing import PublishingError
from events.services.rules import missing_for_publication

PERMISSION = "events.submit_event"


def require_editor(by: AbstractUser) -> None:
    if not by.has_perm(PERMISSION):
        raise PublishingError("You may not take part in the review of events.")


@transaction.atomic
def content_changed(event: Event, *, by: AbstractUser, note: str = "") -> None:
    """Note who changed the content of an event that is not yet public; what was in review is a draft again.

    Belongs into the transaction of the change. Raises PublishingError where somebody has published it meanwhile.
    """
    waiting = Event.objects.filter(pk=event.pk, state__in=NOT_YET_PUBLIC)
    if not waiting.update(changed_by=by, state=State.DRAFT, submitted_by=None):
        raise PublishingError(f"“{event}” is public: it can only be corrected.")
    event.refresh_from_db(fields=["state", "changed_by", "submitted_by"])
    steps.note(event, Act.SAVED, by=by, note=note)


@transaction.atomic
def submit(event: Event, *, by: AbstractUser) -> None:
    """Put a draft before a second person. Raises PublishingError with what it still lacks."""
    if problems := missing_for_publication(event):
        raise PublishingError(*problems)
    drafts = Event.objects.filter(pk=event.pk, state=State.DRAFT)
    if not drafts.update(state=State.IN_REVIEW, submitted_by=by, sent_back_to=None):
        raise PublishingError(f"“{event}” is not a draft.")
    event.refresh_from_db(fields=["state", "submitted_by", "sent_back_to"])
    steps.note(event, Act.SUBMITTED, by=by)
    notices.tell(notices.those_who_may(publishing.PERMISSION), NoticeKind.REVIEW, event, by=by)


@transaction.atomic
def send_back(event: Event, *, by: AbstractUser, note: str = "") -> None:
    """Make what is in review a draft again, of whoever submitted it, with a note for them. Raises PublishingError.

    Only who submitted it takes it back without one.
    """
    in_review = Event.objects.filter(pk=event.pk, state=State.IN_REVIEW)
    event.refresh_from_db(fields=["state", "submitted_by", "changed_by"])
    if event.state != State.IN_REVIEW:
        raise PublishingError(f"“{event}” is not in review.")
    author = event.submitted_by or event.changed_by
    is_own = author is not None and author.pk == by.pk
    if not (note := note.strip()) and not is_own:
        raise PublishingError("Say in a note what is to be mended.")
    if not in_review.update(state=State.DRAFT, submitted_by=None, sent_back_to=None if is_own else author):
        raise PublishingError(f"“{event}” is not in review.")
    event.refresh_from_db(fields=["state", "submitted_by", "sent_back_to"])
    steps.note(event, Act.SENT_BACK, by=by, note=note)
    notices.tell([author], NoticeKind.SENT_BACK, event, by=by, text=note)


# ------------------------------------------------------------------------------------------------------------- comments


@transaction.atomic
def comment(event: Event, *, by: AbstractUser, field: str, weight: str, text: str) -> Comment:
    """Say something of one field of an event that is not public yet. Raises PublishingError."""
    require_editor(by)
    if field not in CommentField.values or weight not in Weight.values:
        raise PublishingError("A comment is about one field of the form, and critical or minor.")
    if not text.strip():
        raise PublishingError("A comment says something.")
    event = Event.objects.select_related("changed_by", "submitted_by", "assigned_to").get(pk=event.pk)
    if event.state not in NOT_YET_PUBLIC:
        raise PublishingError(f"“{event}” is public: propose a correction instead.")
    made = Comment.objects.create(event=event, by_id=by.pk, field=field, weight=weight, text=text.strip())
    those = [event.changed_by, event.submitted_by, event.assigned_to]
    notices.tell(those, NoticeKind.COMMENT, event, by=by, text=str(made))
    return made


def may_settle(found: Comment, by: AbstractUser) -> bool:
    """A critical one is settled by whoever made it, or by a Publisher who did not write what it is about."""
    if not by.has_perm(PERMISSION):
        return False
    if found.weight != Weight.CRITICAL or found.by_id == by.pk or by.is_superuser:
        return True
    own = by.pk in (found.event.changed_by_id, found.event.submitted_by_id)
    return by.has_perm(publishing.PERMISSION) and not own


def settle(found: Comment, *, by: AbstractUser) -> None:
    """Close an open comment. Raises PublishingError where `by` may not."""
    if not may_settle(found, by):
        raise PublishingError("A critical comment is settled by whoever made it, or by another Publisher.")
    Comment.objects.open().filter(pk=found.pk).update(settled_at=timezone.now(), settled_by=by)


def reopen(found: Comment, *, by: AbstractUser) -> None:
    require_editor(by)
    Comment.objects.filter(pk=found.pk, event__state__in=NOT_YET_PUBLIC).update(settled_at=None, settled_by=None)


# -------------------------------------------------------------------------------------- who works on it, and when


@transaction.atomic
def assign(event: Event, *, to: AbstractUser | None, by: AbstractUser) -> None:
    """Say who is to see to an event; None: nobody in particular. Raises PublishingError."""
    require_editor(by)
    if to is not None and not (to.is_active and to.is_staff and to.has_perm(PERMISSION)):
        raise PublishingError(f"{to} may not take part in the review of events.")
    if event.assigned_to_id == (to.pk if to else None):
        return
    if not Event.objects.filter(pk=event.pk, state__in=NOT_YET_PUBLIC).update(assigned_to=to):
        raise PublishingError(f"“{event}” is public: nobody has to see to it any more.")
    event.assigned_to = to  # type: ignore[assignment]  # the user model is what settings say
    notices.tell([to], NoticeKind.ASSIGNED, event, by=by)


@transaction.atomic
def check(event: Event, *, by: AbstractUser, on: dt.date | None = None) -> None:
    """Note that an editor read a published event again and found that it holds. Raises PublishingError."""
    require_editor(by)
    published = Event.objects.published().filter(pk=event.pk)
    if not published.mark_checked(on or timezone.now().date()):
        raise PublishingError(f"“{event}” is not published.")
    steps.note(event, Act.CHECKED, by=by)
