"""What an event's document would be as its rows stand: for editors, before anything is published."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable
from typing import Any

from events.documents.making import DocumentMaker, prefetched
from events.lib.dates import edtf
from events.lib.related import related
from events.models import Event

DATED = ("date", "edtf", "date_display", "reported_on", "reported_on_basis")


def working_document(event: Event, maker: DocumentMaker | None = None) -> dict[str, Any]:
    """The document that publishing would make of the event's rows at this moment, revision 0.

    What a draft lacks is null, and its relations to events that are not public yet are among the others.
    """
    return working_documents([event], maker)[0]


def working_documents(events: Iterable[Event], maker: DocumentMaker | None = None) -> list[dict[str, Any]]:
    """Those of a batch, in the same number of queries for any size."""
    found = list(events)
    rows = prefetched(map(copy.copy, found))
    maker = maker or DocumentMaker()
    maker.prepare(rows)
    return [_working(event, row, maker) for event, row in zip(found, rows, strict=True)]


def _working(event: Event, row: Event, maker: DocumentMaker) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC)
    row.published_at = row.published_at or now
    row.updated_at = row.updated_at or now
    row.date = row.date or now.date()
    document = maker.document(row, revision=0)
    if event.date is None:
        document |= dict.fromkeys(DATED)
    for name in ("published_at", "updated_at"):
        if getattr(event, name) is None:
            document[name] = None
    document["relations"] = [
        {
            "relation": link.relation,
            "event": link.earlier.slug,
            "title": link.earlier.title,
            "date": link.earlier.date and link.earlier.date.isoformat(),
            "edtf": link.earlier.date and edtf(link.earlier.date, link.earlier.date_precision),
        }
        for link in related(row, "relation_links")
    ]
    return document
