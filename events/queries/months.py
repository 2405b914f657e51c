"""Months by number, and the whole ones of a range of dates: what roll-ups are kept by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from events.lib.dates import last_day
from events.models import position_of
from events.models.timeline import KEY_BITS
from events.queries.branches import Choice
from events.queries.timeline import Criteria

Month = int  # year * 12 + month - 1


@dataclass(frozen=True)
class Span:
    """The whole months, first and last, that lie in a range of dates (None: unbounded)."""

    first: Month | None
    last: Month | None

    @classmethod
    def of(cls, criteria: Criteria) -> Span | None:
        """None: not one lies in it."""
        first = last = None
        if start := criteria.start:
            first = month_of(start) + (start.day != 1)
        if end := criteria.end:
            last = month_of(end) - (end != last_day(end.replace(day=1), "month"))
        return None if first is not None and last is not None and first > last else cls(first, last)

    def during(self, criteria: Criteria) -> Span:
        """Those on which the one choice that is asked for holds, which does for whole months."""
        choice = criteria.choices[0][0] if criteria.choices else Choice("")
        firsts = [self.first, month_of(choice.since) if choice.since else None]
        lasts = [self.last, month_of(choice.until) - 1 if choice.until else None]
        return Span(
            max((month for month in firsts if month is not None), default=None),
            min((month for month in lasts if month is not None), default=None),
        )

    @property
    def bounds(self) -> dict[str, Month]:
        """For a queryset of roll-ups."""
        found = {"month__gte": self.first, "month__lte": self.last}
        return {name: month for name, month in found.items() if month is not None}


def month_of(day: dt.date) -> Month:
    return day.year * 12 + day.month - 1


def day_one(month: Month) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def start_of(month: Month) -> int:
    """The position at which a month starts; of one after the last day there is, behind all positions."""
    if month // 12 > dt.MAXYEAR:
        return (dt.date.max.toordinal() + 1) << KEY_BITS
    return position_of(day_one(month), 0)
