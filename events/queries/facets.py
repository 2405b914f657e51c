"""How many of the events that match bear each value of each filter, and how many there are in each month.

Two ways lead there. Roll-ups answer for the record as a whole, for what bears one tag that many events bear, and for
either in a range of dates: they hold whole months, so events at the edges of the range are read and put to them. All
else is counted by reading what matches, up to MOST_READ events. Beyond that a count is None: exact or absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from events.queries.bearing import COUNTRY, Months, Rows, Values, matching
from events.queries.branches import Choice
from events.queries.rolled import FACETS, Parts, of_country, of_tag, pairs_kept, places, rolled_up
from events.queries.timeline import Criteria


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
