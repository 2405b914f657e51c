"""Answers as tables in CSV: all rows at once, streamed in batches, so that they take no more memory than one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import QueryDict, StreamingHttpResponse

from events.api.errors import BadParameters
from events.api.parameters import Word
from events.lib.batches import BATCH, in_batches
from events.models import Change
from events.queries import timeline
from events.queries.changes import NAMES
from events.queries.timeline import Criteria
from events.services.log import chained_fields

FORMAT = Word("format", "csv for all rows at once as a table", default="json", words={"json": "json", "csv": "csv"})
PAGING = ("page_size", "before", "after", "count")


def csv_answer(
    name: str, columns: Sequence[str], batches: Iterable[Iterable[Iterable[Any]]], count: int | None = None
) -> StreamingHttpResponse:
    """A file of a head line and the rows of all batches; `count`: how many rows there will be."""

    def lines() -> Iterator[str]:
        yield table([columns])
        for batch in batches:
            if text := table(batch):
                yield text

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    if count is not None:
        response.headers["X-Row-Count"] = str(count)
    return response


def table(rows: Iterable[Iterable[Any]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def refuse_paging(query: QueryDict, *allowed: str) -> None:
    """A table has all rows. Raises BadParameters."""
    if asked := [name for name in PAGING if name in query and name not in allowed]:
        raise BadParameters((name, "A table (format=csv) has all rows: leave it out.") for name in asked)


# ------------------------------------------------------------------------------------------------- batches of documents


def events_in_batches(criteria: Criteria) -> Iterator[Sequence[str]]:
    """The documents of all events that match, newest first."""
    page = timeline.page(criteria, size=BATCH)
    yield page.documents
    while page.older is not None:
        page = timeline.page(criteria, before=page.older, size=BATCH)
        yield page.documents


def rows_of(documents: Iterable[str], columns: Sequence[str]) -> Iterator[list[Any]]:
    """Stored documents as rows."""
    for text in documents:
        yield cells(orjson.loads(text), columns)


def changes_as_csv(name: str, changes: QuerySet[Change], asked: dict[str, Any]) -> StreamingHttpResponse:
    """Changes without their documents, oldest first, between the cursors that are asked for."""
    if asked["after"] is not None:
        changes = changes.filter(seq__gt=asked["after"])
    if asked["before"] is not None:
        changes = changes.filter(seq__lt=asked["before"])
    rows = changes.defer("document")
    batches = ([cells(said_of(change), NAMES) for change in batch] for batch in in_batches(rows, "seq"))
    return csv_answer(name, NAMES, batches, changes.count())


def said_of(change: Change) -> dict[str, Any]:
    return chained_fields(change) | {"hash": change.hash}


# --------------------------------------------------------------------------------------------- a document as flat cells


def named(linked: dict[str, Any]) -> str:
    return str(linked.get("slug") or linked["code"])


def effect(of: dict[str, Any]) -> str:
    return f"{of['product']}:{of['country'] or of['group']}:{of['status']}:{of['effective_date']}"


# What stands for an item of a list, or for a record that is linked, where that is not its slug or code alone.
IN_A_CELL: dict[str, Callable[[dict[str, Any]], str]] = {
    "companies": lambda link: f"{named(link)}:{link['role']}",
    "countries": lambda link: f"{named(link)}:{link['role']}",
    "groups": lambda link: f"{named(link)}:{link['role']}",
    "policies": lambda link: f"{named(link)}:{link['relation']}",
    "relations": lambda relation: f"{relation['event']}:{relation['relation']}",
    "access_effects": effect,
    "citations": lambda citation: citation["source"]["url"],
    "owns": lambda ownership: f"{named(ownership['company'])}:{ownership['kind']}",
    "owned_by": lambda ownership: f"{named(ownership['company'])}:{ownership['kind']}",
    "stages": lambda stage: f"{stage['stage']}:{stage['date']}",
}
NOT_IN_TABLES = frozenset({"body", "retraction"})  # long texts; and what is retracted is not listed


def cells(document: dict[str, Any], columns: Iterable[str]) -> list[Any]:
    """Fields of a document as cells; most of them are texts, which stay as they are."""
    return [value if type(value := document[name]) is str else cell(name, value) for name in columns]


def cell(name: str, value: Any) -> Any:
    """A field of a document as one cell: empty for nothing, slugs and the like by spaces, names by semicolons."""
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return " ".join(map(IN_A_CELL.get(name, named), value))
        return "; ".join(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return IN_A_CELL.get(name, named)(value)
    return value
