"""Columns of equal width, one for each period, and where a day lies on them."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from events.lib.dates import MONTH_NAMES, MONTHS, display
from events.queries.bearing import Months
from events.queries.lanes import View
from events.queries.months import Month, day_one, month_of

ZOOMS = {
    "year": gettext_noop("Years"),
    "quarter": gettext_noop("Quarters"),
    "month": gettext_noop("Months"),
}  # from wide to close
PERIODS = 12  # columns
COLUMN = 100  # the width of a column in units of what is drawn
WIDTH = PERIODS * COLUMN


@dataclass(frozen=True)
class Period:
    """`label` is short: "Q3" of 2024. `name` is whole."""

    first: dt.date
    last: dt.date
    label: str
    year: int
    name: str
    has_today: bool
    is_ahead: bool


@dataclass(frozen=True)
class Scale:
    """PERIODS periods of one length, the first by its number since year 0."""

    zoom: str
    number: int
    now: dt.date

    @classmethod
    def starting(cls, zoom: str, month: Month, now: dt.date) -> Scale:
        """From the period that holds a month, or as near as the calendar allows."""
        size = MONTHS[zoom]
        least, most = 12 // size, (dt.MAXYEAR * 12 + 11) // size - PERIODS + 1
        return cls(zoom, min(max(month // size, least), most), now)

    @classmethod
    def fitted(cls, zoom: str, found: Months | None, now: dt.date) -> Scale:
        """Up to the period after today's, or to the last that has an event where that is earlier or all lie ahead."""
        size = MONTHS[zoom]
        last = month_of(now) // size + 1
        if found:
            months = [month for month, _ in found]
            latest = max(months) // size
            last = latest if min(months) // size > last else min(last, latest)
        return cls.starting(zoom, (last - PERIODS + 1) * size, now)

    @property
    def size(self) -> int:
        return MONTHS[self.zoom]

    @property
    def view(self) -> View:
        first = self.number * self.size
        return View(first, first + PERIODS * self.size - 1, self.size)

    @property
    def periods(self) -> list[Period]:
        return [self.period(number) for number in range(self.number, self.number + PERIODS)]

    def period(self, number: int) -> Period:
        first, final = day_one(number * self.size), day_one(number * self.size + self.size - 1)
        last = final.replace(day=calendar.monthrange(final.year, final.month)[1])
        label = {
            "year": str(first.year),
            "quarter": f"Q{(first.month + 2) // 3}",
            "month": MONTH_NAMES[first.month - 1][:3],
        }[self.zoom]
        return Period(
            first, last, label, first.year, display(first, self.zoom), first <= self.now <= last, first > self.now
        )

    def column(self, month: Month) -> int:
        """The column of a month in view."""
        return month // self.size - self.number

    def moved(self, periods: int) -> Scale:
        return Scale.starting(self.zoom, (self.number + periods) * self.size, self.now)

    def zoomed(self, zoom: str) -> Scale:
        """The same middle, closer or wider; what holds today ends with the period after it."""
        if zoom == self.zoom:
            return self
        if self.view.first <= month_of(self.now) <= self.view.last:
            return Scale.fitted(zoom, None, self.now)
        middle = (self.number * self.size) + PERIODS * self.size // 2
        return Scale.starting(zoom, middle - PERIODS * MONTHS[zoom] // 2, self.now)

    def x(self, day: dt.date) -> float:
        """Where a day begins, in units of what is drawn; outside of the view no further than just beyond its edges."""
        number = month_of(day) // self.size
        if number < self.number:
            return -1.0
        if number >= self.number + PERIODS:
            return WIDTH + 1.0
        period = self.period(number)
        within = (day - period.first).days / ((period.last - period.first).days + 1)
        return (number - self.number + within) * COLUMN

    @property
    def x_of_a_day(self) -> float:
        """About how wide a day is."""
        return COLUMN * 12 / (self.size * 365)

    @property
    def start(self) -> str:
        """As addresses say it."""
        first = day_one(self.view.first)
        return f"{first.year:04}-{first.month:02}"

    @property
    def today(self) -> float | None:
        """Where today's noon lies; None: not in view."""
        x = self.x(self.now)
        return x + self.x_of_a_day / 2 if 0 <= x < WIDTH else None

    @property
    def title(self) -> str:
        """ "January – December 2026", "Q2 2024 – Q1 2027"."""
        periods = self.periods
        first, last = periods[0], periods[-1]
        if self.zoom == "month" and first.year == last.year:
            return f"{MONTH_NAMES[first.first.month - 1]} – {last.name}"
        return f"{first.name} – {last.name}"
