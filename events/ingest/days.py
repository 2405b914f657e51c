"""Dates in a text, no more exact than it says, resolved against the day on which the text was published."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from events.ingest.text import Text
from events.lib.dates import MONTH_NAMES, Precision

MONTHS = {name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
MONTHS |= {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)} | {"sept": 9}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
MONTH = (
    rf"(?P<month>{'|'.join(MONTH_NAMES)}|Jan\.?|Feb\.?|Mar\.|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
YEAR = r"(?P<year>(?:19|20)\d\d)"
DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
NOT_NUMBER = r"(?![\d:/]|[.,]\d|\s?(?:FR|CFR|U\.S\.C|percent|%|nanomet))"
WEEKDAY = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
BEFORE = "in|since|by|until|through|before|after|during|from|of|for|early|late|mid|last|next|this|and|end of"
PREPOSITION = rf"(?P<before>(?i:{BEFORE}))"

# In order: what an earlier one has taken, a later one does not see.
FORMS = tuple(
    re.compile(form)
    for form in (
        r"\b(?P<year>(?:19|20)\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)\b",
        rf"\b{MONTH}\s+{DAY},?\s+{YEAR}\b",
        rf"\b{DAY}\s+(?:of\s+)?{MONTH},?\s+{YEAR}\b",
        rf"\b{MONTH}\s+{DAY}\b{NOT_NUMBER}",
        rf"\b{DAY}\s+{MONTH}\b",
        rf"\b(?:(?i:early|late|mid)[- ])?{MONTH},?\s+(?:of\s+)?{YEAR}\b",
        rf"\bQ(?P<quarter>[1-4])[, ]+(?:of\s+)?{YEAR}\b",
        rf"\b(?P<ordinal>first|second|third|fourth|[1-4](?:st|nd|rd|th))[- ]quarter(?:\s+of|,)?\s+{YEAR}\b",
        rf"\b{PREPOSITION}[- ]{MONTH}\b(?!\s+\d|')",
        r"\b(?P<which>(?i:last|next|this))\s+(?P<unit>month|quarter|year)\b",
        r"\b(?P<relative>(?i:today|yesterday|tomorrow))\b(?!')",
        rf"\b(?:(?P<which>(?i:last|next|this))\s+)?{WEEKDAY}\b",
        rf"\b{PREPOSITION}\s+{YEAR}\b(?![-/\d])",
    )
)
# Words before a date after which it lies ahead.
AHEAD = re.compile(
    r"\b(?:will|would|from|starting|beginning|effective|takes? effect|by|until|due|plans?|as of|expected|scheduled|"
    r"apply|applies|runs|ends|required|on or after|compliance)\b[^.;]{0,45}$",
    re.IGNORECASE,
)
STARTS = re.compile(r"\b(?:starting|beginning|effective|from|by|until|as of|before)\s+(?:on\s+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Day:
    """A date that a text gives: the first day of its span, the precision, and the words that say so."""

    date: dt.date
    precision: Precision
    text: str
    start: int
    end: int


def find(text: Text, published: dt.date | None, *, taken: Collection[tuple[int, int]] = ()) -> list[Day]:
    """The dates of a text in order. `taken` are spans that are part of names ("October 7 rule").

    Without the day of publication only dates that name their year are found.
    """
    found: list[Day] = []
    spans = list(taken)
    for form in FORMS:
        for match in form.finditer(text.plain):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in spans):
                continue
            resolved = resolve(match.groupdict(), text.plain[max(0, start - 80) : start], published)
            if resolved:
                spans.append((start, end))
                found.append(Day(*resolved, " ".join(match[0].split()), start, end))
    return list(without_apposition(text, sorted(found, key=lambda day: day.start)))


def resolve(said: dict[str, str | None], before: str, published: dt.date | None) -> tuple[dt.date, Precision] | None:
    """The day and precision that a form means; None: there is none such, or it cannot be known."""
    try:
        return _resolve({key: value for key, value in said.items() if value}, before, published)
    except ValueError:  # June 31
        return None


def _resolve(said: dict[str, str], before: str, published: dt.date | None) -> tuple[dt.date, Precision] | None:
    year = int(said["year"]) if "year" in said else None
    month = int(said["number"]) if "number" in said else MONTHS.get(said.get("month", "").lower().rstrip("."), 0)
    if quarter := int(said.get("quarter", 0)) or QUARTERS.get(said.get("ordinal", "").lower(), 0):
        return dt.date(year or 1, 3 * quarter - 2, 1), "quarter"
    if month and year:
        return (dt.date(year, month, int(said["day"])), "day") if "day" in said else (dt.date(year, month, 1), "month")
    if year and not month:
        return dt.date(year, 1, 1), "year"
    if published is None:
        return None
    if month:
        day = int(said.get("day", 1))
        which = said.get("before", "").lower()
        years = [each for each in range(published.year - 1, published.year + 2) if is_date(each, month, day)]
        candidates = [dt.date(each, month, day) for each in years]
        if not candidates:
            return None
        ahead = which in ("next", "by", "until", "through") or bool(AHEAD.search(before))
        return nearest(candidates, published, ahead=ahead), "day" if "day" in said else "month"
    if "unit" in said:
        return period(said["which"].lower(), said["unit"], published)
    if "relative" in said:
        step = {"today": 0, "yesterday": -1, "tomorrow": 1}[said["relative"].lower()]
        return published + dt.timedelta(days=step), "day"
    if "weekday" in said:
        return weekday(said["weekday"], said.get("which", "").lower(), before, published), "day"
    return None


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
    if which == "next" or (which != "this" and STARTS.search(before)):
        ahead = (number - published.weekday()) % 7
        return published + dt.timedelta(days=ahead or (7 if which == "next" else 0))
    return published - dt.timedelta(days=back)


def period(which: str, unit: str, published: dt.date) -> tuple[dt.date, Precision]:
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "year":
        return dt.date(published.year + step, 1, 1), "year"
    if unit == "quarter":
        number = published.year * 4 + (published.month - 1) // 3 + step
        return dt.date(number // 4, number % 4 * 3 + 1, 1), "quarter"
    number = published.year * 12 + published.month - 1 + step
    return dt.date(number // 12, number % 12 + 1, 1), "month"


def without_apposition(text: Text, days: list[Day]) -> Iterator[Day]:
    """Without weekdays right before a full date: "Tuesday, July 9" is one day, said once."""
    for place, day in enumerate(days):
        following = days[place + 1] if place + 1 < len(days) else None
        if (
            following
            and day.text.split()[-1].lower() in WEEKDAYS
            and text.plain[day.end : following.start] in (", ", " ")
        ):
            continue
        yield day
