"""What roll-ups tell of events that bear one tag, or of all, with the edges of a range of dates read and put to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import F, Sum

from events.models import TimelineCount, TimelinePair, day_of, position_of
from events.models.timeline import EVER, KEY_BITS
from events.queries import timeline
from events.queries.bearing import (
    COUNTRY,
    GROUP,
    Members,
    Months,
    Row,
    Rows,
    Values,
    keys,
    matching,
    read,
    through_groups,
)
from events.queries.branches import Choice
from events.queries.months import Span, start_of
from events.queries.timeline import Criteria

FACETS = (
    "kind", "certainty", "tier", "direction", "company", "country", "agency", "policy", "product", "group",
)  # fmt: skip


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
