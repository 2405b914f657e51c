"""Documents of the Federal Register: its API v1, document search, JSON.

The format: federalregister.gov/developers/documentation/api/v1.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog
from django.utils import timezone

from events.choices import Precision
from events.ingest.entry import LOOKED_BACK, BadFeed, Batch, Entry, absolute, newest, plausible
from events.ingest.webpage import cleaned, line
from events.lib.dates import display

log = structlog.get_logger(__name__)

Kind = TypeVar("Kind")
FIELDS = (
    "title", "abstract", "document_number", "type", "action", "citation", "publication_date", "effective_on",
    "comments_close_on", "dates", "html_url", "pdf_url", "agencies", "docket_ids", "cfr_references", "signing_date",
    "executive_order_number",
)  # fmt: skip
PAGE = 100
OVERLAP = dt.timedelta(days=3)  # looked at again: documents of a day are still filed on the next
SINCE = "conditions[publication_date][gte]"


def request(url: str, cursor: str) -> str:
    """The address of the search that `url` holds (agencies, terms), from the last day seen on, oldest first.

    The first look goes LOOKED_BACK, or to the day that the search itself names.
    """
    parts = urlsplit(url)
    asked = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("order", "per_page", "page", "fields[]")]
    named = max((value for name, value in asked if name == SINCE), default="")
    if cursor:
        since = max(named, (dt.date.fromisoformat(cursor) - OVERLAP).isoformat())
    else:
        since = named or (timezone.now().date() - LOOKED_BACK).isoformat()
    asked = [(name, value) for name, value in asked if name != SINCE]
    asked += [("order", "oldest"), ("per_page", str(PAGE)), (SINCE, since), *(("fields[]", name) for name in FIELDS)]
    return urlunsplit(parts._replace(query=urlencode(asked)))


def parse(body: bytes, *, url: str, cursor: str = "") -> Batch:
    """One page of the answer: its documents, the next page, and the last day of publication. Raises BadFeed."""
    try:
        said = json.loads(body)
        results = said["results"] if said.get("count") else said.get("results", [])  # an empty answer has none
        found = [each for each in results if is_document(each)]
        entries = [document(each) for each in found]
        following = str(said.get("next_page_url") or "")
    except (ValueError, RecursionError):
        raise BadFeed("It is no JSON, or ended too early.") from None
    except (KeyError, TypeError, AttributeError) as problem:
        raise BadFeed(f"It is not an answer of the Federal Register’s API: {problem}.") from None
    if results and not entries:
        raise BadFeed("It is not an answer of the Federal Register’s API: nothing in it has an address.")
    if len(found) < len(results):
        log.warning("Documents of the Federal Register have no address", number=len(results) - len(found))
    more = absolute(url, following) if following else ""
    more = more if urlsplit(more).netloc == urlsplit(url).netloc else ""
    today = timezone.now().date()
    # A day to come would have all that is published until then passed over.
    seen = (each.published for each in entries if each.published and each.published <= today)
    return Batch(entries, more, newest(seen, cursor))


def is_document(said: Any) -> bool:
    """Whether it has an address, all that an entry needs. One that has none costs no other."""
    return isinstance(said, dict) and bool(said.get("html_url"))


def document(said: dict[str, Any]) -> Entry:
    agencies = [line(str(each.get("name") or each.get("raw_name") or "")) for each in listed(said, "agencies", dict)]
    details: dict[str, Any] = {
        name: line(str(said[name])) for name in FIELDS if isinstance(said.get(name), str | int) and name != "abstract"
    }
    for shown_elsewhere in ("title", "html_url", "publication_date"):
        details.pop(shown_elsewhere, None)
    details["agencies"] = [name for name in agencies if name]
    if dockets := listed(said, "docket_ids", str):
        details["docket_ids"] = [line(each) for each in dockets]
    if parts := listed(said, "cfr_references", dict):
        details["cfr"] = [line(f"{each.get('title')} CFR {each.get('part')}") for each in parts]
    published = None
    with suppress(ValueError):
        published = plausible(dt.date.fromisoformat(str(said.get("publication_date") or "")))
    return Entry(
        url=str(said["html_url"]),
        title=line(str(said.get("title") or "")),  # without one, its page is asked
        summary=cleaned(str(said.get("abstract") or "")),
        publisher="Federal Register",
        published=published,
        language="en",
        details=details,
    )


def listed(said: dict[str, Any], name: str, kind: type[Kind]) -> list[Kind]:
    """What a document lists under a name, as far as it is of a kind."""
    found = said.get(name)
    return [each for each in found if isinstance(each, kind)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Particulars:
    """What a draft takes of a document: dates as findings have them, how it is cited, and a sentence of both."""

    days: list[dict[str, str]]
    locator: str
    summary: str


def particulars(details: dict[str, Any]) -> Particulars:
    """Those of the `details` of a document's entry; what it does not say is left out."""
    days = [
        {"date": said, "precision": Precision.DAY.value, "text": what, "sentence": str(details.get("dates") or "")}
        for name, what in (("effective_on", "effective"), ("signing_date", "signed"))
        if is_day(said := str(details.get(name) or ""))
    ]
    number = f"document {details['document_number']}" if details.get("document_number") else ""
    locator = ", ".join(filter(None, (str(details.get("citation") or ""), number)))
    effective = next((dt.date.fromisoformat(day["date"]) for day in days if day["text"] == "effective"), None)
    parts = [f"effective {display(effective, Precision.DAY)}" if effective else "", locator]
    said = "; ".join(filter(None, parts))
    return Particulars(days, locator, f"{said[0].upper()}{said[1:]}." if said else "")


def is_day(text: str) -> bool:
    with suppress(ValueError):
        return bool(dt.date.fromisoformat(text))
    return False
