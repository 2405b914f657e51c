"""Dates in a text, no more exact than it says, resolved against the day on which the text was published."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from events.ingest.resolving import MONTHS, WEEKDAYS, resolve
from events.ingest.text import Text
from events.lib.dates import MONTH_NAMES, Precision

NAMES = "|".join(MONTH_NAMES)
SHORT = r"Jan\.?|Feb\.?|Mar(?:\.|(?= \d))|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?"
MONTH = rf"(?P<month>{NAMES}|{NAMES.upper()}|{SHORT})"
YEAR = r"(?P<year>(?:19|20)\d\d)"
TH = r"(?:st|nd|rd|th)?"
DAY = rf"(?P<day>[0-3]?\d){TH}"
WHICH = r"(?P<which>(?i:last|next|this))"
ORDINAL = r"(?P<ordinal>first|second|third|fourth|[1-4](?:st|nd|rd|th))"
NOT_NUMBER = r"(?![\d:/]|[.,]\d|\s?(?:FR|CFR|U\.S\.C|percent|%|nanomet))"
NOT_EACH = r"(?<!each )(?<!every )(?<!Each )(?<!Every )"
WEEKDAY = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
BEFORE = (
    "in|since|by|until|till|through|before|after|during|from|of|for|to|between|early|late|mid|last|next|this|and|or|end|"
    "end of"
)
PREPOSITION = rf"(?P<before>(?i:{BEFORE}))"
PART_OF_YEAR = r"(?i:spring|summer|autumn|fall|winter|H[12]|(?:first|second|1st|2nd)[- ]half)"

# In order: what an earlier one has taken, a later one does not see.
FORMS = tuple(
    re.compile(form)
    for form in (
        r"\b(?P<year>(?:19|20)\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)(?!\d)",
        r"\b(?P<year>(?:19|20)\d\d)[/.](?P<number>[01]?\d)[/.](?P<day>[0-3]?\d)\b",
        r"(?P<year>(?:19|20)\d\d)年(?P<number>[01]?\d)月(?:(?P<day>[0-3]?\d)日)?",
        r"\b(?P<day>[0-3]?\d)\.(?P<number>[01]?\d)\.(?P<year>20\d\d)\b",
        r"\b(?P<one>[0-3]?\d)/(?P<other>[0-3]?\d)/(?P<year>20\d\d)\b",
        rf"\b{MONTH}\s+{DAY},?\s+(?:of\s+)?{YEAR}\b",
        rf"\b{DAY}[\s-]+(?:of\s+)?{MONTH}(?:,?\s+|-){YEAR}\b",
        rf"\b{MONTH}\s+{DAY},?\s+(?:of\s+)?{WHICH}\s+year\b",
        rf"\b{NOT_EACH}{MONTH}\s+{DAY}\b{NOT_NUMBER}",
        rf"\b{NOT_EACH}{DAY}\s+(?:of\s+)?{MONTH}(?!\w)",
        rf"\b(?:(?i:early|late|mid)[- ])?{MONTH},?\s+(?:of\s+)?{YEAR}\b",
        rf"\b{MONTH},?\s+(?:of\s+)?{WHICH}\s+year\b",
        r"\b(?P<year>20\d\d)-(?P<number>0[1-9]|1[0-2])\b(?![-\d])",
        rf"\bQ(?P<quarter>[1-4])[, ]+(?:of\s+)?{YEAR}\b",
        rf"\b{YEAR}\s?Q(?P<quarter>[1-4])\b",
        rf"\b{ORDINAL}[- ]quarter(?:\s+of|,)?\s+{YEAR}\b",
        rf"\b(?:{ORDINAL}[- ]quarter|Q(?P<quarter>[1-4]))(?:\s+of)?\s+{WHICH}\s+year\b",
        rf"\b{PART_OF_YEAR}\s+(?:of\s+)?{YEAR}\b",
        rf"\b{PREPOSITION}[- ]{MONTH}(?!\w)(?!\s+\d|')",
        rf"\b{WHICH}\s+(?P<unit>month|quarter|year)\b",
        r"\b(?i:end|close|rest|remainder|earlier|later) (?:of|in) the (?P<unit>month|quarter|year)\b",
        r"\b(?i:by|at|before|until) (?P<unit>year)[- ]end\b",
        r"\b(?P<relative>(?i:today|yesterday|tomorrow))\b(?!')",
        r"\b(?P<ago>(?i:two|three|four|five|six)|[2-6]) days ago\b",
        rf"\b{WEEKDAY} (?:of )?(?P<week>last|next|this) week\b",
        rf"\b(?P<week>(?i:last|next|this)) week on {WEEKDAY}\b",
        rf"\b(?:{WHICH}\s+)?{WEEKDAY}\b",
        rf"\b{PREPOSITION}(?:[\s-]+|\s+the\s+year\s+){YEAR}\b(?![-/\d])",
        rf"(?:\b(?i:the|its|a|their|under) |(?<='s )){YEAR}(?= [a-z])",
    )
)
# What stands between two dates of which one lends the other its month or its year.
TO = r"\s*(?:and|or|to|through|until|[-–/])\s*"
MORE_DAYS = re.compile(
    rf"(?P<more>(?:,\s*[0-3]?\d{TH})*(?:,?{TO}(?:on\s+)?[0-3]?\d{TH}))\b{NOT_NUMBER}"
    rf"(?!\s+(?:{NAMES}|{SHORT})|\s+[a-z]+s\b)(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?"
)
DAY_BEFORE = re.compile(rf"\b(?P<day>[0-3]?\d){TH}{TO}$")
MONTH_BEFORE = re.compile(
    rf"\b(?:(?P<day_first>[0-3]?\d)\s+)?{MONTH}(?:\s+(?P<day>[0-3]?\d))?(?P<end>){TO}(?:(?i:early|late|mid)[- ])?$"
)

Said = dict[str, str | None]


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
    spoken_for = bytearray(len(text.plain))  # by place, so that of thousands of dates none is compared with all others
    for start, end in taken:
        spoken_for[start:end] = b"\1" * (end - start)
    for form in FORMS:
        for match in form.finditer(text.plain):
            for said, start, end in with_neighbors(text.plain, match):
                if any(spoken_for[start:end]):
                    break
                if resolved := resolve(said, text.plain[max(0, start - 80) : start], published):
                    spoken_for[start:end] = b"\1" * (end - start)
                    found.append(Day(*resolved, " ".join(text.plain[start:end].split()), start, end))
    return list(without_apposition(text, sorted(found, key=lambda day: day.start)))


def with_neighbors(plain: str, match: re.Match[str]) -> Iterator[tuple[Said, int, int]]:
    """The date of a form, and those beside it that take their month or year from it, with their places.

    "October 7 and 17, 2022", "between May and July 2025", "1 to 15 July".
    """
    said, (start, end) = match.groupdict(), match.span()
    more = None
    if said.get("month") and said.get("day") and not said.get("year") and not plain[start].isdigit():
        more = MORE_DAYS.match(plain, end)
        said["year"] = more["year"] if more else None
    yield said, start, end
    for each in re.finditer(r"\d+", more["more"]) if more else ():
        yield {**said, "day": each[0]}, end + each.start(), end + each.end()
    if not said.get("month"):
        return
    if said.get("day") and plain[start].isdigit() and (before := DAY_BEFORE.search(plain, max(0, start - 12), start)):
        yield {**said, "day": before["day"]}, before.start(), before.end("day")
    elif said.get("year") and (before := MONTH_BEFORE.search(plain, max(0, start - 30), start)):
        month, year = before["month"], int(str(said["year"]))
        is_of_year_before = MONTHS[month.lower().rstrip(".")] > MONTHS[str(said["month"]).lower().rstrip(".")]
        day = before["day"] or before["day_first"]
        yield {"month": month, "day": day, "year": str(year - is_of_year_before)}, before.start(), before.start("end")


def without_apposition(text: Text, days: list[Day]) -> Iterator[Day]:
    """Without weekdays right beside a full date: "Tuesday, July 9" and "July 9 (Tuesday)" are one day, said once."""
    for place, day in enumerate(days):
        following = days[place + 1] if place + 1 < len(days) else None
        before = days[place - 1] if place else None
        if day.text.split()[-1].lower() in WEEKDAYS and (
            (following and text.plain[day.end : following.start] in (", ", " ", " ("))
            or (before and before.date == day.date and text.plain[before.end : day.start] in (", ", " ("))
        ):
            continue
        yield day
