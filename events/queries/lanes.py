"""The timeline as lanes: which companies, countries or policies have the most events, and how many in each month.

Without a filter roll-ups tell, whatever the number of events. With filters all that matches is read, up to the bound of
`events.queries.facets`; beyond that what is in view; beyond that a count is None: exact or absent. An event stands in
the month in which its date begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

from django.db.models import Q, Sum

from events.caching import kept
from events.choices import RecordType
from events.models import TimelineCount, day_of, position_of
from events.queries import facets, timeline
from events.queries.branches import WITH_ROLES, Choice
from events.queries.facets import Month, Months, Row, Rows, day_one, month_of, start_of
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
    """The months, first and last, that are looked at."""

    first: Month
    last: Month

    @property
    def positions(self) -> tuple[int, int]:
        """From the first to just below the second."""
        return start_of(self.first), start_of(self.last + 1)

    def of(self, found: Months) -> Months:
        return Counter({key: count for key, count in found.items() if self.first <= key[0] <= self.last})

    def holds(self, row: Row) -> bool:
        return self.first <= month_of(day_of(row[0])) <= self.last


@dataclass(frozen=True)
class Lane:
    """What bears one tag: how many events under the filters, and those in view by month and direction."""

    tag: str
    total: int
    months: Months


@dataclass(frozen=True)
class Lanes:
    """The lanes with the most events, and in `rest` those in view that stand in none of them (None: it cannot be told).

    `others` is how many more tags there are. With `once_for_each` the rest counts an event once for each of those that
    it bears, and leaves out what bears none. With `of_view` the lanes have the most events in view, not of all times.
    """

    lanes: tuple[Lane, ...]
    others: int
    rest: Months | None
    once_for_each: bool = False
    of_view: bool = False


@dataclass(frozen=True)
class Ranking:
    """The tags that the most events bear, how many there are besides, and how often any is borne, by month."""

    counts: tuple[tuple[str, int], ...]
    others: int
    borne: Months | None = None


class Matches:
    """All that matches, read at most once."""

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria

    @cached_property
    def months(self) -> Months | None:
        """How many events there are in each month, by direction; None: too many to count."""
        if facets.single_tag(self.criteria) is not None:
            return facets.months(self.criteria)
        return None if self.rows is None else self.rows.months

    @cached_property
    def rows(self) -> Rows | None:
        return facets.matching(self.criteria)

    def lanes(self, kind: str, view: View) -> Lanes | None:
        """At most MOST_LANES lanes; None: too many events match, in view as well."""
        if facets.is_of_all(self.criteria):
            return self.of_all(kind, view)
        if not self.is_more_than_can_be_read(None) and self.rows is not None:
            ranking = ranking_of(count(self.rows.rows, kind, self.criteria.roles))
            return of_rows([row for row in self.rows.rows if view.holds(row)], kind, self.criteria.roles, ranking)
        rows = None if self.is_more_than_can_be_read(view) else self.in_view(view)
        if rows is None:
            return None
        ranking = ranking_of(count(rows.rows, kind, self.criteria.roles))
        return replace(of_rows(rows.rows, kind, self.criteria.roles, ranking), of_view=True)

    def of_all(self, kind: str, view: View) -> Lanes | None:
        """Lanes where a range of dates is all that is asked for."""
        ranking = ranking_of_all(kind, self.criteria)
        if ranking is None or self.months is None:
            return None
        if view.of(self.months).total() <= FEW and (rows := self.in_view(view)):
            return of_rows(rows.rows, kind, (), ranking)
        return rolled_up(ranking, view, self.criteria)

    def is_more_than_can_be_read(self, view: View | None) -> bool:
        """Whether roll-ups say so: then nothing need be read to find out."""
        if facets.single_tag(self.criteria) is None or self.months is None:
            return False
        return (view.of(self.months) if view else self.months).total() > facets.MOST_READ

    def in_view(self, view: View) -> Rows | None:
        first, behind = view.positions
        return facets.read(timeline.branches(self.criteria, after=first - 1, before=behind), self.criteria.roles)

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


def count(rows: Iterable[Row], kind: str, roles: Sequence[str]) -> Counter[str]:
    return Counter(tag for row in rows for tag in tags_of(row, kind, roles))


def tags_of(row: Row, kind: str, roles: Sequence[str]) -> Iterator[str]:
    for name in TYPES[kind]:
        for key in facets.keys(row[3], name, roles if name in WITH_ROLES else ()):
            yield f"{name}:{key}"


def ranking_of(counts: Counter[str], borne: Months | None = None) -> Ranking:
    ranked = sorted(((tag, number) for tag, number in counts.items() if number), key=lambda each: (-each[1], each[0]))
    return Ranking(tuple(ranked[:MOST_LANES]), len(ranked[MOST_LANES:]), borne)


def ranking_of_all(kind: str, criteria: Criteria) -> Ranking | None:
    if criteria.is_everything:
        found: Ranking = kept("lanes", kind, lambda: whole_ranking(kind))
        return found
    values = facets.of_all(criteria)
    if values is None:
        return None
    return ranking_of(Counter({f"{name}:{key}": n for name in TYPES[kind] for key, n in values[name].items()}))


def whole_ranking(kind: str) -> Ranking:
    """Of all events: it reads all roll-ups of what has lanes, so it is made once at each revision."""
    of_kind = TimelineCount.objects.filter(reduce(or_, (Q(tag__startswith=f"{name}:") for name in TYPES[kind])))
    counts = of_kind.values_list("tag").annotate(Sum("count")).order_by()
    borne = of_kind.values_list("month", "direction").annotate(Sum("count")).order_by()
    return ranking_of(Counter(dict(counts)), Counter({(month, way): number for month, way, number in borne}))


def of_rows(rows: Sequence[Row], kind: str, roles: Sequence[str], ranking: Ranking) -> Lanes:
    """Lanes of events that were read."""
    lanes: dict[str, Months] = {tag: Counter() for tag, _ in ranking.counts}
    rest: Months = Counter()
    for row in rows:
        key = month_of(day_of(row[0])), row[2]
        borne = [tag for tag in tags_of(row, kind, roles) if tag in lanes]
        for months in [lanes[tag] for tag in borne] or [rest]:
            months[key] += 1
    return Lanes(tuple(Lane(tag, total, lanes[tag]) for tag, total in ranking.counts), ranking.others, rest)


def rolled_up(ranking: Ranking, view: View, criteria: Criteria) -> Lanes | None:
    """Lanes of more events than are read."""
    tags = [tag for tag, _ in ranking.counts]
    months: dict[str, Months] = {tag: Counter() for tag in tags}
    if criteria.is_everything:
        rows = TimelineCount.objects.filter(tag__in=tags, month__gte=view.first, month__lte=view.last)
        for tag, month, direction, number in rows.values_list("tag", "month", "direction", "count"):
            months[tag][month, direction] = number
    else:
        for tag in tags:
            found = facets.rolled_up(tag, replace(criteria, choices=((Choice(tag),),)))
            if found is None:
                return None
            months[tag] = view.of(found)
    lanes = tuple(Lane(tag, total, +months[tag]) for tag, total in ranking.counts)
    rest = None
    if ranking.borne is not None:
        rest = view.of(ranking.borne)
        for lane in lanes:
            rest.subtract(lane.months)
        rest = +rest
    return Lanes(lanes, ranking.others, rest, once_for_each=True)
