"""Which published events a reader asks for, newest first, a page at a time.

However many events there are, a page costs what its rows cost: an index that is already in the timeline's order is
walked from the cursor, the rarest thing asked for first, and everything else is probed for the rows that it brings.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from events.choices import RecordType
from events.lib.tokens import Query
from events.models import (
    WORLD,
    Membership,
    SearchRow,
    TimelineCount,
    TimelineEntry,
    TimelineTag,
    day_of,
    position_of,
)
from events.queries.sql import count_distinct, union_all

# A frequent word: the newest days are asked first (PostgreSQL; FTS5 yields its matches newest first anyway).
RECENT = dt.timedelta(days=90)
# More kinds than this, times tags, are probed rather than walked side by side.
MOST_BRANCHES = 60


NO_WORDS = Query((), ())


@dataclass(frozen=True)
class Choice:
    """A tag that satisfies a filter, for events from `since` to the day before `until` (None: unbounded)."""

    tag: str
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class Criteria:
    """What is asked for: all of `choices`, each by any of its alternatives, and so on for each field that is not empty.

    `roles` is what the company, country or group asked for has to be to the event. Dates match events that may have
    happened in the range, or, with `certain`, only those that lie in it whole.
    """

    words: Query = NO_WORDS
    choices: tuple[tuple[Choice, ...], ...] = ()
    roles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    certain: bool = False

    @property
    def is_everything(self) -> bool:
        return self == Criteria(certain=self.certain)

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tie a cursor to its filters."""
        said = repr([getattr(self, field.name) for field in fields(self)])
        return hashlib.sha256(said.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Page:
    """Documents (canonical JSON), newest first, and the positions to go on from in both directions (None: the end)."""

    documents: tuple[str, ...]
    older: int | None
    newer: int | None


def places_of(codes: Iterable[str]) -> tuple[Choice, ...]:
    """The choices that stand for these countries: each itself, the groups on the days of its membership, the world."""
    codes = tuple(codes)
    direct = [Choice(f"{RecordType.COUNTRY.value}:{code}") for code in codes]
    through = [
        Choice(f"{RecordType.GROUP.value}:{slug}", since, until)
        for slug, since, until in Membership.objects.filter(country__in=codes)
        .order_by("group__slug", "since")
        .values_list("group__slug", "since", "until")
    ]
    return (*direct, *dict.fromkeys(through), Choice(f"{RecordType.GROUP.value}:{WORLD}"))


def page(criteria: Criteria, *, before: int | None = None, after: int | None = None, size: int = 50) -> Page:
    """The newest `size` events older than the position `before`, or the oldest ones newer than `after`."""
    forwards = after is not None
    found = positions(criteria, before=before, after=after, limit=size + 1)
    more = len(found) > size
    found = found[:size]
    if forwards:
        found.reverse()
    if not found:
        return Page((), None, None)
    rows = documents_at(found)
    documents = tuple(document for position in found if (document := rows.get(position)))
    has_newer = more if forwards else before is not None
    has_older = True if forwards else more
    return Page(documents, older=found[-1] if has_older else None, newer=found[0] if has_newer else None)


def documents_at(positions: Sequence[int]) -> dict[int, str]:
    """The documents of events by position. The SQL is ready made: the ORM takes four times as long to write it."""
    marks = ", ".join(["%s"] * len(positions))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry.position, change.document FROM events_timelineentry entry "  # noqa: S608 - marks only
            f"JOIN events_change change ON change.seq = entry.change_id WHERE entry.position IN ({marks})",
            positions,
        )
        return dict(cursor.fetchall())


def positions(
    criteria: Criteria, *, before: int | None = None, after: int | None = None, limit: int | None = None
) -> list[int]:
    """Positions of matching events, newest first; with `after` oldest first."""
    if criteria.words.terms and limit and after is None and connection.vendor == "postgresql":
        newest = before or position_of(dt.date.max, 0)
        newest_day = min(day_of(newest), dt.datetime.now(dt.UTC).date() + RECENT)
        recent = branches(criteria, before=before, after=position_of(newest_day - RECENT, 0) - 1)
        if len(found := in_order(recent, limit=limit)) == limit:
            return found
    return in_order(branches(criteria, before=before, after=after), limit=limit, oldest_first=after is not None)


def in_order(parts: Sequence[QuerySet[Any, Any]], *, limit: int | None, oldest_first: bool = False) -> list[int]:
    order = "position" if oldest_first else "-position"
    found = union_all(part.order_by(order).values_list("position")[:limit] for part in parts)
    return sorted({position for (position,) in found}, reverse=not oldest_first)[:limit]


def count(criteria: Criteria) -> int:
    """How many events match, exactly: from the roll-ups where they tell, else by reading all that match."""
    tag: str | None = None
    if criteria.is_everything:
        tag = ""
    elif criteria == Criteria(choices=criteria.choices) and len(criteria.choices) == 1 == len(criteria.choices[0]):
        tag = criteria.choices[0][0].tag
    elif criteria == Criteria(kinds=criteria.kinds) and len(criteria.kinds) == 1:
        tag = f"kind:{criteria.kinds[0]}"
    if tag is not None:
        return how_many([tag]).get(tag, 0)
    return count_distinct(part.values_list("position") for part in branches(criteria))


def how_many(tags: Iterable[str]) -> dict[str, int]:
    """How many published events bear each tag, from the roll-ups; a tag that none bears is absent."""
    rows = TimelineCount.objects.filter(tag__in=list(tags)).values_list("tag").annotate(Sum("count"))
    return dict(rows.order_by())


# ------------------------------------------------------------------------------------------- querysets that make it up


def branches(criteria: Criteria, *, before: int | None = None, after: int | None = None) -> list[QuerySet[Any, Any]]:
    """Querysets over `position`, each walked in its order by an index, that together hold exactly what matches."""
    bounds = in_range(criteria)
    if before is not None:
        bounds &= Q(position__lt=before)
    if after is not None:
        bounds &= Q(position__gt=after)
    if criteria.words.terms:
        probes = [*criteria.choices]
        rows = SearchRow.objects.filter(bounds, tokens__matches_all=criteria.words.terms)
        entry = Q()
        if criteria.kinds:
            entry &= Q(kind__in=criteria.kinds)
        entry &= in_full_range(criteria)
        if entry:
            rows = rows.filter(Exists(TimelineEntry.objects.filter(entry, position=OuterRef("position"))))
        return [without_excluded(probed(rows, probes, criteria.roles), criteria)]
    bounds &= in_full_range(criteria)
    driver, probes = driver_of(criteria)
    parts: list[QuerySet[Any, Any]] = []
    if driver is None:
        parts = [TimelineEntry.objects.filter(bounds)]
    else:
        parts = [TimelineTag.objects.filter(bounds & holds(choice, criteria.roles)) for choice in driver]
    if criteria.kinds and len(criteria.kinds) * len(parts) <= MOST_BRANCHES:
        parts = [part.filter(kind=kind) for part in parts for kind in criteria.kinds]
    elif criteria.kinds:
        parts = [part.filter(kind__in=criteria.kinds) for part in parts]
    return [without_excluded(probed(part, probes, criteria.roles), criteria) for part in parts]


def driver_of(criteria: Criteria) -> tuple[tuple[Choice, ...] | None, list[tuple[Choice, ...]]]:
    """The alternatives that the fewest events bear, whose index is walked, and the others, which are probed."""
    if not criteria.choices:
        return None, []
    rest = list(criteria.choices)
    if len(rest) > 1:
        borne = how_many({choice.tag for alternatives in rest for choice in alternatives})
        rest.sort(key=lambda alternatives: sum(borne.get(choice.tag, 0) for choice in alternatives))
    return rest[0], rest[1:]


def probed(rows: QuerySet[Any, Any], probes: Iterable[tuple[Choice, ...]], roles: Sequence[str]) -> QuerySet[Any, Any]:
    for alternatives in probes:
        any_of = reduce(or_, (holds(choice, roles) for choice in alternatives))
        rows = rows.filter(Exists(TimelineTag.objects.filter(any_of, position=OuterRef("position"))))
    return rows


def without_excluded(rows: QuerySet[Any, Any], criteria: Criteria) -> QuerySet[Any, Any]:
    if not criteria.words.excluded:
        return rows
    matching = SearchRow.objects.filter(tokens__matches_any=criteria.words.excluded)
    return rows.exclude(position__in=matching.values("position"))


def holds(choice: Choice, roles: Sequence[str]) -> Q:
    """The rows of TimelineTag that satisfy a choice; a role asked for is one on the same link."""
    found = Q(tag=choice.tag)
    if choice.since:
        found &= Q(position__gte=position_of(choice.since, 0))
    if choice.until:
        found &= Q(position__lt=position_of(choice.until, 0))
    if roles and choice.tag.partition(":")[0] in (RecordType.COMPANY, RecordType.COUNTRY, RecordType.GROUP):
        found &= Q(role__in=roles)
    return found


def in_range(criteria: Criteria) -> Q:
    """The positions among which a range of dates lies."""
    bounds = Q()
    if criteria.end:
        bounds &= Q(position__lt=position_of(criteria.end + dt.timedelta(days=1), 0))
    if criteria.start:
        reach = 0 if criteria.certain else longest_span()
        first = max(criteria.start.toordinal() - reach, 1)
        bounds &= Q(position__gte=position_of(dt.date.fromordinal(first), 0))
    return bounds


def in_full_range(criteria: Criteria) -> Q:
    """What else rows with a `last` day have to be to lie in the range, or to reach into it."""
    found = Q()
    if criteria.start and not criteria.certain:
        found &= Q(last__gte=criteria.start.toordinal())
    if criteria.end and criteria.certain:
        found &= Q(last__lte=criteria.end.toordinal())
    return found


def longest_span() -> int:
    """How many days after its date the event that lasts longest may end."""
    return TimelineEntry.objects.aggregate(longest=Max("span"))["longest"] or 0
