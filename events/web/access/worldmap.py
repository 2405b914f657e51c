"""A product's world map on a day: a tile a country, the same as a table, and the days on which it changes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from events.choices import AccessStatus, RecordType
from events.documents.access import UNKNOWN, path
from events.lib.dates import today
from events.models import AccessRecord, GroupRecord, Product
from events.queries.answers import Question, answers
from events.queries.reasons import Document, Reasoned, Record, explained
from events.queries.upcoming import Turn, next_turns
from events.web import words
from events.web.access.answer import group_link
from events.web.access.bars import label_of
from events.web.access.clocks import Clocks
from events.web.access.sentences import deciders, in_words, product_in_sentence
from events.web.access.tiles import COLUMNS, ROWS, tiles
from events.web.record import Link, address_of

SIDE = 10  # of a tile with its margin, in units of the drawing
NEWEST = 300  # effects among which the product with the most is the one shown first
MOST_DAYS = 200
ORDER = [status.value for status in reversed(AccessStatus)]  # the closed first


# --------------------------------------------------------------------------------------------------------- what to show


def products_with_effects(record: Record) -> list[Document]:
    """All products that any effect is on at the record's revision, by name."""
    effects = AccessRecord.objects.held_at(record.revision).filter(product=OuterRef("slug"))
    found = Product.objects.filter(Exists(effects)).values_list("slug", flat=True)
    products = [record.products[slug] for slug in found if slug in record.products]
    return sorted(products, key=lambda product: str(product["name"]).casefold())


def most_covered(products: Sequence[Document], record: Record, on: dt.date) -> Document | None:
    """The product with most of the effects that started last; None: there is no product."""
    started = AccessRecord.objects.held_at(record.revision).filter(effective_date__lte=on).order_by("-effective_date")
    counted = Counter(started.values_list("product", flat=True)[:NEWEST])
    return max(products, key=lambda product: (counted[product["slug"]], product["slug"]), default=None)


def days_of_change(product: str, clocks: Clocks) -> list[dt.date]:
    """The days on which effects on a product start or end, or a country joins or leaves a group that one is on."""
    effects = AccessRecord.objects.held_at(clocks.revision).filter(product=product)
    if clocks.known:
        effects = effects.filter(reported_on__lte=clocks.known)
    days: set[dt.date] = set()
    for start, until in effects.order_by().values_list("effective_date", "until").distinct():
        days |= {start, until} - {None}
    if days:
        members = GroupRecord.objects.held_at(clocks.revision).filter(group__in=effects.values("place"))
        first = min(days)
        for since, until in members.order_by().values_list("since", "until").distinct():
            days |= {day for day in (since, until) if day and day > first}
    return sorted(days)


# -------------------------------------------------------------------------------------------------------------- the map


@dataclass(frozen=True)
class Place:
    """A country's answer as its tile and its row tell it. `x` and `y` are those of the tile's corner."""

    code: str
    name: str
    status: str
    status_label: str
    label: str  # "China: blocked, effective July 9, 2024"
    address: str
    x: int
    y: int
    since: str
    by: str
    group: Link | None
    event: Link | None
    ended: bool
    disputed: bool


def places(product: Document, clocks: Clocks, record: Record) -> list[Place]:
    """Every country, in the order of the tiles, row by row; as many queries for a busy product as for another."""
    drawn = tiles()
    questions = [Question(product["slug"], tile.code, clocks.on, clocks.known) for tile in drawn]
    found = explained(answers(questions, revision=record.revision), record)
    query = clocks.query()
    return [place(each, tile.column, tile.row, query) for each, tile in zip(found, drawn, strict=True)]


def place(found: Reasoned, column: int, row: int, query: str) -> Place:
    code, status, event = found.country.code, found.status or UNKNOWN, found.event
    since = in_words(found.answer.since, found.since_precision or "day")
    holds = event is not None and not found.answer.has_ended
    return Place(
        code=code,
        name=found.country.name,
        status=status,
        status_label=label_of(status),
        label=label(found.country.name, words.status_in_sentence(status), since, holds=holds),
        address=f"{path(found.question)}?{query}",
        x=column * SIDE,
        y=row * SIDE,
        since=since,
        by=deciders(found) if holds else "",
        group=group_link(found.group),
        event=Link(address_of(RecordType.EVENT, event["slug"]), event["title"]) if event else None,
        ended=found.answer.has_ended,
        disputed=found.is_disputed,
    )


def label(country: str, status: str, since: str, *, holds: bool) -> str:
    """`since` is the first day of what decides: the status may have been the same before."""
    if not since:
        return f"{country}: {status}"
    text = _("%(country)s: %(status)s, effective %(since)s") if holds else _("%(country)s: %(status)s since %(since)s")
    return text % {"country": country, "status": status, "since": since}


def shown(product: Document, clocks: Clocks, record: Record) -> dict[str, Any]:
    """The map, its table and what comes next, for the fragment's template."""
    drawn = places(product, clocks, record)
    counted = Counter(each.status for each in drawn)
    rows = [each for each in drawn if each.status != UNKNOWN]
    rows.sort(key=lambda each: (ORDER.index(each.status), each.name))
    phrase = product_in_sentence(product)
    return {
        "product": product,
        "product_phrase": phrase,
        "day": in_words(clocks.on),
        "is_future": clocks.on > today(),
        "is_today": clocks.on == today(),
        "tiles": drawn,
        "width": COLUMNS * SIDE,
        "height": ROWS * SIDE,
        "legend": [(status, label_of(status), counted[status]) for status in [*ORDER, UNKNOWN]],
        "summary": summary(clocks, counted),
        "rows": rows,
        "has_groups": any(each.group for each in rows),
        "unknown": sorted((each for each in drawn if each.status == UNKNOWN), key=lambda each: each.name),
        "turns": turns(clocks, record),
        "permalink": clocks.query(product=product["slug"], revision=clocks.revision),
    }


def summary(clocks: Clocks, counted: Counter[str]) -> str:
    """ "July 9, 2024: blocked in 1 country, unknown in 248"."""
    parts = [
        _("%(in_sentence)s in %(counted)s")
        % {"in_sentence": words.status_in_sentence(status), "counted": counted[status]}
        for status in ORDER
        if counted[status]
    ]
    unknown = _("unknown in %(counted)s") % {"counted": counted[UNKNOWN]} if parts else _("nothing on record")
    return f"{in_words(clocks.on)}: {', '.join([*parts, unknown])}."


def turns(clocks: Clocks, record: Record) -> dict[str, Any]:
    """What starts and ends next, of all products."""
    found = next_turns(clocks.on, known=clocks.known, revision=record.revision)
    record.read_events(turn.held for turn in found.turns)
    # A product whose documents were redacted since has no name to be told by.
    known = [turn for turn in found.turns if record.knows(turn.held.product)]
    return {"rows": [turn_shown(turn, clocks, record) for turn in known], "is_complete": found.is_complete}


def turn_shown(turn: Turn, clocks: Clocks, record: Record) -> dict[str, Any]:
    held = turn.held
    product = record.product(held.product)
    group = record.groups.get(held.place)
    status = words.status_in_sentence(held.status)
    where = words.group_in_sentence(group["slug"], group["name"]) if group else words.country_in_sentence(held.place)
    day = in_words(turn.on, held.date_precision if turn.starts else "day")
    text = _("%(name)s: %(status)s in %(where)s") % {"name": product["name"], "status": status, "where": where}
    on = turn.on.isoformat()
    return {
        "on": on,
        "day": day,
        "status": held.status,
        "text": text if turn.starts else _("%(text)s, until then") % {"text": text},
        "address": (
            f"?{clocks.query(product=product['slug'], on=on)}"
            if group
            else f"{path(Question(product['slug'], held.place, turn.on))}?{clocks.query(on=on)}"
        ),
        "event": Link(address_of(RecordType.EVENT, held.event), record.events[held.event]["title"]),
    }


def stops(days: Iterable[dt.date], product: str, clocks: Clocks) -> dict[str, Any]:
    """The days to go to, the newest of them, by year; the current one is the last that is not after `on`."""
    all_days = list(days)
    kept = all_days[-MOST_DAYS:]
    current = max((day for day in kept if day <= clocks.on), default=None)
    years: dict[int, list[dict[str, Any]]] = {}
    for day in kept:
        years.setdefault(day.year, []).append(
            {
                "iso": day.isoformat(),
                "day": in_words(day),
                "address": f"?{clocks.query(product=product, on=day.isoformat())}",
                "is_current": day == current,
                "is_exact": day == clocks.on,
            }
        )
    return {"years": list(years.items()), "count": len(kept), "left_out": len(all_days) - len(kept)}
