"""What a feed brings, whatever its format."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from events.ingest.text import WORD, digest

LOOKED_BACK = dt.timedelta(days=30)  # at first; what is older is no news, and there is much of it
AT_MOST = 500  # entries of one answer; the rest of a longer one is what older looks have brought
# Words that say nothing of what a title tells.
COMMON = frozenset(
    """
    a an and as at but by for from has have in into is it its of on or over says said than that the to up with after
    """.split()  # noqa: SIM905, one a line is 26 lines
)
FIRST_YEAR, LAST_YEAR = 1900, 2200  # of what is published; year 1 is how many programs write "none"
ALIKE = 0.6  # of all words of two titles, so many in both
REFERENCE = re.compile(rb"&#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<decimal>[0-9]+));?")  # of XML, to a character
OUTLET = re.compile(r"\s+[|–—-]\s+[^|–—]{2,40}$")  # " - Reuters" at the end of a title


class BadFeed(ValueError):
    """What came is not what the feed is said to be; the message is a sentence for editors."""


@dataclass(frozen=True)
class Entry:
    """An item as its feed tells it; `details` are for editors to see, as strings by name."""

    url: str
    title: str
    summary: str = ""
    publisher: str = ""
    authors: tuple[str, ...] = ()
    published: dt.date | None = None
    language: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """One answer of a feed: its entries, where it goes on (empty: nowhere), and how far it has been read with it."""

    entries: list[Entry]
    more: str = ""
    cursor: str = ""


def content_hash(title: str, text: str) -> str:
    """SHA-256 (hex) of the words of an item, whatever their case and spacing."""
    return digest(WORD.findall(f"{title}\n{text}".casefold()))


def title_words(title: str) -> frozenset[str]:
    """What a title tells, for comparing: its words without the common ones and without the outlet at its end."""
    return frozenset(WORD.findall(OUTLET.sub("", title).casefold())) - COMMON


def are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two titles tell the same, by their words. Short ones have too few to tell."""
    if min(len(one), len(other)) < 4:
        return one == other and len(one) > 1
    return len(one & other) >= ALIKE * len(one | other)


def absolute(base: str, address: str) -> str:
    """An address as a feed at `base` gives it; "" for what is none: one bad link costs its entry and no other."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def with_characters(body: bytes) -> bytes:
    """XML with U+FFFD, as browsers have it, where it refers to what is no character, such as half an emoji.

    For such a reference parsers give up the whole of it.
    """
    return REFERENCE.sub(lambda found: found[0] if refers(found) else b"&#xFFFD;", body)


def refers(found: re.Match[bytes]) -> bool:
    """Whether there is a character of that number (XML 1.0, 2.2)."""
    digits = (found["hex"] or found["decimal"]).lstrip(b"0")
    if len(digits) > len("1114111"):
        return False
    number = int(digits or b"0", 16 if found["hex"] else 10)
    return (
        number in (0x9, 0xA, 0xD)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )


def plausible(day: dt.date | None) -> dt.date | None:
    """The day, where something may have been published on it."""
    return day if day and FIRST_YEAR < day.year < LAST_YEAR else None


def newest(days: Iterable[dt.date | None], before: str) -> str:
    """The later of a cursor that is a date and the last of the days."""
    return max([before, *(day.isoformat() for day in days if day)])
