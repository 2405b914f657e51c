"""The timeline's rows: an event's document as a line of a list, and lists in groups of months.

A row's HTML depends on its document, on the names that the document does not give itself, on whether it is still to
come and on the build, so it is kept in memory, for whatever page needs it next. The document is then not even parsed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import orjson
from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.choices import Certainty, CompanyRole, Direction, EventKind, PlaceRole, Precision, RecordType, RelationKind
from events.lib.dates import today
from events.lib.tokens import Term
from events.queries import evidence
from events.web import words
from events.web.flags import flag_of, flag_of_group
from events.web.highlights import highlighted
from events.web.record import Document, address_of, names_in, names_missing, names_of

ROOM = 4_000  # rows; 2 kB each
MOST_SENTENCES = 3
MOST_LINKS = 6


@dataclass
class Group:
    """The rows of one month ("Q3 2024" and "Some time in 2024" where no month is known).

    `year` is set where the year starts with it; `month` is "" where the list goes on.
    """

    year: int | None
    month: str
    rows: list[SafeString] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """A row and what it depends on besides its document: names by record (`borrowed`), and whether it is to come."""

    year: int
    month: str  # what it stands under
    date: str
    borrowed: tuple[tuple[tuple[str, str], str], ...]
    scheduled: bool
    html: SafeString


Key = tuple[Any, ...]


class Kept:
    """The newest rows made, at most ROOM, by build, language and document; safe among threads."""

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self.rows: OrderedDict[Key, Row] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Key) -> Row | None:
        with self.lock:
            found = self.rows.get(key)
            if found is not None:
                self.rows.move_to_end(key)
            return found

    def put(self, key: Key, row: Row) -> None:
        with self.lock:
            self.rows[key] = row
            while len(self.rows) > self.room:
                self.rows.popitem(last=False)

    def clear(self) -> None:
        with self.lock:
            self.rows.clear()


kept = Kept()


def grouped(texts: Iterable[str], *, after: dt.date | None = None, terms: Sequence[Term] = ()) -> list[Group]:
    """Documents of events (canonical JSON), in order, as rows by month.

    `after`: the day of the row before them. Where `terms` were searched for, they are marked.
    """
    groups: list[Group] = []
    last = (after.year, month_in_words(after.isoformat(), "month")) if after else (0, "")
    for row in rendered(list(texts), terms):
        place = (row.year, row.month)
        if not groups or place != last:
            goes_on = place == last
            groups.append(Group(row.year if row.year != last[0] else None, "" if goes_on else row.month))
        last = place
        groups[-1].rows.append(row.html)
    return groups


def month_in_words(iso: str, precision: str) -> str:
    """What an event stands under: its month, unless that is not known."""
    if precision == Precision.YEAR:
        return _("Some time in %(iso)s") % {"iso": iso[:4]}
    if precision == Precision.QUARTER:
        return words.day_in_words(iso, precision)
    return words.day_in_words(f"{iso[:7]}-01", Precision.MONTH.value)


def rendered(texts: Sequence[str], terms: Sequence[Term] = ()) -> list[Row]:
    """A row for each document. One in which terms are marked is of use to one page, and is not kept."""
    now = today().isoformat()
    keys = [(settings.BUILD, get_language(), hashlib.blake2b(text.encode(), digest_size=16).digest()) for text in texts]
    found = [None if terms else kept.get(key) for key in keys]
    documents: list[Any] = [None if row else orjson.loads(text) for row, text in zip(found, texts, strict=True)]
    missing = [
        {key for key, _ in row.borrowed} if row else names_missing(document)
        for row, document in zip(found, documents, strict=True)
    ]
    names = names_of(set().union(*missing)) if any(missing) else {}
    rows = []
    for row, key, text, document, needed in zip(found, keys, texts, documents, missing, strict=True):
        borrowed = tuple(sorted((each, names.get(each, "")) for each in needed))
        if row is None or row.borrowed != borrowed or row.scheduled != (row.date > now):
            row = row_of(document or orjson.loads(text), borrowed, now, terms)
            if not terms:
                kept.put(key, row)
        rows.append(row)
    return rows


def row_of(
    document: Document, borrowed: tuple[tuple[tuple[str, str], str], ...], now: str, terms: Sequence[Term]
) -> Row:
    html = get_template("events/_event_row.html").render({"event": shown(document, dict(borrowed), now, terms)})
    return Row(
        year=int(document["date"][:4]),
        month=month_in_words(document["date"], document["date_precision"]),
        date=document["date"],
        borrowed=borrowed,
        scheduled=document["date"] > now,
        html=mark_safe(html),  # noqa: S308 - a template
    )


def shown(
    document: Document, borrowed: dict[tuple[str, str], str], now: str, terms: Sequence[Term] = ()
) -> dict[str, Any]:
    """What a row says, ready for its template."""
    effects = words.sentences(document["access_effects"], names_in(document) | borrowed)
    certainty = document["certainty"]
    return {
        "address": address_of(RecordType.EVENT, document["slug"]),
        "slug": document["slug"],
        "title": highlighted(document["title"], terms) if terms else document["title"],
        "summary": highlighted(document["summary"], terms) if terms else document["summary"],
        "date": document["date"],
        "edtf": document["edtf"],
        "date_display": words.event_day(document),
        "scheduled": document["date"] > now,
        "kind": document["kind"],
        "kind_label": _(EventKind(document["kind"]).label),
        "certainty": "" if certainty == Certainty.CONFIRMED else certainty,
        "certainty_label": _(Certainty(certainty).label),
        "direction": document["direction"],
        "direction_label": _(Direction(document["direction"]).label),
        "who": cut(actors(document)),
        "towards": cut(targets(document)),
        "where": cut(places(document)),
        "effects": effects[:MOST_SENTENCES],
        "more_effects": max(0, len(effects) - MOST_SENTENCES),
        "origins": words.origins_in_words(document["independent_origins"]),
        "primary": evidence.primary(document["citations"]),
        "relations": [
            {
                "kind": _(RelationKind(each["relation"]).label),
                "title": each["title"],
                "address": address_of(RecordType.EVENT, each["event"]),
            }
            for each in document["relations"]
        ],
    }


def briefly(document: Document) -> dict[str, str]:
    """An event in one line."""
    return {
        "address": address_of(RecordType.EVENT, document["slug"]),
        "title": document["title"],
        "date": document["date"],
        "date_display": words.event_day(document),
        "kind": document["kind"],
        "kind_label": _(EventKind(document["kind"]).label),
        "certainty": "" if document["certainty"] == Certainty.CONFIRMED else document["certainty"],
        "certainty_label": _(Certainty(document["certainty"]).label),
        "scheduled_label": _("Scheduled") if document["date"] > today().isoformat() else "",
    }


@dataclass(frozen=True)
class Link:
    """A record's page and name; `flag` is the path of its flag, where it has one."""

    address: str
    name: str
    flag: str = ""


@dataclass(frozen=True)
class Links:
    """The first few links of a list, and how many it has more."""

    links: Sequence[Link]
    more: int

    def __bool__(self) -> bool:
        return bool(self.links)


def cut(links: Sequence[Link]) -> Links:
    most = MOST_LINKS if len(links) > MOST_LINKS + 1 else MOST_LINKS + 1
    return Links(links[:most], max(0, len(links) - most))


def actors(document: Document) -> list[Link]:
    """Each who acted: companies, agencies, and states where no agency stands for them."""
    found = companies(document, CompanyRole.ACTOR)
    found += [Link(address_of(RecordType.AGENCY, each["slug"]), each["name"]) for each in document["agencies"]]
    found += located(document, PlaceRole.ACTING)
    return found


def targets(document: Document) -> list[Link]:
    return companies(document, CompanyRole.TARGET) + companies(document, CompanyRole.AFFECTED)


def places(document: Document) -> list[Link]:
    return located(document, PlaceRole.AFFECTED)


def companies(document: Document, role: CompanyRole) -> list[Link]:
    return [
        Link(address_of(RecordType.COMPANY, each["slug"]), each["name"])
        for each in document["companies"]
        if each["role"] == role
    ]


def located(document: Document, role: PlaceRole) -> list[Link]:
    found = [
        Link(address_of(RecordType.COUNTRY, each["code"]), each["name"], flag_of(each["code"]))
        for each in document["countries"]
        if each["role"] == role
    ]
    found += [
        Link(address_of(RecordType.GROUP, each["slug"]), each["name"], flag_of_group(each["slug"]))
        for each in document["groups"]
        if each["role"] == role
    ]
    return found
