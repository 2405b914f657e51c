"""What happens to an event before it is public."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from events.choices import State
from events.models import Event
from events.models.events import NOT_YET_PUBLIC
from events.services.publishing import PublishingError
from events.services.rules import missing_for_publication


@transaction.atomic
def content_changed(event: Event, *, by: AbstractUser) -> None:
    """Note who changed the content of an event that is not yet public; what was in review is a draft again.

    Belongs into the transaction of the change. Raises PublishingError where somebody has published it meanwhile.
    """
    waiting = Event.objects.filter(pk=event.pk, state__in=NOT_YET_PUBLIC)
    if not waiting.update(changed_by=by, state=State.DRAFT, submitted_by=None):
        raise PublishingError(f"“{event}” is public: it can only be corrected.")
    event.refresh_from_db(fields=["state", "changed_by", "submitted_by"])


@transaction.atomic
def submit(event: Event, *, by: AbstractUser) -> None:
    """Put a draft before a second person. Raises PublishingError with what it still lacks."""
    if problems := missing_for_publication(event):
        raise PublishingError(*problems)
    if not Event.objects.filter(pk=event.pk, state=State.DRAFT).update(state=State.IN_REVIEW, submitted_by=by):
        raise PublishingError(f"“{event}” is not a draft.")
    event.refresh_from_db(fields=["state", "submitted_by"])


@transaction.atomic
def send_back(event: Event) -> None:
    """Make what is in review a draft again."""
    if not Event.objects.filter(pk=event.pk, state=State.IN_REVIEW).update(state=State.DRAFT, submitted_by=None):
        raise PublishingError(f"“{event}” is not in review.")
    event.refresh_from_db(fields=["state", "submitted_by"])
