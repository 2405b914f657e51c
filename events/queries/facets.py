"""How many of the events that match bear each value of each filter, and how many there are in each month.

Two ways lead there. Roll-ups answer for the record as a whole, for what bears one tag that many events bear, and for
either in a range of dates: they hold whole months, so events at the edges of the range are read and put to them. All
else is counted by reading what matches, up to MOST_READ events. Beyond that a count is None: exact or absent.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from django.db import connection
from django.db.models import F, Sum

from events.choices import RecordType
from events.models import WORLD, Country, Membership, TimelineCount, TimelinePair, day_of, position_of
from events.models.timeline import EVER, KEY_BITS
from events.queries import timeline
from events.queries.branches import ENTRIES, WITH_ROLES, Branch, Choice
from events.queries.months import Month, Span, month_of, start_of
from events.queries.timeline import Criteria

MOST_READ = 50_000  # events; some 0.3 s
FACETS = (
    "kind", "certainty", "tier", "direction", "company", "country", "agency", "policy", "product", "group",
)  # fmt: skip
COUNTRY, GROUP = RecordType.COUNTRY.value, RecordType.GROUP.value
PLACES = re.compile(rf"({COUNTRY}|{GROUP}):([^ =]+)=?([^ ]*)")  # name, key, role
Values = Counter[str]  # how many events bear a value
Months = Counter[tuple[Month, str]]  # how many events there are in a month, by direction
Row = tuple[int, str, str, str]  # position, kind, direction, all that it bears


@dataclass(frozen=True)
class Facets:
    """How many events match, and how many of those that the other filters match bear each value. None: too many."""

    count: int | None
    values: dict[str, Values | None]


def facets(criteria: Criteria) -> Facets:
    """Counts of the values of every filter, each leaving out what its own filter asks for."""
    read: dict[Criteria, Rows | None] = {}

    def rows_of(asked: Criteria) -> Rows | None:
        if asked not in read:
            read[asked] = matching(asked)
        return read[asked]

    def whole_of(asked: Criteria, tag: str) -> dict[str, Values] | None:
        if asked not in whole:
            whole[asked] = of_country(asked, kept) if tag.startswith(f"{COUNTRY}:") else of_tag(tag, asked)
        return whole[asked]

    whole: dict[Criteria, dict[str, Values] | None] = {}
    kept = pairs_kept()
    values: dict[str, Values | None] = {}
    for name in FACETS:
        others = without(criteria, name)
        tag = single_tag(others)
        if name == "direction":
            found = months(others)
            values[name] = None if found is None else by_direction(found)
        elif tag is not None and (not tag or kept.intersection(choice.tag for choice in chosen(others, tag))):
            rolled = whole_of(others, tag)
            values[name] = None if rolled is None else places(rolled, others, kept) if name == COUNTRY else rolled[name]
        elif (rows := rows_of(others)) is None:
            values[name] = None
        else:
            values[name] = rows.values[name] + rows.through_groups if name == COUNTRY else rows.values[name]
    directions = values["direction"]
    return Facets(None if directions is None else directions.total(), values)


def months(criteria: Criteria) -> Months | None:
    """How many of the events that match are dated in each month, by direction."""
    tag = single_tag(criteria)
    if tag is None:
        rows = matching(criteria)
        return None if rows is None else rows.months
    if not tag.startswith(f"{COUNTRY}:"):
        return rolled_up(tag, criteria)
    parts = Parts.of(criteria, pairs_kept() | {tag})
    if parts is None:
        return None
    found: Months = Counter()
    for choice, asked in parts.rolled:
        if (each := rolled_up(choice.tag, asked)) is None:
            return None
        found += each
    return found + parts.more.months - parts.fewer.months


def without(criteria: Criteria, name: str) -> Criteria:
    """The same question without one filter."""
    if name == "kind":
        return replace(criteria, kinds=())
    others = tuple(choices for choices in criteria.choices if choices[0].tag.partition(":")[0] != name)
    return replace(criteria, choices=others)


def by_direction(found: Months) -> Values:
    values: Values = Counter()
    for (_, direction), count in found.items():
        values[direction] += count
    return values


# -------------------------------------------------------------------------------------------------------- what is read


@dataclass(frozen=True)
class Rows:
    """Events that were read, with all that can be counted of them. `roles`: of companies, countries and groups."""

    rows: Sequence[Row]
    roles: Sequence[str] = ()

    @cached_property
    def months(self) -> Months:
        return Counter((month_of(day_of(position)), direction) for position, _, direction, _ in self.rows)

    @cached_property
    def values(self) -> dict[str, Values]:
        """By facet; countries as linked directly."""
        found: dict[str, Values] = defaultdict(Counter)
        for token, count in Counter(chain.from_iterable(bears.split() for *_, bears in self.rows)).items():
            tag, _, role = token.partition("=")
            name, _, key = tag.partition(":")
            if not (self.roles and name in WITH_ROLES) or role in self.roles:
                found[name][key] += count
        found["kind"] = Counter(kind for _, kind, _, _ in self.rows)
        return found

    @property
    def through_groups(self) -> Values:
        """Of each country the events that concern it as a member of a group alone."""
        return through_groups(self.rows, self.roles)


def matching(criteria: Criteria) -> Rows | None:
    """All events that match; None where they are more than MOST_READ."""
    return read(timeline.branches(criteria), criteria.roles)


def read(branches: Sequence[Branch], roles: Sequence[str] = ()) -> Rows | None:
    parts, values = [], []
    for number, branch in enumerate(branches):
        sql, params = branch.select()
        parts.append(f"SELECT position FROM ({sql} LIMIT {MOST_READ + 1}) branch_{number}")  # noqa: S608
        values += params
    # A union leaves out what two branches hold; one branch holds nothing twice.
    found = f"SELECT position FROM ({' UNION '.join(parts)}) every LIMIT {MOST_READ + 1}"  # noqa: S608
    with connection.cursor() as cursor:
        # CROSS JOIN: SQLite joins in the order written.
        cursor.execute(
            "SELECT entry.position, entry.kind, entry.direction, entry.bears "  # noqa: S608 - the values are parameters
            f"FROM ({found}) found CROSS JOIN {ENTRIES} entry WHERE entry.position = found.position",
            values,
        )
        rows = cursor.fetchall()
    return None if len(rows) > MOST_READ else Rows(rows, roles)


def keys(bears: str, name: str) -> list[str]:
    """The keys of one type among all that an event bears."""
    found = []
    for token in bears.split():
        of, _, key = token.partition("=")[0].partition(":")
        if of == name:
            found.append(key)
    return found


def through_groups(rows: Iterable[Row], roles: Sequence[str] = ()) -> Values:
    members = Members()
    found: Values = Counter()
    reached: Counter[frozenset[str]] = Counter()  # few sets of countries, each by many events
    for position, _, _, bears in rows:
        if f"{GROUP}:" in bears:
            places = {(name, key) for name, key, role in PLACES.findall(bears) if not roles or role in roles}
            groups = frozenset([key for name, key in places if name == GROUP])
            codes = members.of_any(groups, members.era(position >> KEY_BITS))
            reached[codes] += 1
            for name, key in places:
                if name == COUNTRY and key in codes:
                    found[key] -= 1
    for codes, count in reached.items():
        for code in codes:
            found[code] += count
    return +found


class Members:
    """Which countries a group has; between two days on which any membership begins or ends lies an era."""

    def __init__(self) -> None:
        self.memberships = [
            (country, group, since or dt.date.min, until or dt.date.max)
            for country, group, since, until in Membership.objects.values_list(
                "country_id", "group__slug", "since", "until"
            )
        ]
        self.starts = sorted({day.toordinal() for *_, since, until in self.memberships for day in (since, until)})
        self.known: dict[tuple[str, int], frozenset[str]] = {}
        self.of_several: dict[tuple[frozenset[str], int], frozenset[str]] = {}

    def spans(self, group: str) -> dict[tuple[dt.date | None, dt.date | None], list[str]]:
        """The countries of a group, by first day and the day after the last (None: unbounded)."""
        if group == WORLD:
            return {(None, None): list(Country.objects.values_list("code", flat=True))}
        found = defaultdict(list)
        for country, of, since, until in self.memberships:
            if of == group:
                found[None if since == dt.date.min else since, None if until == dt.date.max else until].append(country)
        return found

    def era(self, ordinal: int) -> int:
        return bisect_right(self.starts, ordinal)

    def of(self, group: str, era: int) -> frozenset[str]:
        if (group, era) not in self.known:
            if group == WORLD:
                found = frozenset(Country.objects.values_list("code", flat=True))
            else:
                found = frozenset(
                    country
                    for country, of, since, until in self.memberships
                    if of == group and self.era(since.toordinal()) <= era < self.era(until.toordinal())
                )
            self.known[group, era] = found
        return self.known[group, era]

    def of_any(self, groups: frozenset[str], era: int) -> frozenset[str]:
        if (groups, era) not in self.of_several:
            self.of_several[groups, era] = frozenset().union(*(self.of(group, era) for group in groups))
        return self.of_several[groups, era]


# --------------------------------------------------------------------------------------------------------- by roll-ups


def single_tag(criteria: Criteria) -> str | None:
    """The one tag that roll-ups know what matches by, dates aside ("": everything); None: there is none."""
    if criteria.words.terms or criteria.words.excluded or criteria.roles or len(criteria.choices) > 1:
        return None
    if not criteria.choices:
        if len(criteria.kinds) > 1:
            return None
        return f"kind:{criteria.kinds[0]}" if criteria.kinds else ""
    [choices] = criteria.choices
    is_one = len(choices) == 1 or sum(choice.tag.startswith(f"{COUNTRY}:") for choice in choices) == 1
    return choices[0].tag if is_one and not criteria.kinds and not choices[0].since else None


def chosen(criteria: Criteria, tag: str) -> Sequence[Choice]:
    """The alternatives by which what matches is found, where that is one tag or one country."""
    return criteria.choices[0] if criteria.choices else (Choice(tag),)


def rolled_up(tag: str, criteria: Criteria) -> Months | None:
    """By month and direction what bears a tag, which `criteria` ask for too, in their range of dates."""
    span = Span.of(criteria)
    if span is None:
        rows = matching(criteria)
        return None if rows is None else rows.months
    edges = edges_of(criteria, span)
    if edges is None:
        return None
    bounds = span.during(criteria).bounds
    rows_ = TimelineCount.objects.filter(tag=tag, **bounds).values_list("month", "direction", "count")
    found: Months = Counter({(month, direction): count for month, direction, count in rows_})
    more, fewer = edges
    return found + more.months - fewer.months  # which leaves zeros out


def of_tag(tag: str, criteria: Criteria) -> dict[str, Values] | None:
    """By facet what bears a tag ("": all events), which `criteria` ask for too; countries as linked directly."""
    span = Span.of(criteria)
    if span is None:
        rows = matching(criteria)
        return None if rows is None else rows.values
    edges = edges_of(criteria, span)
    if edges is None:
        return None
    more, fewer = edges
    found: dict[str, Values] = defaultdict(Counter)
    for other, count in totals(tag, span.during(criteria)):
        name, _, key = other.partition(":")
        found[name][key] = count
    return {name: found[name] + more.values[name] - fewer.values[name] for name in FACETS}


def of_country(criteria: Criteria, kept: frozenset[str]) -> dict[str, Values] | None:
    """By facet what concerns the country that `criteria` ask for; countries as linked directly."""
    parts = Parts.of(criteria, kept)
    if parts is None:
        return None
    found: dict[str, Values] = defaultdict(Counter)
    for choice, asked in parts.rolled:
        if (each := of_tag(choice.tag, asked)) is None:
            return None
        for name in FACETS:
            found[name] += each[name]
    return {name: found[name] + parts.more.values[name] - parts.fewer.values[name] for name in FACETS}


@dataclass(frozen=True)
class Parts:
    """What asks for a country, taken apart: it is concerned itself, or as a member of any of its groups.

    Roll-ups count what `rolled` match, a choice each. `fewer`: what was counted more than once so, as often as that;
    `more`: what only other choices match.
    """

    rolled: Sequence[tuple[Choice, Criteria]]
    more: Rows
    fewer: Rows

    @classmethod
    def of(cls, criteria: Criteria, known: frozenset[str]) -> Parts | None:
        """By roll-ups of the tags that are `known`. None: too many are left to read."""
        choices = criteria.choices[0]
        rolled = [choice for choice in choices if choice.tag in known and is_of_whole_months(choice)]
        rest = tuple(choice for choice in choices if choice not in rolled)
        fewer: list[Row] = []
        for number, choice in enumerate(rolled[1:], 1):
            again = matching(replace(criteria, choices=((choice,), tuple(rolled[:number]))))
            if again is None:
                return None
            fewer += again.rows
        beside = matching(replace(criteria, choices=(rest,))) if rest else Rows(())
        if beside is None:
            return None
        more = [row for row in beside.rows if not any(is_chosen(row, choice) for choice in rolled)]
        asked = [(choice, replace(criteria, choices=((choice,),))) for choice in rolled]
        return cls(asked, Rows(more), Rows(fewer))


def is_of_whole_months(choice: Choice) -> bool:
    return all(day is None or day.day == 1 for day in (choice.since, choice.until))


def is_chosen(row: Row, choice: Choice) -> bool:
    day = day_of(row[0])
    if (choice.since and day < choice.since) or (choice.until and day >= choice.until):
        return False
    name, _, key = choice.tag.partition(":")
    return key in keys(row[3], name)


def pairs_kept() -> frozenset[str]:
    """The tags that so many events bear that it is kept what else these bear."""
    found = TimelinePair.objects.filter(month=EVER, other=F("tag"))
    return frozenset(found.values_list("tag", flat=True))


def totals(tag: str, span: Span) -> Iterator[tuple[str, int]]:
    """How many events of these months that bear a tag bear each other one as well."""
    if not span.bounds:
        yield from TimelinePair.objects.filter(tag=tag, month=EVER).values_list("other", "count")
    elif tag:
        rows = TimelinePair.objects.filter(tag=tag, **{"month__gt": EVER} | span.bounds).values_list("other")
        yield from rows.annotate(Sum("count")).order_by().iterator()
    else:
        every = TimelineCount.objects.filter(**span.bounds).values_list("tag")
        yield from every.annotate(Sum("count")).order_by().iterator()


def places(whole: dict[str, Values], criteria: Criteria, kept: frozenset[str]) -> Values | None:
    """Of the events that match those that concern each country, itself or as a member of a group.

    Without another filter roll-ups count those of frequent groups. What bears another group, or several, is read.
    """
    groups = [Choice(f"{GROUP}:{key}") for key in sorted(whole[GROUP])]
    members, rolled, to_read = Members(), dict[str, Values](), list[tuple[Sequence[Choice], ...]]()
    for choice in groups:
        is_frequent = choice.tag in kept and not criteria.choices and not criteria.kinds
        if is_frequent and (found := through_group(choice, criteria, members)):
            rolled[choice.tag], beside = found
            if beside:
                to_read.append(((choice,), beside))
    if rest := [choice for choice in groups if choice.tag not in rolled]:
        to_read.append((rest,))
    rows: dict[int, Row] = {}
    for choices in to_read:
        read = matching(replace(criteria, choices=(*criteria.choices, *map(tuple, choices))))
        if read is None:
            return None
        rows |= {row[0]: row for row in read.rows}
    values = whole[COUNTRY] + through_groups(rows.values())
    for tag, reached in rolled.items():
        values = values + reached - through_groups(bearing_no_other_group(row, tag) for row in rows.values())
    return values


def through_group(choice: Choice, criteria: Criteria, members: Members) -> tuple[Values, Sequence[Choice]] | None:
    """By country what bears a group that it belongs to then, and not the country; and what groups are borne beside it.

    By roll-ups; None: these cannot tell.
    """
    name, _, key = choice.tag.partition(":")
    found: Values = Counter()
    for (since, until), countries in members.spans(key).items():
        part = Choice(choice.tag, since, until)
        asked = replace(criteria, choices=((part,),))
        if not is_of_whole_months(part) or (all_ := rolled_up(part.tag, asked)) is None:
            return None
        if (each := of_tag(part.tag, asked)) is None:
            return None
        found.update({code: all_.total() - each[COUNTRY][code] for code in countries})
    whole = of_tag(choice.tag, replace(criteria, choices=((choice,),)))
    if whole is None:
        return None
    return found, [Choice(f"{name}:{other}") for other in sorted(whole[GROUP]) if other != key]


def bearing_no_other_group(row: Row, tag: str) -> Row:
    position, kind, direction, bears = row
    tokens = (token for token in bears.split() if not token.startswith(f"{GROUP}:") or token.partition("=")[0] == tag)
    return position, kind, direction, " ".join(tokens)


def edges_of(criteria: Criteria, span: Span) -> tuple[Rows, Rows] | None:
    """Events that match and are dated outside these months, and such as are dated in them and do not match.

    The second end, for certain or perhaps, after a range that has to hold them whole. None: too many to read.
    """
    more: list[Row] = []
    fewer: Sequence[Row] = ()
    outside = []
    if span.first is not None and criteria.start and not (criteria.certain and criteria.start.day == 1):
        outside.append(timeline.branches(criteria, before=start_of(span.first)))
    if span.last is not None and criteria.end and start_of(span.last + 1) <= position_of(criteria.end, 0):
        outside.append(timeline.branches(criteria, after=start_of(span.last + 1) - 1))
    for branches in outside:
        rows = read(branches)
        if rows is None:
            return None
        more += rows.rows
    if criteria.certain and criteria.end and span.last is not None:
        reach = max(criteria.end.toordinal() - timeline.longest_span(), 1) << KEY_BITS
        begun = max(reach, start_of(span.first) if span.first is not None else 0)
        dated = timeline.branches(
            replace(criteria, start=None, end=None, certain=False), after=begun - 1, before=start_of(span.last + 1)
        )
        rows = read([branch.where(f"{branch.table}.last > %s", criteria.end.toordinal()) for branch in dated])
        if rows is None:
            return None
        fewer = rows.rows
    return Rows(more), Rows(fewer)
