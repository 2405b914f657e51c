"""What a date means on the day on which the text that says it was published, no more exact than it is said."""

from __future__ import annotations

import datetime as dt
import re

from events.lib.dates import MONTH_NAMES, Precision

MONTHS = {name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
MONTHS |= {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)} | {"sept": 9}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
STEPS = {"last": -1, "this": 0, "next": 1}
# Words before a date after which it lies ahead.
AHEAD = re.compile(
    r"\b(?:will|would|from|starting|beginning|effective|takes? effect|by|until|due|plans?|as of|expected|scheduled|"
    r"apply|applies|runs|ends|required|on or after|compliance)\b[^.;]{0,45}$",
    re.IGNORECASE,
)
# Of a day of the week more is asked, since most are of the week that was.
TO_COME = re.compile(
    r"\b(?:will|is to|are to|set to|due|scheduled|takes? effect|plans? to|expected)\b"
    r"(?:(?!\b(?:said|says|told|announced|reported|wrote)\b)[^.;,]){0,60}$"
)
STARTS = re.compile(r"\b(?:starting|beginning|effective|from|by|until|as of|before)\s+(?:on\s+)?$", re.IGNORECASE)
# Years that are part of the name of a law or of the number of a notice, and those of a company's own calendar.
OF_A_NAME = re.compile(r"(?:\b(?:Act|Law|Code|Ordinance|Regulations?|Decree|Order|Rules|Treaty)|\bNos?\.? ?[\d-]+)$")
FISCAL = re.compile(r"\b[Ff]iscal\b[^.;]{0,25}$")


def resolve(said: dict[str, str | None], before: str, published: dt.date | None) -> tuple[dt.date, Precision] | None:
    """The day and precision that the parts of a form mean, after the words before it.

    None: there is no such day, or which one is meant cannot be known.
    """
    try:
        return _resolve({key: value.lower() for key, value in said.items() if value}, before, published)
    except (ValueError, OverflowError):  # June 31; the day before the first of all
        return None


def _resolve(said: dict[str, str], before: str, published: dt.date | None) -> tuple[dt.date, Precision] | None:
    step = STEPS.get(said.get("which", ""))
    year = int(said["year"]) if "year" in said else None
    if year is None and published and step is not None and ({"month", "quarter", "ordinal"} & set(said)):
        year = published.year + step  # "July of last year"
    if quarter := int(said.get("quarter", 0)) or QUARTERS.get(said.get("ordinal", ""), 0):
        return (dt.date(year, 3 * quarter - 2, 1), "quarter") if year else None
    month = month_of(said)
    if month is None:
        return None
    if month and year:
        return (dt.date(year, month, int(said["day"])), "day") if "day" in said else (dt.date(year, month, 1), "month")
    if year:
        is_name = said.get("before", "of") == "of" and OF_A_NAME.search(before.rstrip())
        return None if is_name or FISCAL.search(before) else (dt.date(year, 1, 1), "year")
    if published is None:
        return None
    if month:
        return of_no_year(month, said, before, published)
    if "unit" in said:
        return period(said.get("which", "this"), said["unit"], published)
    if "relative" in said:
        return published + dt.timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[said["relative"]]), "day"
    if "ago" in said:
        return published - dt.timedelta(days=NUMBERS.get(said["ago"]) or int(said["ago"])), "day"
    if "week" in said:
        monday = published - dt.timedelta(days=published.weekday()) + dt.timedelta(weeks=STEPS[said["week"]])
        return monday + dt.timedelta(days=WEEKDAYS.index(said["weekday"])), "day"
    if "weekday" in said:
        return weekday(said["weekday"], said.get("which", ""), before, published), "day"
    return None


def month_of(said: dict[str, str]) -> int | None:
    """The number of the month, 0 where none is said; None where 07/09 may be either."""
    if "one" in said:
        one, other = int(said["one"]), int(said["other"])
        if one > 12 or one == other:
            said["day"] = str(one)
            return other
        said["day"] = str(other)
        return one if other > 12 else None
    return int(said["number"]) if "number" in said else MONTHS.get(said.get("month", "").rstrip("."), 0)


def of_no_year(month: int, said: dict[str, str], before: str, published: dt.date) -> tuple[dt.date, Precision] | None:
    """A month, or a day of it, of the year that is meant."""
    day, which = int(said.get("day", 1)), said.get("before", "")
    precision: Precision = "day" if "day" in said else "month"
    years = [each for each in range(published.year - 1, published.year + 2) if is_date(each, month, day)]
    candidates = [dt.date(each, month, day) for each in years]
    if which == "this":
        candidates = [each for each in candidates if each.year == published.year]
    elif which == "last":
        candidates = [each for each in candidates if each < published.replace(day=1)][-1:]
    elif which == "next":
        candidates = [each for each in candidates if each > published][:1]
    if not candidates:
        return None
    ahead = which in ("by", "until", "till", "through") or bool(AHEAD.search(before))
    return nearest(candidates, published, ahead=ahead), precision


def is_date(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def nearest(candidates: list[dt.date], published: dt.date, *, ahead: bool) -> dt.date:
    """Of the same day in several years the one that is meant: the last, unless it lies ahead by its words or by far."""
    past = max((day for day in candidates if day <= published), default=None)
    future = min((day for day in candidates if day > published), default=None)
    if past is None or future is None:
        return past or future or candidates[0]
    since, until = (published - past).days, (future - published).days
    if ahead:
        return past if since <= 31 else future  # a rule "took effect from July 1" a week ago
    return future if since > 240 and until < since else past


def weekday(name: str, which: str, before: str, published: dt.date) -> dt.date:
    number = WEEKDAYS.index(name.lower())
    back = (published.weekday() - number) % 7
    if which == "last":
        return published - dt.timedelta(days=back or 7)
    if which == "next" or (which != "this" and (STARTS.search(before) or (back and TO_COME.search(before)))):
        ahead = (number - published.weekday()) % 7
        return published + dt.timedelta(days=ahead or (7 if which == "next" else 0))
    return published - dt.timedelta(days=back)


def period(which: str, unit: str, published: dt.date) -> tuple[dt.date, Precision]:
    step = STEPS[which]
    if unit == "year":
        return dt.date(published.year + step, 1, 1), "year"
    if unit == "quarter":
        number = published.year * 4 + (published.month - 1) // 3 + step
        return dt.date(number // 4, number % 4 * 3 + 1, 1), "quarter"
    number = published.year * 12 + published.month - 1 + step
    return dt.date(number // 12, number % 12 + 1, 1), "month"
