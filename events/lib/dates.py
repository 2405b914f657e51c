"""Dates that are no more exact than what is known: a day, month, quarter or year, kept as its first day.

Written for readers in American English, and for machines in EDTF (Extended Date/Time Format, ISO 8601-2:2019): levels 0
and 1 for days, months and years, and level 2's sub-year groupings 33 to 36 for quarters.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Precision = Literal["day", "month", "quarter", "year"]

MONTHS = {"month": 1, "quarter": 3, "year": 12}  # how many a period lasts
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
FIRST_GROUPING = 33  # EDTF's "quarter 1"


def today() -> date:
    """Today's date in UTC."""
    return datetime.now(UTC).date()


def last_day(day: date, precision: str) -> date:
    """The last day of the period of `precision` whose first day is `day`."""
    if precision == "day":
        return day
    month = day.month + MONTHS[precision] - 1  # the last of the period; no period reaches into the next year
    if month >= 12:
        return date(day.year, 12, 31)
    return date(day.year, month + 1, 1) - timedelta(days=1)


def is_first_day(day: date, precision: str) -> bool:
    """Whether `day` is the first day of a period of `precision`."""
    return precision == "day" or (day.day == 1 and (day.month - 1) % MONTHS[precision] == 0)


def display(day: date, precision: str, end: date | None = None) -> str:
    """A date for readers: "July 9, 2024", "January 2024", "Q3 2024", "2024", "February 14 – November 5, 2019"."""
    start = _display(day, precision)
    if end is None or end == day:
        return start
    if precision == "day" and day.year == end.year:
        start = f"{MONTH_NAMES[day.month - 1]} {day.day}"
    return f"{start} – {_display(end, 'day')}"


def edtf(day: date, precision: str, end: date | None = None) -> str:
    """A date in EDTF: 2024-07-09, 2024-07, 2024-35 (the third quarter), 2024; with `end`, a day, an interval."""
    match precision:
        case "day":
            start = day.isoformat()
        case "month":
            start = f"{day.year:04}-{day.month:02}"
        case "quarter":
            start = f"{day.year:04}-{FIRST_GROUPING + _quarter(day) - 1}"
        case "year":
            start = f"{day.year:04}"
        case _:
            raise KeyError(precision)
    return start if end is None or end == day else f"{start}/{end.isoformat()}"


def parse_edtf(text: str) -> tuple[date, Precision]:
    """The first day and the precision of a single date as `edtf` writes it. Raises ValueError, also for intervals."""
    if not (found := re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text, re.ASCII)):
        raise ValueError(f"“{text}” is not a date. Write 2024-07-09, 2024-07, 2024-35 (the third quarter) or 2024.")
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        if found[3]:
            return date(year, month, day), "day"
        if FIRST_GROUPING <= month < FIRST_GROUPING + 4:
            return date(year, 3 * (month - FIRST_GROUPING) + 1, 1), "quarter"
        if found[2]:
            return date(year, month, 1), "month"
        return date(year, 1, 1), "year"
    except ValueError:
        raise ValueError(f"There is no such date as “{text}”.") from None


def _display(day: date, precision: str) -> str:
    match precision:
        case "day":
            return f"{MONTH_NAMES[day.month - 1]} {day.day}, {day.year}"
        case "month":
            return f"{MONTH_NAMES[day.month - 1]} {day.year}"
        case "quarter":
            return f"Q{_quarter(day)} {day.year}"
        case "year":
            return str(day.year)
    raise KeyError(precision)


def _quarter(day: date) -> int:
    return (day.month + 2) // 3
