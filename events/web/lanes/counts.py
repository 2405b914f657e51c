"""Rows of counts: a cell for each period, its bar stacked by direction, and the address of the list behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from events.choices import Direction
from events.queries.bearing import Months
from events.queries.lanes import Lanes
from events.web import filtering
from events.web.lanes.scale import COLUMN, Scale
from events.web.record import address_of
from events.web.words import events_in_words, listed, with_number

# From the base of a bar upwards.
STACKED = (Direction.RESTRICTS, Direction.MIXED, Direction.NEITHER, Direction.RELAXES)
DOES = {
    Direction.RESTRICTS: (gettext_noop("restricts"), gettext_noop("restrict")),
    Direction.MIXED: (gettext_noop("does both"), gettext_noop("do both")),
    Direction.NEITHER: (gettext_noop("does neither"), gettext_noop("do neither")),
    Direction.RELAXES: (gettext_noop("relaxes"), gettext_noop("relax")),
}
OTHERS = {
    "company": gettext_noop("Other companies"),
    "country": gettext_noop("Other countries"),
    "policy": gettext_noop("Other policies"),
}
NAMES_NONE = {
    "company": gettext_noop("what names no company"),
    "country": gettext_noop("what names no country"),
    "policy": gettext_noop("what names no policy"),
}

HEIGHT = 56  # of a row with bars, in units of what is drawn (px), as lanes.css has it
NUMBERS = 20  # below the bars
HIGHEST = HEIGHT - NUMBERS - 6
BAR = 62  # the width of a bar within its COLUMN


@dataclass(frozen=True)
class Cell:
    """A count ("": none), what it is made up of, and the address of the list behind it."""

    count: str
    title: str = ""
    address: str = ""
    number: int = 0


@dataclass
class Row:
    """A lane, or all events, or all others. `total` in words is that under the filters ("": not told).

    `height` is 0 for that of a row of bars, else how many marks fit upon one another.
    """

    key: str
    name: str
    address: str = ""
    total: str = ""
    note: str = ""
    cells: list[Cell] = field(default_factory=list)
    height: int = 0

    @property
    def pixels(self) -> int:
        return height_of(self.height) if self.height else HEIGHT


def height_of(marks: int) -> int:
    """Of a row in which so many marks stand upon one another, as lanes.css has it."""
    return 14 + 18 * marks


class Lists:
    """Addresses of lists: the filters, narrowed to a lane and to a period."""

    def __init__(self, filters: QueryDict, scale: Scale) -> None:
        self.filters = filters
        self.spans: list[tuple[str, str]] = []
        start, end = str(filters.get("from", "")), str(filters.get("to", ""))
        for period in scale.periods:
            first, last = period.first.isoformat(), period.last.isoformat()
            self.spans.append((max(first, start), min(last, end) if end else last))

    def base(self, tag: str = "") -> QueryDict:
        """Without dates. A filter that names only others of the kind stays, for two values would be alternatives."""
        query = self.filters.copy()
        for name in ("from", "to"):
            query.pop(name, None)
        name, _, key = tag.partition(":")
        if tag and (key in query.getlist(name) or not query.getlist(name)):
            query[name] = key
        return query

    def of(self, tag: str = "") -> list[str]:
        """For each period; "": the range that is asked for ends before it, or starts after."""
        said = self.base(tag).urlencode()
        start = f"{filtering.address(QueryDict())}?{said}&" if said else f"{filtering.address(QueryDict())}?"
        return [f"{start}from={first}&to={last}" if first <= last else "" for first, last in self.spans]


def rows_of(lanes: Lanes, kind: str, names: dict[tuple[str, str], str], lists: Lists, scale: Scale) -> list[Row]:
    """A row for each lane, and one for all others where there are any."""
    found = []
    for lane in lanes.lanes:
        record_type, _rest, key = lane.tag.partition(":")
        name = names.get((record_type, key), key)
        found.append(
            Row(
                key=lane.tag,
                name=name,
                address=address_of(record_type, key),
                total=events_in_words(lane.total),
                cells=cells(name, lane.months, lists.of(lane.tag), scale),
            )
        )
    if lanes.rest or lanes.others:
        name = _("All others") if not lanes.once_for_each else _(OTHERS[kind])
        parts = [more_in_words(kind, lanes.others)] if lanes.others else []
        if not lanes.once_for_each:
            parts.append(_(NAMES_NONE[kind]))
        counted = mentions_in_words if lanes.once_for_each else events_in_words
        row = Row("rest", name, note=listed(parts), cells=cells(name, lanes.rest, lists.of(), scale, counted))
        found.append(row)
    return found


def more_in_words(kind: str, number: int) -> str:
    if kind == "company":
        text = ngettext("%(number)s more company", "%(number)s more companies", number)
    elif kind == "country":
        text = ngettext("%(number)s more country", "%(number)s more countries", number)
    else:
        text = ngettext("%(number)s more policy", "%(number)s more policies", number)
    return with_number(number, text)


def mentions_in_words(number: int) -> str:
    return with_number(number, ngettext("%(number)s mention", "%(number)s mentions", number))


def cells(
    name: str,
    months: Months,
    addresses: Sequence[str],
    scale: Scale,
    counted: Callable[[int], str] = events_in_words,
) -> list[Cell]:
    found = []
    for period, by_direction, address in zip(scale.periods, in_period(months, scale), addresses, strict=True):
        number = by_direction.total()
        if not number:
            found.append(Cell(""))
            continue
        title = f"{name}, {period.name}: {counted(number)}, {made_up(by_direction)}"
        found.append(Cell(short(number), title, address, number))
    return found


def in_period(months: Months, scale: Scale) -> list[Counter[str]]:
    found: list[Counter[str]] = [Counter() for _ in scale.periods]
    for (month, direction), count in months.items():
        if 0 <= (column := scale.column(month)) < len(found):
            found[column][direction] += count
    return found


def made_up(by_direction: Counter[str]) -> str:
    """ "2 restrict, 1 relaxes"."""
    parts = [
        f"{by_direction[direction]:,} {_(DOES[direction][by_direction[direction] != 1])}"
        for direction in STACKED
        if by_direction[direction]
    ]
    return ", ".join(parts)


def short(number: int) -> str:
    """A count that fits into a cell, of three digits at most: 12,345 is "12.3k". The cell's title says it exactly."""
    if number < 10_000:
        return f"{number:,}"
    if number < 1_000_000:
        return f"{number / 1_000:.3g}k"
    return f"{number / 1_000_000:.3g}M"


# ---------------------------------------------------------------------------------------------------------------- bars


@dataclass(frozen=True)
class Bars:
    """What fills the bars of one direction, in all rows, as the data of a path."""

    direction: str
    path: str


def bars(rows: Iterable[tuple[int, Months, int]], scale: Scale) -> list[Bars]:
    """Of rows, each with its top, its counts, and the count that the highest bar stands for."""
    paths: dict[str, list[str]] = {direction: [] for direction in STACKED}
    left = (COLUMN - BAR) // 2
    for top, months, highest in rows:
        for column, by_direction in enumerate(in_period(months, scale)):
            y = float(top + HEIGHT - NUMBERS)
            for direction in STACKED:
                if count := by_direction[direction]:
                    height = round(max(HIGHEST * count / highest, 1.5), 1)
                    y = round(y - height, 1)
                    paths[direction].append(f"M{column * COLUMN + left} {y:g}h{BAR}v{height:g}h-{BAR}z")
    return [Bars(direction, "".join(path)) for direction, path in paths.items() if path]


def highest(many: Iterable[Months], scale: Scale) -> int:
    """The greatest count of any period."""
    return max((each.total() for months in many for each in in_period(months, scale)), default=0) or 1
