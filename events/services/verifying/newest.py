"""The newest document of each record, against the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from django.db.models import Exists, F, OuterRef, Q

from events.choices import Action, State
from events.models import (
    Change,
    PublicDocument,
)
from events.services import log
from events.services.verifying.reading import Finding, Tally, in_batches


def pointers() -> Iterator[Finding]:
    """Whether each record points at the newest of its changes that holds a document of it."""
    of_same = Q(type=OuterRef("type"), key=OuterRef("key"))
    as_new = PublicDocument.objects.filter(of_same, change__gte=OuterRef("seq"))
    newer = Change.objects.exclude(action=Action.REDACTED).filter(~Exists(as_new))
    for changes in in_batches(newer):
        for change in changes:
            yield Finding(f"public document {change.type} {change.key}", f"does not point at change {change.seq}")
    astray = PublicDocument.objects.filter(
        ~Q(type=F("change__type")) | ~Q(key=F("change__key")) | Q(change__action=Action.REDACTED)
    )
    for found in in_batches(astray):
        for public in found:
            yield Finding(f"public document {public}", f"points at change {public.change_id}, which is another's")
    # By itself: the join above passes over these, and so do the site's own. SQLite's shell keeps no foreign keys.
    dangling = PublicDocument.objects.filter(~Exists(Change.objects.filter(pk=OuterRef("change_id"))))
    for found in in_batches(dangling):
        for public in found:
            yield Finding(f"public document {public}", f"points at change {public.change_id}, which is not there")


def documents(tally: Tally) -> Iterator[Finding]:
    """What is kept beside each pointer: the name that lists are sorted by, and whether lists show it."""
    for found in in_batches(PublicDocument.objects.with_document()):
        for public in found:
            document = loaded(public.change)
            if document is None:
                yield Finding(f"public document {public}", "points at a change without a readable document")
                continue
            name = name_in(document, public)
            if name is not None and public.name != name:
                yield Finding(f"public document {public}, name", f"is “{public.name}”, in the log “{name}”")
            if public.is_listed != (document.get("state", State.PUBLISHED) == State.PUBLISHED):
                yield Finding(f"public document {public}, is_listed", f"is {public.is_listed}")
        tally.count("documents", len(found))


def loaded(change: Change) -> dict[str, Any] | None:
    try:
        document = orjson.loads(change.document or "")
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def name_in(document: dict[str, Any], public: PublicDocument) -> str | None:
    """The name that a document gives; of a merged record the last one it had. None where that has been redacted."""
    if "merged_into" in document:
        last = Change.objects.of(public.type, public.key).exclude(action__in=(Action.MERGED, Action.REDACTED)).first()
        document = (loaded(last) if last else None) or {}
    name = document.get("name", document.get("title"))
    return None if name is None else str(name)[: log.LONGEST_NAME]
