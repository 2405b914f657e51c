"""How documents are put into words for readers: names with their articles, dates, effects on access."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from events.choices import AccessStatus, ClosedBy, Precision, RecordType, ReportedBasis
from events.lib.countries import countries_by_code
from events.lib.dates import display, parse_edtf
from events.models import WORLD

Names = Mapping[tuple[str, str], str]

# Countries whose names take an article within a sentence.
WITH_ARTICLE = {"AE", "BS", "CF", "DO", "FK", "GB", "GM", "KM", "KY", "MH", "MV", "NL", "PH", "SB", "SC", "TC", "US"}
MOST_PLACES = 4

IN_SENTENCE = {
    AccessStatus.AVAILABLE: gettext_noop("available"),
    AccessStatus.LIMITED: gettext_noop("limited"),
    AccessStatus.LICENSE_REQUIRED: gettext_noop("license required"),
    AccessStatus.BLOCKED: gettext_noop("blocked"),
}
DECIDED_BY = {
    ClosedBy.PROVIDER: gettext_noop("the provider"),
    ClosedBy.OTHER_COMPANY: gettext_noop("another company"),
    ClosedBy.OWN_GOVERNMENT: gettext_noop("its own government"),
    ClosedBy.FOREIGN_GOVERNMENT: gettext_noop("a foreign government"),
    ClosedBy.INTERNATIONAL: gettext_noop("an international body"),
}


@cache
def country_names() -> dict[str, str]:
    """The name of each country by its code. No editor changes these: no query is needed."""
    return {code: entry.name for code, entry in countries_by_code().items()}


def country_in_sentence(code: str) -> str:
    name = country_names().get(code, code)
    return _("the %(name)s") % {"name": name} if code in WITH_ARTICLE else name


def group_in_sentence(slug: str, name: str) -> str:
    if slug == WORLD:
        return _("every country")
    return name if "Country Group" in name else _("the %(name)s") % {"name": name}


def day_in_words(iso: str, precision: str = "day", end: str | None = None) -> str:
    """A date of a document for readers: "July 9, 2024", "Q3 2024"."""
    return _said(get_language(), dt.date.fromisoformat(iso), precision, dt.date.fromisoformat(end) if end else None)


def event_day(document: Mapping[str, Any]) -> str:
    """When an event happened, for readers: `date_display` is the same in English, whatever the language."""
    return day_in_words(document["date"], document["date_precision"], document["end_date"])


def reported_in_words(said: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """When an event, or an effect of it, was reported. The event's own date, for want of another, is no more exact."""
    is_the_events = said["reported_on_basis"] == ReportedBasis.EVENT
    return day_in_words(said["reported_on"], event["date_precision"] if is_the_events else "day")


def edtf_in_words(text: str) -> str:
    """A single date in EDTF for readers."""
    return _said(get_language(), *parse_edtf(text), None)


@lru_cache(maxsize=10_000)
def _said(language: str | None, day: dt.date, precision: str, end: dt.date | None) -> str:
    """In English as documents say it; in another language as Django writes dates there."""
    if language is None or language.startswith("en"):
        return display(day, precision, end)
    start = _period(day, precision)
    return start if end is None or end == day else f"{start} – {_period(end, 'day')}"


def _period(day: dt.date, precision: str) -> str:
    if precision == Precision.QUARTER:
        return _("Q%(quarter)s %(year)s") % {"quarter": (day.month + 2) // 3, "year": day.year}
    formats = {Precision.DAY: "DATE_FORMAT", Precision.MONTH: "YEAR_MONTH_FORMAT"}
    return date_format(day, formats[Precision(precision)]) if precision in formats else str(day.year)


def moment_in_words(text: str) -> str:
    """A time of a document (UTC) for readers: "July 9, 2024, 14:05 UTC"."""
    return f"{day_in_words(text[:10])}, {text[11:16]} UTC"


def listed(parts: Sequence[str], *, last: str = "") -> str:
    """ "a", "a and b", "a, b, and c"."""
    last = last or _("and")
    if len(parts) < 3:
        return f" {last} ".join(parts)
    return f"{', '.join(parts[:-1])}, {last} {parts[-1]}"


def shortened(parts: Sequence[str], most: int = MOST_PLACES) -> str:
    """A list in words that says how many it leaves out."""
    if len(parts) <= most + 1:
        return listed(parts)
    return _("%(join)s, and %(what)s more") % {"join": ", ".join(parts[:most]), "what": len(parts) - most}


def place_of(effect: Mapping[str, Any], names: Names) -> str:
    """Where an effect holds, within a sentence: "China", "the European Union except Ireland"."""
    if effect["country"]:
        return country_in_sentence(effect["country"])
    slug = effect["group"]
    place = group_in_sentence(slug, names.get((RecordType.GROUP.value, slug), slug))
    if effect["except"]:
        place += _(" except %(list)s") % {"list": listed([country_in_sentence(code) for code in effect["except"]])}
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
        text = _("%(in_sentence)s in %(list)s from %(start)s") % {
            "in_sentence": status_in_sentence(status),
            "list": shortened(where),
            "start": day_in_words(start, precision),
        }
        if until:
            text += _(" until %(until)s") % {"until": day_in_words(until)}
        found.append(Sentence(product, names.get((RecordType.PRODUCT.value, product), product), status, text))
    return found


def status_in_sentence(status: str) -> str:
    """ "blocked", "license required"; "unknown" of what no record covers."""
    return _(IN_SENTENCE[AccessStatus(status)]) if status in IN_SENTENCE else _("unknown")


def decided_by(by: Sequence[str], governments: Sequence[str] = ()) -> str:
    """ "the provider and a foreign government (the United States)"; `governments`: the foreign ones, by name."""
    said = {word: _(DECIDED_BY[ClosedBy(word)]) for word in by}
    if governments and ClosedBy.FOREIGN_GOVERNMENT in said:
        named = ngettext("a foreign government (%(names)s)", "foreign governments (%(names)s)", len(governments))
        said[ClosedBy.FOREIGN_GOVERNMENT] = named % {"names": listed(governments)}
    return listed(list(said.values()))


def with_number(number: int, text: str) -> str:
    return text % {"number": f"{number:,}"}


def events_in_words(number: int) -> str:
    return with_number(number, ngettext("%(number)s event", "%(number)s events", number))


def days_in_words(number: int) -> str:
    return with_number(number, ngettext("%(number)s day", "%(number)s days", number))


def origins_in_words(number: int) -> str:
    return with_number(number, ngettext("%(number)s independent origin", "%(number)s independent origins", number))
