"""The history of an event on the desk: who did what, and what it said then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.contrib.auth.models import AbstractUser

from events.choices import Act, State
from events.documents import working_document, working_documents
from events.models import Change, Event, Step

# Whose working document is what it says; once it is public, the log holds that.
HELD_BY_STEPS = (State.DRAFT, State.IN_REVIEW)


def note(event: Event, act: Act, *, by: AbstractUser | None, note: str = "", change: Change | None = None) -> None:
    """Put a step of an event on its history, in the transaction in which it was taken.

    What nobody did (by None: the loader) is told by the public log alone.
    """
    if by is None:
        return
    document = None
    if change is None and event.state in HELD_BY_STEPS:
        document = orjson.dumps(working_document(Event.objects.get(pk=event.pk))).decode()
    Step.objects.create(event=event, act=act, by_id=by.pk, note=note, document=document, change=change)


def note_drafts(events: Sequence[Event], *, by: AbstractUser, note: str) -> None:
    """Put on the history of each of these drafts that it was saved as it stands."""
    Step.objects.bulk_create(
        Step(event=event, act=Act.SAVED, by_id=by.pk, note=note, document=orjson.dumps(document).decode())
        for event, document in zip(events, working_documents(events), strict=True)
    )


def said(step: Step) -> dict[str, Any] | None:
    """What the event said after the step; None: the step changed nothing of it, or its document was redacted."""
    text = step.change.document if step.change else step.document
    found: dict[str, Any] | None = orjson.loads(text) if text else None
    return found
