"""Prepared drafts into the database, a table at a time: nothing is made or compared any more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from events.choices import Act, Verdict
from events.lib import bulk
from events.models import AccessEffect, Event, Import, ImportRow, Step
from events.services.imports.making import BATCH, Prepared
from events.services.imports.references import in_batches

# What importing leaves as it is, of a draft that is there.
KEPT = ("id", "created_at", "assigned_to", "sent_back_to", "checked_on", "awaited")
POINTERS = ("event_id", "source_id", "earlier_id", "effect_id")

KeysOf = Callable[[Sequence[Any]], Iterable[int]]


def write(prepared: Prepared, *, by: AbstractUser, note: str) -> None:
    """Belongs into a transaction that has seen that what was prepared still holds."""
    drafts, at, real = prepared.drafts, timezone.now(), Real()
    new, old = ([draft.event for draft in drafts if draft.is_new is is_new] for is_new in (True, False))
    real.insert(prepared.sources, by_slug)
    write_down(prepared.sources, "+", by=by, at=at)
    real.insert(new, by_slug)
    write_down(new, "+", by=by, at=at)
    update(old)
    write_down(old, "~", by=by, at=at)
    for gone in by_model(row for draft in drafts for row in draft.gone).values():
        for batch in in_batches([row.pk for row in gone]):
            type(gone[0])._default_manager.filter(pk__in=batch).delete()
    added = by_model(row for draft in drafts for row in draft.new)
    real.insert(added.pop(AccessEffect, []), by_number)  # before the citations about them
    for rows in added.values():
        real.insert(rows)
    for rows in by_model(row for draft in drafts for row in draft.changed).values():
        real.point(rows)
        update(rows)
        write_down(rows, "~", by=by, at=at)
    bulk.insert_instances(
        connection,
        [
            Step(event_id=draft.event.pk, act=Act.SAVED, by_id=by.pk, at=at, note=note, document=draft.document)
            for draft in drafts
        ],
    )


class Real:
    """The keys that the database gave to new rows, by the temporary ones under which others point at them."""

    def __init__(self) -> None:
        self.keys: dict[int, int] = {}

    def insert(self, rows: Sequence[Any], read: KeysOf | None = None) -> None:
        """Insert rows of one model; `read` tells what keys they got, where others point at them."""
        self.point(rows)
        temporary = [row.pk for row in rows]
        for row in rows:
            row.pk = None
        bulk.insert_instances(connection, rows)
        if read:
            for row, key, pk in zip(rows, temporary, read(rows), strict=True):
                row.pk = self.keys[key] = pk

    def point(self, rows: Iterable[Any]) -> None:
        for row in rows:
            for name in POINTERS:
                if (key := getattr(row, name, None)) in self.keys:
                    setattr(row, name, self.keys[key])


def by_slug(rows: Sequence[Any]) -> list[int]:
    found: dict[str, int] = {}
    for batch in in_batches([row.slug for row in rows]):
        found |= type(rows[0])._default_manager.filter(slug__in=batch).values_list("slug", "pk")
    return [found[row.slug] for row in rows]


def by_number(effects: Sequence[AccessEffect]) -> list[int]:
    found: dict[tuple[int, int], int] = {}
    for batch in in_batches({effect.event_id for effect in effects}):
        rows = AccessEffect.objects.filter(event__in=batch).order_by()
        found |= {(event, number): pk for event, number, pk in rows.values_list("event", "number", "pk")}
    return [found[effect.event_id, effect.number] for effect in effects]


def by_model(rows: Iterable[Any]) -> dict[type[Any], list[Any]]:
    found: dict[type[Any], list[Any]] = defaultdict(list)
    for row in rows:
        found[type(row)].append(row)
    return found


def update(rows: Sequence[Any]) -> None:
    """Write rows of one model that are there already."""
    if rows:
        fields = [field.name for field in rows[0]._meta.concrete_fields if field.name not in KEPT]
        type(rows[0])._default_manager.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )


def write_down(rows: Sequence[Any], kind: str, *, by: AbstractUser, at: dt.datetime) -> None:
    """Versions of rows of one model, as simple_history writes them of each that is saved."""
    if rows:
        version = rows[0].history.model
        names = [field.attname for field in version.tracked_fields]
        said = {"history_date": at, "history_user_id": by.pk, "history_change_reason": "", "history_type": kind}
        bulk.insert_instances(
            connection, [version(**said, **{name: getattr(row, name) for name in names}) for row in rows]
        )


def point_at_drafts(found: Import) -> None:
    """Let the rows of an import lead to the drafts that they have become."""
    made = Event.objects.filter(slug=OuterRef("key")).values("pk")
    ImportRow.objects.filter(of=found, verdict=Verdict.NEW).update(event=Subquery(made))
