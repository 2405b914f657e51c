"""The timeline as lanes: which companies, countries or policies have the most events, and how many in each month.

Without a filter roll-ups tell, whatever the number of events. With filters all that matches is read, up to the bound of
`events.queries.facets`; beyond that what is in view; beyond that a count is None: exact or absent. An event stands in
the month in which its date begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

from django.db.models import F, Q, Sum

from events.caching import kept
from events.choices import RecordType
from events.models import TimelineCount, day_of, position_of
from events.queries import bearing, facets, rolled, timeline
from events.queries.bearing import Months, Row, Rows
from events.queries.branches import WITH_ROLES
from events.queries.months import Month, Span, day_one, month_of, start_of
from events.queries.timeline import Criteria

MOST_LANES = 12
FEW = 2_000  # events in view that are read rather than taken from roll-ups, which cannot tell what the rest holds

# What has lanes, by the parameter that asks for them. Groups of countries have lanes beside countries: an event that
# names the European Union would else be drawn in 27 lanes, and one that names the world in all.
TYPES: dict[str, tuple[str, ...]] = {
    "company": (RecordType.COMPANY.value,),
    "country": (RecordType.COUNTRY.value, RecordType.GROUP.value),
    "policy": (RecordType.POLICY.value,),
}


@dataclass(frozen=True)
class View:
    """The months, first and last, that are looked at, in periods of `size` months, the first of year 0 on."""

    first: Month
    last: Month
    size: int = 1

    @property
    def positions(self) -> tuple[int, int]:
        """From the first to just below the second."""
        return start_of(self.first), start_of(self.last + 1)

    def of(self, found: Months) -> Months:
        """What is in view, each period under its first month."""
        seen: Months = Counter()
        for (month, direction), count in found.items():
            if self.first <= month <= self.last:
                seen[month - month % self.size, direction] += count
        return seen


@dataclass(frozen=True)
class Lane:
    """What bears one tag: how many events under the filters, and those in view by period and direction."""

    tag: str
    total: int
    months: Months


@dataclass(frozen=True)
class Lanes:
    """The lanes with the most events, and in `rest` those that stand in none of them.

    `others` is how many more tags there are. With `once_for_each` the rest counts an event once for each of those that
    it bears, and leaves out what bears none. With `of_view` the lanes have the most events in view, not of all times.
    """

    lanes: tuple[Lane, ...]
    others: int
    rest: Months
    once_for_each: bool = False
    of_view: bool = False

    def seen(self, view: View) -> Lanes:
        """What is in view of these, by period."""
        lanes = tuple(replace(lane, months=view.of(lane.months)) for lane in self.lanes)
        return replace(self, lanes=lanes, rest=view.of(self.rest))


@dataclass(frozen=True)
class Ranking:
    """The tags that the most events bear, how many there are besides, and how often any is borne, by month."""

    counts: tuple[tuple[str, int], ...]
    others: int
    borne: Months


NONE: Months = Counter()


class Matches:
    """All that matches. What is counted of it is counted once at each revision, what is in view each time."""

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria

    @cached_property
    def months(self) -> Months | None:
        """How many events there are in each month, by direction; None: too many to count."""
        if facets.single_tag(self.criteria) == "":
            return facets.months(self.criteria)  # from roll-ups
        found: Months | None
        [found] = kept("months", self.criteria, lambda: [facets.months(self.criteria)])  # a cache cannot keep None
        return found

    def lanes(self, kind: str, view: View) -> Lanes | None:
        """At most MOST_LANES lanes; None: too many events match, in view as well."""
        tags = tags_by(kind, self.criteria.roles)
        seen = None if self.months is None else view.of(self.months).total()
        if facets.single_tag(self.criteria) == "":
            ranking = ranking_of_all(kind, self.criteria)
            if ranking is None or seen is None:
                return None
            if seen > FEW:
                return rolled_up(ranking, view, self.criteria, tags)
            rows = self.in_view(view)
            return None if rows is None else of_rows(rows.rows, ranking, tags).seen(view)
        if (whole := self.whole(kind)) is not None:
            return whole.seen(view)
        rows = None if seen is not None and seen > bearing.MOST_READ else self.in_view(view)
        if rows is None:
            return None
        return replace(of_rows(rows.rows, ranking_of(count(rows.rows, tags)), tags).seen(view), of_view=True)

    def whole(self, kind: str) -> Lanes | None:
        """Lanes of all that matches, in all months; None: too many events."""
        if self.months is None or self.months.total() > bearing.MOST_READ:  # then nothing need be read to find out
            return None

        def made() -> Lanes | None:
            rows, tags = bearing.matching(self.criteria), tags_by(kind, self.criteria.roles)
            return None if rows is None else of_rows(rows.rows, ranking_of(count(rows.rows, tags)), tags)

        found: Lanes | None
        [found] = kept("lanes", (kind, self.criteria), lambda: [made()])
        return found

    def in_view(self, view: View) -> Rows | None:
        first, behind = view.positions
        return bearing.read(timeline.branches(self.criteria, after=first - 1, before=behind), self.criteria.roles)

    def documents(self, view: View, most: int) -> list[str] | None:
        """Documents (canonical JSON) of what may have happened in view, oldest first; None: more than `most`.

        With `certain` dates only what begins in view: what reaches into it need not lie in the range that is asked for.
        """
        first, behind = view.positions
        asked, after = self.criteria, None
        if asked.certain:
            after = first - 1
        elif asked.start is None or position_of(asked.start, 0) < first:
            asked = replace(asked, start=day_one(view.first))
        found = timeline.rows(asked, before=behind, after=after, limit=most + 1)
        return None if len(found) > most else [document for _, document in sorted(found) if document]


def tags_by(kind: str, roles: Sequence[str]) -> Callable[[str], list[str]]:
    """How to find what has lanes among all that an event bears."""
    found = []
    for name in TYPES[kind]:
        role = f"(?:={'|='.join(map(re.escape, roles))})(?!\\S)" if roles and name in WITH_ROLES else ""
        found.append(rf"(?<!\S){name}:[^ =]+{role}")
    pattern = re.compile("|".join(found))
    return lambda bears: [token.partition("=")[0] for token in pattern.findall(bears)]


def count(rows: Sequence[Row], tags: Callable[[str], list[str]]) -> Counter[str]:
    return Counter(tag for row in rows for tag in tags(row[3]))


def ranking_of(counts: Counter[str], borne: Months = NONE) -> Ranking:
    ranked = sorted(((tag, number) for tag, number in counts.items() if number), key=lambda each: (-each[1], each[0]))
    return Ranking(tuple(ranked[:MOST_LANES]), len(ranked[MOST_LANES:]), borne)


def ranking_of_all(kind: str, criteria: Criteria) -> Ranking | None:
    """Where a range of dates is all that is asked for; None: too many events lie at its edges."""
    whole: Ranking = kept("lanes", (kind, Criteria()), lambda: whole_ranking(kind))
    if criteria.is_everything:
        return whole
    values: dict[str, Counter[str]] | None
    [values] = kept("lanes", (TYPES[kind], criteria), lambda: [rolled.of_tag("", criteria)])
    if values is None:
        return None
    return ranking_of(
        Counter({f"{name}:{key}": n for name in TYPES[kind] for key, n in values[name].items()}), whole.borne
    )


def whole_ranking(kind: str) -> Ranking:
    """Of all events: it reads all roll-ups of what has lanes, so it is made once at each revision."""
    of_kind = TimelineCount.objects.filter(reduce(or_, (Q(tag__startswith=f"{name}:") for name in TYPES[kind])))
    counts = of_kind.values_list("tag").annotate(Sum("count")).order_by()
    borne = of_kind.values_list("month", "direction").annotate(Sum("count")).order_by()
    return ranking_of(Counter(dict(counts)), Counter({(month, way): number for month, way, number in borne}))


def of_rows(rows: Sequence[Row], ranking: Ranking, tags: Callable[[str], list[str]]) -> Lanes:
    """Lanes of events that were read, by month."""
    lanes: dict[str, Months] = {tag: Counter() for tag, _ in ranking.counts}
    rest: Months = Counter()
    for position, _, direction, bears in rows:
        key = month_of(day_of(position)), direction
        for months in [lanes[tag] for tag in tags(bears) if tag in lanes] or [rest]:
            months[key] += 1
    return Lanes(tuple(Lane(tag, total, lanes[tag]) for tag, total in ranking.counts), ranking.others, rest)


def rolled_up(ranking: Ranking, view: View, criteria: Criteria, tags: Callable[[str], list[str]]) -> Lanes | None:
    """Lanes of more events than are read, of which a range of dates is all that is asked for."""
    span = Span.of(criteria)
    edges = None if span is None else rolled.edges_of(criteria, span)
    if span is None or edges is None:
        rows = bearing.matching(criteria)
        return None if rows is None else of_rows(rows.rows, ranking, tags).seen(view)
    months: dict[str, Months] = {tag: Counter() for tag, _ in ranking.counts}
    counts = TimelineCount.objects.filter(tag__in=list(months), **span.bounds)
    counts = counts.filter(month__gte=view.first, month__lte=view.last)
    periods = counts.values_list("tag", F("month") / view.size, "direction").annotate(Sum("count")).order_by()
    for tag, period, direction, number in periods:
        months[tag][period * view.size, direction] = number
    rest: Months = Counter()
    for (month, direction), number in ranking.borne.items():
        if (span.first or month) <= month <= (span.last or month):
            rest[month, direction] = number
    rest = view.of(rest)
    for sign, rows in zip((1, -1), edges, strict=True):
        for position, _, direction, bears in rows.rows:
            for (month, way), number in view.of(Counter({(month_of(day_of(position)), direction): sign})).items():
                for tag in tags(bears):
                    rest[month, way] += number
                    if tag in months:
                        months[tag][month, way] += number
    for found in months.values():
        rest.subtract(found)
    lanes = tuple(Lane(tag, total, +months[tag]) for tag, total in ranking.counts)
    return Lanes(lanes, ranking.others, +rest, once_for_each=True)
