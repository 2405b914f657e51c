"""Which events were last published, corrected or retracted, newest change first, whatever their dates.

`updated_at` is the time of the newest change that was no reissue, so what only follows from another record moves
nothing. Filters know an event by its place on the timeline: few matches are all read and sorted; where many match, the
newest changes are walked, and those that match are met soon.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from events.choices import State
from events.models import Event, pk_of, position_of
from events.queries.branches import marks
from events.queries.sql import union_all
from events.queries.timeline import Criteria, branches, positions_of

FEW = 2_000  # matches that are read at once
STEP = 500  # changes looked at in one query
MOST_WALKED = 20_000  # changes for one page
RETRACTIONS = 200  # the newest, for filters with few matches: what is retracted has left the timeline


class Place(NamedTuple):
    """Where in the order of changes a page goes on: after this one."""

    updated_at: dt.datetime
    pk: int


@dataclass(frozen=True)
class Changed:
    """An event as it was left by its newest change."""

    pk: int
    slug: str
    state: str
    date: dt.date
    published_at: dt.datetime
    updated_at: dt.datetime

    @property
    def place(self) -> Place:
        return Place(self.updated_at, self.pk)


@dataclass(frozen=True)
class Recent:
    """Events by their newest change, and where the next page goes on (None: this is the last one)."""

    events: Sequence[Changed]
    older: Place | None


# Which of these retracted events matched when they were on the timeline.
Matcher = Callable[[Sequence[Changed]], set[int]]


def recently_changed(criteria: Criteria, *, retracted: Matcher, before: Place | None = None, size: int = 50) -> Recent:
    """The next `size` events in the order of their newest changes; a page may have fewer, and yet not be the last."""
    if criteria.is_everything:
        return cut(newest(before, size + 1), size)
    matching = positions(criteria, limit=FEW + 1)
    if len(matching) <= FEW:
        pks = {pk_of(position) for position in matching}
        found = read([changed(State.PUBLISHED, before).filter(pk__in=pks)])
        withdrawn = read([changed(State.RETRACTED, before)[:RETRACTIONS]])
        kept = retracted(withdrawn)
        return cut(in_order([*found, *(row for row in withdrawn if row.pk in kept)])[: size + 1], size)
    return walk(criteria, retracted=retracted, before=before, size=size)


def walk(criteria: Criteria, *, retracted: Matcher, before: Place | None, size: int) -> Recent:
    """Look at the newest changes, a few hundred at a time, until a page is full or enough has been looked at."""
    found: list[Changed] = []
    for _ in range(MOST_WALKED // STEP):
        rows = newest(before, STEP)
        published = {position_of(row.date, row.pk): row.pk for row in rows if row.state == State.PUBLISHED}
        kept = {published[position] for position in positions(criteria, among=published, limit=STEP)}
        kept |= retracted([row for row in rows if row.state == State.RETRACTED])
        found += [row for row in rows if row.pk in kept]
        if len(found) > size or len(rows) < STEP:
            return cut(found[: size + 1], size)
        before = rows[-1].place
    return Recent(found, before)


def newest(before: Place | None, limit: int) -> list[Changed]:
    """The next public events in the order of their newest changes: each state's index is walked in its own order."""
    states = (State.PUBLISHED, State.RETRACTED)
    return in_order(read([changed(state, before)[:limit] for state in states]))[:limit]


def changed(state: State, before: Place | None) -> QuerySet[Event]:
    """The events in a state in the order of their newest changes, from after a place on."""
    rows = Event.objects.filter(state=state, updated_at__isnull=False)
    if before is not None:
        # Both parts say that it is not later: the index is entered at the place itself.
        earlier = Q(updated_at__lt=before.updated_at) | Q(pk__lt=before.pk)
        rows = rows.filter(earlier, updated_at__lte=before.updated_at)
    return rows.order_by("-updated_at", "-pk")


def read(branches: Iterable[QuerySet[Event]]) -> list[Changed]:
    names = ("pk", "slug", "state", "date", "published_at", "updated_at")
    return [Changed(*row) for row in union_all(rows.values_list(*names) for rows in branches)]


def in_order(rows: Iterable[Changed]) -> list[Changed]:
    return sorted(rows, key=lambda row: row.place, reverse=True)


def cut(found: Sequence[Changed], size: int) -> Recent:
    page = found[:size]
    return Recent(page, page[-1].place if len(found) > size else None)


def positions(criteria: Criteria, *, limit: int, among: Iterable[int] | None = None) -> list[int]:
    """The positions of the newest matches, of all events or among these."""
    parts = branches(criteria)
    if among is not None:
        if not (among := list(among)):
            return []
        parts = [part.where(f"{part.position} IN ({marks(among)})", *among) for part in parts]
    if criteria.words.terms and connection.vendor == "postgresql":
        parts = [replace(part, is_rare=True) for part in parts]
    return positions_of(parts, limit)
