"""Events over time as a chart: bars of equal spans of time, stacked by what the events did to access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import Direction
from events.lib.dates import last_day
from events.queries.bearing import Months
from events.queries.months import Month, day_one
from events.queries.timeline import Criteria
from events.web import words

# From the foot of a bar upwards.
STACK = (Direction.RESTRICTS, Direction.MIXED, Direction.RELAXES, Direction.NEITHER)
IN_WORDS = {
    Direction.RESTRICTS: (gettext_noop("restricts"), gettext_noop("restrict")),
    Direction.MIXED: (gettext_noop("restricts and relaxes"), gettext_noop("restrict and relax")),
    Direction.RELAXES: (gettext_noop("relaxes"), gettext_noop("relax")),
    Direction.NEITHER: (gettext_noop("does neither"), gettext_noop("do neither")),
}
# The finest spans of time, in months, with which there are no more bars than this: a phone shows them 5 px wide.
SPANS = {1: "month", 3: "quarter", 12: "year"}
MOST_BARS = 60
HEIGHT = 100  # units of the drawing, which is stretched to its place


@dataclass(frozen=True)
class Bar:
    """The events of one span of time. `place`: from 0; `address`: the timeline of that span."""

    place: int
    start: str
    end: str
    label: str
    count: int
    said: str
    address: str
    chosen: bool


@dataclass(frozen=True)
class Tick:
    """A year on the axis; `x` in percent of the width."""

    x: str
    label: str


@dataclass(frozen=True)
class Histogram:
    """The drawing. `paths`: a direction, its label and the outline of all its parts, in units of one bar by HEIGHT.

    `totals`: a direction, its label and how many events of the range asked for (None: not known) there are of it.
    `rows`: by year, newest first: the year, the count of each direction in the order of `paths`, and of all.
    """

    span: str
    bars: list[Bar]
    paths: list[tuple[str, str, str]]
    totals: list[tuple[str, str, int | None]]
    ticks: list[Tick]
    highest: int
    rows: list[tuple[int, list[int], int]]
    first: int
    last: int

    @property
    def middle(self) -> int:
        return self.highest // 2


def histogram(
    found: Months, chosen: Mapping[str, int] | None, criteria: Criteria, address: Callable[..., str]
) -> Histogram | None:
    """The chart of `found`, in which the range of dates that `criteria` ask for is marked; None: nothing to draw.

    `chosen`: how many events there are by direction in that range (None: not known). `address(**{"from": …, "to": …})`
    makes the path of the timeline of other dates.
    """
    if not found:
        return None
    first = min(month for month, _rest in found) // 12 * 12  # whole years
    last = max(month for month, _rest in found) // 12 * 12 + 11
    span = span_of(first, last)
    start = first // span
    counts: Counter[tuple[int, str]] = Counter()
    for (month, direction), count in found.items():
        counts[month // span - start, direction] += count
    number = last // span - start + 1
    totals = Counter[int]()
    for (place, _direction), count in counts.items():
        totals[place] += count
    highest = max(totals.values())
    bars = []
    for place in range(number):
        first_day = day_one((start + place) * span)
        final_day = last_day(first_day, SPANS[span])
        label = words.day_in_words(first_day.isoformat(), SPANS[span])
        is_chosen = (
            bool(criteria.start or criteria.end)
            and (criteria.start is None or final_day >= criteria.start)
            and (criteria.end is None or first_day <= criteria.end)
        )
        begins, ends = first_day.isoformat(), final_day.isoformat()
        said = sentence(label, totals[place], {each: counts[place, each.value] for each in STACK})
        bars.append(
            Bar(place, begins, ends, label, totals[place], said, address(**{"from": begins, "to": ends}), is_chosen)
        )
    marked = [bar.place for bar in bars if bar.chosen]
    return Histogram(
        span=SPANS[span],
        bars=bars,
        paths=paths(counts, number, highest),
        totals=[(each.value, _(each.label), None if chosen is None else chosen.get(each.value, 0)) for each in STACK],
        ticks=ticks(start, number, span),
        highest=highest,
        rows=by_year(found),
        first=min(marked, default=0),
        last=max(marked, default=number - 1),
    )


def span_of(first: Month, last: Month) -> int:
    """How many months a bar stands for."""
    fitting = (span for span in SPANS if last // span - first // span < MOST_BARS)
    return next(fitting, max(SPANS))


def sentence(label: str, total: int, counts: dict[Direction, int]) -> str:
    """ "July 2024: 9 events; 7 restrict, 2 do neither"."""
    text = f"{label}: {words.events_in_words(total)}"
    parts = [f"{count} {_(IN_WORDS[each][count != 1])}" for each, count in counts.items() if count]
    return f"{text}; {', '.join(parts)}" if parts else text


def paths(counts: Counter[tuple[int, str]], number: int, highest: int) -> list[tuple[str, str, str]]:
    """The outlines of all parts of each direction: a bar is 1 wide with its gap, the highest one HEIGHT high."""
    feet = [0.0] * number
    found = []
    for direction in STACK:
        outline = []
        for place in range(number):
            if count := counts[place, direction.value]:
                high = count / highest * HEIGHT
                top = HEIGHT - feet[place] - high
                outline.append(f"M{place + 0.1:g} {top:.4g}h.8v{high:.4g}h-.8z")
                feet[place] += high
        found.append((direction.value, _(direction.label), "".join(outline)))
    return found


def ticks(start: int, number: int, span: int) -> list[Tick]:
    """The years that begin within the chart; where they are many, every second, fifth or tenth."""
    years = range(start * span // 12, ((start + number) * span - 1) // 12 + 1)
    step = next((each for each in (1, 2, 5, 10, 20, 50) if len(years) / each <= 10), 100)
    found = []
    for year in years:
        x = (year * 12 / span - start) / number * 100
        if year % step == 0 and 0 <= x < 97:
            found.append(Tick(f"{x:.4g}%", str(year)))
    return found


def by_year(found: Months) -> list[tuple[int, list[int], int]]:
    counts: Counter[tuple[int, str]] = Counter()
    for (month, direction), count in found.items():
        counts[month // 12, direction] += count
    rows = []
    for year in sorted({year for year, _direction in counts}, reverse=True):
        each = [counts[year, direction.value] for direction in STACK]
        rows.append((year, each, sum(each)))
    return rows
