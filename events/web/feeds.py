"""Feeds: each event once, as its newest change has left it, told apart as new, corrected or retracted.

An entry keeps its id forever, and is dated by its newest change that was no reissue: readers show what was corrected
again, and nothing only because a record that it names is called otherwise now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from xml.sax.xmlreader import AttributesImpl

import orjson
from django.http import QueryDict
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.utils.xmlutils import SimplerXMLGenerator

from events.caching import head
from events.choices import Action, CorrectionClass, EventKind, RecordType, State
from events.documents import instant
from events.lib.lasting import for_xml, lasting_id
from events.models import Change, PublicDocument
from events.queries.recent import Changed, Place, recently_changed
from events.queries.timeline import Criteria
from events.web import filtering, rows
from events.web.matching import matcher
from events.web.record import Document, documents_of, names_in, names_missing, names_of
from events.web.structured import LICENSE, NAME

PAGE = 50
ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
EPOCH = "1970-01-01T00:00:00.000000Z"
PREFIX = {"new": "", "corrected": gettext_noop("Corrected: "), "retracted": gettext_noop("Retracted: ")}


class BadPlace(ValueError):
    """What was asked for is no page of a feed."""


@dataclass(frozen=True)
class Entry:
    """One event in a feed. `status` is new, corrected or retracted; addresses are absolute, times ISO 8601."""

    id: str
    address: str
    title: str
    summary: str
    html: str
    status: str
    kind: str
    published: str
    updated: str
    revision: int

    @property
    def categories(self) -> tuple[str, str]:
        return self.status, self.kind


@dataclass(frozen=True)
class Feed:
    """One page of a feed; `older` is the address of the next one ("": this is the last)."""

    id: str
    title: str
    home: str
    address: str
    older: str
    updated: str
    entries: Sequence[Entry]


def feed(criteria: Criteria, filters: QueryDict, *, origin: str, path: str, before: str = "") -> Feed:
    """The feed at `path` of what the filters, of which `criteria` is made, let through. Raises BadPlace."""
    recent = recently_changed(criteria, retracted=matcher(criteria), before=decoded(before), size=PAGE)
    entries = entries_of(recent.events, origin)

    def address(place: str) -> str:
        query = filters.copy()
        if place:
            query["before"] = place
        return f"{origin}{path}?{query.urlencode()}" if query else f"{origin}{path}"

    now = head()
    return Feed(
        id=f"urn:uuid:{lasting_id('feed', filters.urlencode())}",
        title=title_of(filters),
        home=origin + filtering.address(filters),
        address=address(before),
        older=address(encoded(recent.older)) if recent.older else "",
        updated=max((entry.updated for entry in entries), default=instant(now.at) if now.at else EPOCH),
        entries=entries,
    )


def title_of(filters: QueryDict) -> str:
    """The record's name, and what is asked of it."""
    said = ", ".join(chip.value for chip in filtering.chips(filters, filtering.names_for(filters)))
    return f"{NAME}: {said}" if said else NAME


def encoded(place: Place) -> str:
    since = place.updated_at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"{since // dt.timedelta(microseconds=1):x}-{place.pk:x}"


def decoded(text: str) -> Place | None:
    if not text:
        return None
    try:
        micros, pk = (int(part, 16) for part in text.split("-"))
        if not 0 <= pk < 1 << 53:
            raise BadPlace
        return Place(dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros), pk)
    except (ValueError, OverflowError):
        raise BadPlace(_("before: This address does not lead to a page of this feed.")) from None


# ------------------------------------------------------------------------------------------------------------- entries


def entries_of(changed: Sequence[Changed], origin: str) -> list[Entry]:
    slugs = [row.slug for row in changed]
    public = PublicDocument.objects.of_type(RecordType.EVENT).filter(key__in=slugs)
    documents = {document["slug"]: document for document in documents_of(public)}
    names = names_of(set().union(*(names_missing(document) for document in documents.values())))
    corrections = corrections_of([row.slug for row in changed if status_of(row) == "corrected"])
    template = get_template("feeds/entry.html")
    found = []
    for row in changed:
        if (document := documents.get(row.slug)) is None:
            continue
        status = status_of(row)
        correction = corrections.get(row.slug)
        context = {
            "origin": origin,
            "event": rows.shown(document, names_in(document) | names, document["date"]),
            "document": document,
            "status": status,
            "correction": correction,
            "class": _(CorrectionClass(correction.correction_class).label) if correction else "",
            "sources": [citation["source"] for citation in document["citations"]],
        }
        found.append(entry(row, document, status, template.render(context), origin))
    return found


def entry(row: Changed, document: Document, status: str, html: str, origin: str) -> Entry:
    prefix = PREFIX[status]
    return Entry(
        id=f"urn:uuid:{lasting_id('event', row.slug)}",
        address=origin + document["html_url"],
        title=f"{_(prefix) if prefix else ''}{document['title']}",
        summary=document["summary"],
        html=html.strip(),
        status=status,
        kind=EventKind(document["kind"]).value,
        published=instant(row.published_at),
        updated=instant(row.updated_at),
        revision=document["revision"],
    )


def status_of(row: Changed) -> str:
    if row.state == State.RETRACTED:
        return "retracted"
    return "new" if row.updated_at == row.published_at else "corrected"


def corrections_of(slugs: Sequence[str]) -> dict[str, Change]:
    """The newest correction of each event."""
    found = Change.objects.filter(type=RecordType.EVENT, key__in=slugs, action=Action.CORRECTED)
    return {change.key: change for change in found.defer("document").order_by("seq")}


# ------------------------------------------------------------------------------------------------------------- formats


def as_json(feed: Feed) -> bytes:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with the status of each item in `_tracker`."""
    said: dict[str, Any] = {
        "version": JSON_FEED,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "description": _("New, corrected and retracted events, by their newest change. Texts: CC BY 4.0."),
        "language": "en-US",
        "authors": [{"name": NAME, "url": feed.home.partition("?")[0]}],
        "items": [item(entry) for entry in feed.entries],
    }
    return orjson.dumps(said | ({"next_url": feed.older} if feed.older else {}))


def item(entry: Entry) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": entry.id,
        "url": entry.address,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": entry.published,
        "date_modified": entry.updated,
        "tags": list(entry.categories),
        "_tracker": {"status": entry.status, "revision": entry.revision},
    }
    return said | ({"summary": entry.summary} if entry.summary else {})


def as_atom(feed: Feed) -> bytes:
    """Atom (RFC 4287), paged as RFC 5005 says."""
    written = StringIO()
    xml = SimplerXMLGenerator(written, "utf-8", short_empty_elements=True)

    def start(name: str, **attributes: str) -> None:
        xml.startElement(name, AttributesImpl({key: for_xml(value) for key, value in attributes.items()}))

    def element(name: str, text: str, **attributes: str) -> None:
        start(name, **attributes)
        xml.characters(for_xml(text))
        xml.endElement(name)

    xml.startDocument()
    start("feed", **{"xmlns": ATOM, "xml:lang": "en-US"})
    element("id", feed.id)
    element("title", feed.title)
    element("updated", feed.updated)
    element("link", "", rel="self", type="application/atom+xml", href=feed.address)
    element("link", "", rel="alternate", type="text/html", href=feed.home)
    if feed.older:
        element("link", "", rel="next", type="application/atom+xml", href=feed.older)
    element("link", "", rel="license", href=LICENSE)
    element("rights", _("Our texts: CC BY 4.0. Titles of sources are third parties’."))
    start("author")
    element("name", NAME)
    element("uri", feed.home.partition("?")[0])
    xml.endElement("author")
    for entry in feed.entries:
        start("entry")
        element("id", entry.id)
        # RFC 4287 wants a title, and of one all in control characters XML can say nothing.
        element("title", entry.title if for_xml(entry.title).strip() else entry.address)
        element("published", entry.published)
        element("updated", entry.updated)
        element("link", "", rel="alternate", type="text/html", href=entry.address)
        for category in entry.categories:
            element("category", "", term=category)
        if entry.summary:
            element("summary", entry.summary)
        element("content", entry.html, type="html")
        xml.endElement("entry")
    xml.endElement("feed")
    xml.endDocument()
    return written.getvalue().encode()
