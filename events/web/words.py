"""How documents are put into words for readers: names with their articles, dates, effects on access."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from events.choices import AccessStatus, ClosedBy, RecordType
from events.lib.countries import countries_by_code
from events.lib.dates import display, parse_edtf
from events.models import WORLD

Names = Mapping[tuple[str, str], str]

# Countries whose names take an article within a sentence.
WITH_ARTICLE = {"AE", "BS", "CF", "DO", "FK", "GB", "GM", "KM", "KY", "MH", "MV", "NL", "PH", "SB", "SC", "TC", "US"}
MOST_PLACES = 4

IN_SENTENCE = {
    AccessStatus.AVAILABLE: "available",
    AccessStatus.LIMITED: "limited",
    AccessStatus.LICENSE_REQUIRED: "license required",
    AccessStatus.BLOCKED: "blocked",
}
DECIDED_BY = {
    ClosedBy.PROVIDER: "the provider",
    ClosedBy.OTHER_COMPANY: "another company",
    ClosedBy.OWN_GOVERNMENT: "its own government",
    ClosedBy.FOREIGN_GOVERNMENT: "a foreign government",
    ClosedBy.INTERNATIONAL: "an international body",
}


@cache
def country_names() -> dict[str, str]:
    """The name of each country by its code. No editor changes these: no query is needed."""
    return {code: entry.name for code, entry in countries_by_code().items()}


def country_in_sentence(code: str) -> str:
    name = country_names().get(code, code)
    return f"the {name}" if code in WITH_ARTICLE else name


def group_in_sentence(slug: str, name: str) -> str:
    if slug == WORLD:
        return "every country"
    return name if "Country Group" in name else f"the {name}"


@lru_cache(maxsize=10_000)
def day_in_words(iso: str, precision: str = "day", end: str | None = None) -> str:
    """A date of a document for readers: "July 9, 2024", "Q3 2024"."""
    return display(dt.date.fromisoformat(iso), precision, dt.date.fromisoformat(end) if end else None)


@lru_cache(maxsize=10_000)
def edtf_in_words(text: str) -> str:
    """A single date in EDTF for readers."""
    day, precision = parse_edtf(text)
    return display(day, precision)


def moment_in_words(text: str) -> str:
    """A time of a document (UTC) for readers: "July 9, 2024, 14:05 UTC"."""
    return f"{day_in_words(text[:10])}, {text[11:16]} UTC"


def listed(parts: Sequence[str], *, last: str = "and") -> str:
    """ "a", "a and b", "a, b, and c"."""
    if len(parts) < 3:
        return f" {last} ".join(parts)
    return f"{', '.join(parts[:-1])}, {last} {parts[-1]}"


def shortened(parts: Sequence[str], most: int = MOST_PLACES) -> str:
    """A list in words that says how many it leaves out."""
    if len(parts) <= most + 1:
        return listed(parts)
    return f"{', '.join(parts[:most])}, and {len(parts) - most} more"


def place_of(effect: Mapping[str, Any], names: Names) -> str:
    """Where an effect holds, within a sentence: "China", "the European Union except Ireland"."""
    if effect["country"]:
        return country_in_sentence(effect["country"])
    slug = effect["group"]
    place = group_in_sentence(slug, names.get((RecordType.GROUP.value, slug), slug))
    if effect["except"]:
        place += f" except {listed([country_in_sentence(code) for code in effect['except']])}"
    return place


@dataclass(frozen=True)
class Sentence:
    """Effects of one product, status and time, in words: "OpenAI API: blocked in China from July 9, 2024"."""

    product: str
    product_name: str
    status: str
    text: str


def sentences(effects: Sequence[Mapping[str, Any]], names: Names) -> list[Sentence]:
    """A document's effects in words, those that differ only in their place as one."""
    places: dict[tuple[str, ...], list[str]] = {}
    for effect in effects:
        same = (
            effect["product"],
            effect["status"],
            effect["effective_date"],
            effect["date_precision"],
            effect["until"] or "",
        )
        places.setdefault(same, []).append(place_of(effect, names))
    found = []
    for (product, status, start, precision, until), where in places.items():
        text = f"{IN_SENTENCE[AccessStatus(status)]} in {shortened(where)} from {day_in_words(start, precision)}"
        if until:
            text += f" until {day_in_words(until)}"
        found.append(Sentence(product, names.get((RecordType.PRODUCT.value, product), product), status, text))
    return found


def decided_by(by: Sequence[str]) -> str:
    return listed([DECIDED_BY[ClosedBy(word)] for word in by])


def count_in_words(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
