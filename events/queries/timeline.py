"""Which published events a reader asks for, newest first, a page at a time.

However many events there are, a page costs what its rows cost: an index that is already in the timeline's order is
walked from the cursor, the rarest thing asked for first, and everything else is probed for the rows that it brings.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from django.db import connection
from django.db.models import Max, Sum

from events.choices import RecordType
from events.lib.tokens import Query
from events.models import WORLD, Membership, TimelineCount, TimelineEntry, day_of
from events.models.timeline import KEY_BITS
from events.queries import frequency
from events.queries.branches import ENTRIES, SEARCH, TAGS, Branch, Choice, marks, merged, read
from events.queries.branches import count as count_of

__all__ = ["Choice", "Criteria", "Page", "count", "how_many", "page", "places_of"]

# A frequent word: the newest days are asked first (PostgreSQL; FTS5 yields its matches newest first anyway).
RECENT = 90 << KEY_BITS  # days, as a distance between positions
# So many events at most are looked at one by one for a frequent word that other things are asked with.
MOST_LOOKED_AT = 25_000
# More kinds than this, times tags, are probed rather than walked side by side.
MOST_BRANCHES = 60


NO_WORDS = Query((), ())


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
    found = rows(criteria, before=before, after=after, limit=size + 1)
    more = len(found) > size
    found = found[:size]
    if forwards:
        found.reverse()
    if not found:
        return Page((), None, None)
    has_newer = more if forwards else before is not None
    has_older = True if forwards else more
    return Page(
        tuple(document for _, document in found if document),
        older=found[-1][0] if has_older else None,
        newer=found[0][0] if has_newer else None,
    )


def rows(criteria: Criteria, *, before: int | None, after: int | None, limit: int) -> list[tuple[int, str | None]]:
    """Positions and documents of the first matching events, newest first; with `after` oldest first.

    PostgreSQL looks for frequent words in the days next to where the page begins, and among all where those do not fill
    it.
    """
    newest_first = after is None
    if not criteria.words.terms or connection.vendor != "postgresql":
        return read(branches(criteria, before=before, after=after), newest_first=newest_first, limit=limit)
    if not frequency.are_rare(criteria.words.terms, limit):
        near = branches(criteria, **days_beside(before, after))
        if len(found := read(near, newest_first=newest_first, limit=limit)) == limit:
            return found
    rare = [replace(branch, is_rare=True) for branch in branches(criteria, before=before, after=after)]
    return read(rare, newest_first=newest_first, limit=limit)


@dataclass(frozen=True)
class Newest:
    """Positions, newest first, and of how many events they are the matches (None: of all)."""

    positions: list[int]
    of: int | None


def newest(criteria: Criteria, *, after: int | None, before: int | None, limit: int) -> Newest:
    """The positions of the newest matches, between two positions where these are given.

    Words that more than 25,000 events have are looked for among the newest 25,000, one by one; others are few enough to
    be found first. So what else is asked costs no more in a large record than in one of that size.
    """
    of = None
    is_frequent = bool(criteria.words.terms) and how_many_match(criteria.words, MOST_LOOKED_AT + 1) > MOST_LOOKED_AT
    if is_frequent and (since := position_holding(MOST_LOOKED_AT, before)) > (after or 0):
        after, of = since, MOST_LOOKED_AT
    parts = branches(criteria, before=before, after=after)
    if criteria.words.terms and not is_frequent and connection.vendor == "postgresql":
        parts = [replace(part, is_rare=True) for part in parts]
    found = positions_of(parts, limit)
    return Newest(found, of if len(found) < limit else None)


def how_many_match(words: Query, most: int) -> int:
    """How many events have all these words, as far as `most`."""
    sql, values = Branch(SEARCH).matching(words.terms).select()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql} LIMIT {most}) found", values)  # noqa: S608 - ready-made SQL
        return int(cursor.fetchone()[0])


def positions_of(parts: Sequence[Branch], limit: int) -> list[int]:
    sql, values = merged(parts, newest_first=True, limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [position for (position,) in cursor.fetchall()]


def position_holding(events: int, before: int | None) -> int:
    """The position just before the month since which there were so many events before a position; 0 where never."""
    months = TimelineCount.objects.filter(tag="", count__gt=0).order_by("-month").values_list("month", "count")
    if before is not None:
        last = day_of(before - 1)
        months = months.filter(month__lte=last.year * 12 + last.month - 1)
    held = 0
    for month, count in months.iterator(chunk_size=200):
        if (held := held + count) >= events:
            return (dt.date(month // 12, month % 12 + 1, 1).toordinal() << KEY_BITS) - 1
    return 0


def days_beside(before: int | None, after: int | None) -> dict[str, int | None]:
    """The bounds of the days next to where a page begins: those beside its cursor, or the newest ones."""
    if after is not None:
        return {"after": after, "before": after + RECENT}
    now = (dt.datetime.now(dt.UTC).date().toordinal() << KEY_BITS) + RECENT
    return {"before": before, "after": min(now if before is None else before, now) - RECENT}


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
    return count_of(branches(criteria))


def how_many(tags: Iterable[str]) -> dict[str, int]:
    """How many published events bear each tag, from the roll-ups; a tag that none bears is absent."""
    rows = TimelineCount.objects.filter(tag__in=list(tags)).values_list("tag").annotate(Sum("count"))
    return dict(rows.order_by())


# --------------------------------------------------------------------------------------------- branches that make it up


def branches(criteria: Criteria, *, before: int | None = None, after: int | None = None) -> list[Branch]:
    """Branches that together hold exactly what matches, between two positions where these are given."""
    lowest, highest = range_of(criteria)
    if before is not None:
        highest = before if highest is None else min(before, highest)
    if after is not None:
        lowest = after + 1 if lowest is None else max(after + 1, lowest)
    if criteria.words.terms:
        found = [Branch(SEARCH).matching(criteria.words.terms)]
        probes: Sequence[Sequence[Choice]] = criteria.choices
    else:
        driver, probes = driver_of(criteria)
        found = [Branch(TAGS).bearing(choice, criteria.roles) for choice in driver] or [Branch(ENTRIES)]
    found = [reaching(branch, criteria) for branch in of_kinds(found, criteria.kinds)]
    return [narrowed(branch.between(lowest, highest), probes, criteria) for branch in found]


def driver_of(criteria: Criteria) -> tuple[Sequence[Choice], Sequence[Sequence[Choice]]]:
    """The alternatives that the fewest events bear, whose index is walked (none: all events), and those to probe."""
    rest = list(criteria.choices)
    if len(rest) > 1:
        borne = how_many({choice.tag for alternatives in rest for choice in alternatives})
        rest.sort(key=lambda alternatives: sum(borne.get(choice.tag, 0) for choice in alternatives))
    return (rest[0], rest[1:]) if rest else ((), ())


def of_kinds(found: list[Branch], kinds: Sequence[str]) -> list[Branch]:
    if not kinds:
        return found
    if found[0].table == SEARCH:
        return [branch.whose_entry(f"entry.kind IN ({marks(kinds)})", *kinds) for branch in found]
    if len(kinds) * len(found) <= MOST_BRANCHES:
        return [branch.of_kinds([kind]) for branch in found for kind in kinds]
    return [branch.of_kinds(kinds) for branch in found]


def reaching(branch: Branch, criteria: Criteria) -> Branch:
    """What else rows have to be to lie in a range of dates, or to reach into it."""
    for is_asked, condition, day in (
        (not criteria.certain, "last >= %s", criteria.start),
        (criteria.certain, "last <= %s", criteria.end),
    ):
        if is_asked and day:
            if branch.table == SEARCH:
                branch = branch.whose_entry(f"entry.{condition}", day.toordinal())
            else:
                branch = branch.where(f"{branch.table}.{condition}", day.toordinal())
    return branch


def narrowed(branch: Branch, probes: Iterable[Sequence[Choice]], criteria: Criteria) -> Branch:
    for alternatives in probes:
        branch = branch.that_also_bear(alternatives, criteria.roles)
    return branch.without(criteria.words.excluded) if criteria.words.excluded else branch


def range_of(criteria: Criteria) -> tuple[int | None, int | None]:
    """The positions among which a range of dates lies: from the first to just below the second."""
    lowest = highest = None
    if criteria.end:
        highest = (criteria.end.toordinal() + 1) << KEY_BITS
    if criteria.start:
        reach = 0 if criteria.certain else longest_span()
        lowest = max(criteria.start.toordinal() - reach, 1) << KEY_BITS
    return lowest, highest


def longest_span() -> int:
    """How many days after its date the event that lasts longest may end."""
    return TimelineEntry.objects.aggregate(longest=Max("span"))["longest"] or 0
