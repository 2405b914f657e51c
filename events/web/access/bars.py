"""Bars of access over time, drawn by the server as SVG: all bars of a page share one scale of time.

Places on the scale are percentages, so that bars fit any width while letters and heights keep their size. The higher a
bar, the more closed the access; nothing is drawn where no record covers it.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, pairwise, takewhile

from django.utils.translation import gettext as _

from events.choices import AccessStatus, RecordType
from events.documents.access import STATUSES, UNKNOWN
from events.queries.reasons import Reasoned
from events.web import words
from events.web.record import address_of

HEIGHTS = {
    AccessStatus.BLOCKED: 20,
    AccessStatus.LICENSE_REQUIRED: 15,
    AccessStatus.LIMITED: 10,
    AccessStatus.AVAILABLE: 4,
}
STATUS_LABEL = dict(STATUSES)
BASE = 32  # where bars stand
MOST_TICKS = 9
ROOM = 91  # percent of the scale, up to which the number of a year fits in
FAR = 5 * 365  # days between the record and the day asked about, from which on the scale does not reach out to it


@dataclass(frozen=True)
class Tick:
    x: str
    year: int
    has_room: bool  # for the number of the year


@dataclass(frozen=True)
class Scale:
    """Days as ordinals. `on` is the day asked about; what lies after `now` has not come yet."""

    start: int
    end: int
    on: dt.date
    now: dt.date

    @classmethod
    def over(cls, days: Iterable[dt.date], *, on: dt.date, now: dt.date) -> Scale:
        """From the year of the first of these days to `now`, or to a little after what lies ahead."""
        ordinals = [day.toordinal() for day in (*days, now)]
        first, last = min(ordinals), max(ordinals)
        if first - FAR <= on.toordinal() <= last + FAR:
            first, last = min(first, on.toordinal()), max(last, on.toordinal())
        start = dt.date.fromordinal(first).replace(month=1, day=1).toordinal()
        ahead = max((last - start) // 25, 20) if last > now.toordinal() else 0
        return cls(start, max(last + ahead, start + 1), on, now)

    def share(self, ordinal: int) -> float:
        return 100 * (min(max(ordinal, self.start), self.end) - self.start) / (self.end - self.start)

    def x(self, day: dt.date) -> str:
        return percent(self.share(day.toordinal()))

    @property
    def ticks(self) -> list[Tick]:
        first = dt.date.fromordinal(self.start).year
        last = dt.date.fromordinal(min(self.end, dt.date.max.toordinal())).year
        step = -(-(last - first + 1) // MOST_TICKS)
        shares = {year: self.share(dt.date(year, 1, 1).toordinal()) for year in range(first, last + 1, step)}
        return [Tick(percent(share), year, share <= ROOM) for year, share in shares.items()]

    @property
    def looks_ahead(self) -> bool:
        return self.end > self.now.toordinal()

    @property
    def on_x(self) -> str:
        """ "": the day asked about lies far from all that is on record."""
        return self.x(self.on) if self.start <= self.on.toordinal() <= self.end else ""

    @property
    def on_anchor(self) -> str:
        """On which side of its line the name of the day stands, so that it stays inside."""
        share = self.share(self.on.toordinal())
        return "start" if share < 30 else "end" if share > 70 else "middle"

    @property
    def on_in_words(self) -> str:
        return words.day_in_words(self.on.isoformat())


@dataclass(frozen=True)
class Segment:
    """A time of one status."""

    x: str
    width: str
    status: str
    y: int
    height: int
    scheduled: bool


@dataclass(frozen=True)
class Step:
    """The start of one answer."""

    x: str
    iso: str
    day: str
    is_exact: bool
    status: str
    label: str
    ended: bool  # what held ended, and nothing followed
    scheduled: bool
    event: str
    address: str


@dataclass(frozen=True)
class Bar:
    segments: tuple[Segment, ...]
    steps: tuple[Step, ...]

    @property
    def now(self) -> Step | None:
        """What holds now; None: the record begins later."""
        return next((step for step in reversed(self.steps) if not step.scheduled), None)

    @property
    def now_since(self) -> Step | None:
        """Where the status that holds now began."""
        return self.since(self.now.status, self.now.iso) if self.now else None

    def since(self, status: str | None, day: str) -> Step | None:
        """Where the status of a day (ISO 8601) began, which later steps only say again; None: the bar has no such."""
        past = (step for step in reversed(self.steps) if step.iso <= day)
        return next(iter(deque(takewhile(lambda step: step.status == status, past), maxlen=1)), None)


@dataclass(frozen=True)
class Chart:
    scale: Scale
    bars: list[Bar] = field(default_factory=list)


def chart(histories: Sequence[Sequence[Reasoned]], titles: Mapping[str, str], *, on: dt.date, now: dt.date) -> Chart:
    """A bar for each history, in their order; `titles` are those of events, by slug."""
    scale = Scale.over((each.question.on for history in histories for each in history), on=on, now=now)
    return Chart(scale, [Bar(tuple(segments(each, scale)), tuple(steps(each, titles, scale))) for each in histories])


def recorded(history: Sequence[Reasoned]) -> list[Reasoned]:
    """Without the days of joining or leaving a group before anything was on record."""
    return list(dropwhile(lambda each: each.held is None, history))


def segments(history: Sequence[Reasoned], scale: Scale) -> list[Segment]:
    return placed([(each.question.on.toordinal(), each.status) for each in history], scale)


def placed(starts: Sequence[tuple[int, str | None]], scale: Scale) -> list[Segment]:
    """Days (as ordinals) with the status that begins there; None: unknown.

    The same status twice in a row is one segment; it is parted where the future begins.
    """
    tomorrow = scale.now.toordinal() + 1
    starts = [start for number, start in enumerate(starts) if not number or start[1] != starts[number - 1][1]]
    found = []
    for (start, status), (end, _following) in pairwise([*starts, (scale.end, None)]):
        if status is None:
            continue
        height = HEIGHTS[AccessStatus(status)]
        for first, last in ((start, min(end, tomorrow)), (max(start, tomorrow), end)):
            if first < last:
                x = scale.share(first)
                width = percent(scale.share(last) - x)
                found.append(Segment(percent(x), width, status, BASE - height, height, first >= tomorrow))
    return found


def steps(history: Sequence[Reasoned], titles: Mapping[str, str], scale: Scale) -> list[Step]:
    found = []
    for each in history:
        day = each.question.on
        precision = each.since_precision if each.answer.since == day else None
        slug = each.held.event if each.held else ""
        found.append(
            Step(
                x=scale.x(day),
                iso=day.isoformat(),
                day=words.day_in_words(day.isoformat(), precision or "day"),
                is_exact=precision in (None, "day"),
                status=each.status or UNKNOWN,
                label=label_of(each.status),
                ended=each.answer.has_ended,
                scheduled=day > scale.now,
                event=titles.get(slug, slug),
                address=address_of(RecordType.EVENT, slug) if slug else "",
            )
        )
    return found


def label_of(status: str | None) -> str:
    return _(STATUS_LABEL[status or UNKNOWN])


def percent(share: float) -> str:
    return f"{share:.2f}".rstrip("0").rstrip(".") + "%"
