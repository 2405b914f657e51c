"""What a text says, found: each with the sentence it stands in, for an editor to take or leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from events.choices import CompanyRole
from events.ingest import days
from events.ingest.actors import roles
from events.ingest.called import Found
from events.ingest.kinds import kind_of
from events.ingest.names import Vocabulary
from events.ingest.relays import Relay, datelines, is_press, relays
from events.ingest.speakers import quoted, speakers
from events.ingest.text import Text

LISTS = {"company": "companies", "agency": "agencies", "country": "countries", "group": "groups",
         "product": "products", "policy": "policies"}  # fmt: skip
NOT_IN_DATES = ("policy", "product", "company")


@dataclass
class Page:
    """A page as it was read: its text and what it says of itself."""

    text: str
    title: str = ""
    publisher: str = ""
    authors: list[str] = field(default_factory=list)
    published: dt.date | None = None
    language: str = ""


def findings(page: Page, vocabulary: Vocabulary) -> dict[str, Any]:
    """All that is found in a page, as `manage.py extract --json` prints it: each record once, at its first mention."""
    text = Text(f"{page.title}\n{page.text}" if page.title else page.text)
    found = vocabulary.find(text)
    repeated = relays(text, vocabulary, found)
    found = without_reporters(text, vocabulary, found, repeated)
    taken = [(each.start, each.end) for each in found if each.kind in NOT_IN_DATES]
    said: dict[str, Any] = {
        "title": page.title,
        "publisher": page.publisher,
        "published": page.published.isoformat() if page.published else None,
    }
    for kind, name in LISTS.items():
        said[name] = first_mentions(text, (each for each in found if each.kind == kind))
    event_kind = kind_of(text)
    acting = roles(text, found, event_kind)
    for kind in ("company", "country"):
        for each in said[LISTS[kind]]:
            each["role"] = acting.get((kind, each.get("slug") or each["code"]), CompanyRole.AFFECTED.value)
    said["dates"] = dates(text, days.find(text, page.published, taken=taken))
    said["speakers"] = [
        {"name": voice.name, "sentence": (sentence := text.sentence(voice.start)), "quote": quoted(sentence)}
        for voice in speakers(text)
        if not is_press(voice.name, vocabulary)
    ]
    said["relays"] = [
        {"publisher": each.publisher or page.publisher, "relays": each.relays, "sentence": text.sentence(each.start)}
        for each in repeated
    ]
    said["kind"] = event_kind.value
    return said


def first_mentions(text: Text, found: Iterable[Found]) -> list[dict[str, str]]:
    seen: dict[str, dict[str, str]] = {}
    for each in found:
        name = "code" if each.kind == "country" else "slug"
        seen.setdefault(each.key, {name: each.key, "sentence": text.sentence(each.start)})
    return list(seen.values())


def dates(text: Text, found: Iterable[days.Day]) -> list[dict[str, str]]:
    seen: dict[tuple[dt.date, str], dict[str, str]] = {}
    for day in found:
        seen.setdefault(
            (day.date, day.precision),
            {
                "date": day.date.isoformat(),
                "precision": day.precision,
                "text": day.text,
                "sentence": text.sentence(day.start),
            },
        )
    return list(seen.values())


def without_reporters(text: Text, vocabulary: Vocabulary, found: list[Found], repeated: Iterable[Relay]) -> list[Found]:
    """Without the companies that a text names only as publishers of reports."""
    spans = [(each.start, each.end) for each in repeated] + list(datelines(text, vocabulary))
    reporting = {
        each.key
        for each in found
        if each.kind == "company"
        and (paper := vocabulary.records.get(("publisher", each.key)))
        and is_press(paper.names[0], vocabulary)
        and any(start <= each.start < end for start, end in spans)
    }
    return [each for each in found if not (each.kind == "company" and each.key in reporting)]
