"""Records of every type as their stored documents: lists, one, and its history."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from events.api.errors import BadParameters, Gone
from events.api.pagination import keyset_page, page_of
from events.api.parameters import Names, Number, Parameters, Pattern
from events.api.renderers import JSON, json_answer, listing, parts_of
from events.api.shapes import CHANGES, LISTS, PLURALS
from events.api.tables import FORMAT, NOT_IN_TABLES, changes_as_csv, csv_answer, refuse_paging, rows_of
from events.api.views.base import COUNT, PAGE_SIZE, ReadOfTheRecord
from events.caching import head
from events.choices import Action, RecordType
from events.documents import MODELS, SERIALIZERS
from events.lib.batches import in_batches
from events.models import Change, PublicDocument
from events.queries.changes import Served, served

KEY = "[A-Za-z0-9]+(-[a-z0-9]+)*"
REVISION = Number("revision", "The document as it stood when the log's newest change was this one", least=1)
# How the document of a merged record begins, its keys being sorted: no other document has the key.
MERGED = '{"merged_into":'
BEFORE = Pattern("before", "The page that ends before this key", pattern=KEY, form="A slug or code.")
AFTER = Pattern("after", "The page that begins after this key", pattern=KEY, form="A slug or code.")
BEFORE_SEQ = Number("before", "Changes before this seq", least=1)
AFTER_SEQ = Number("after", "Changes after this seq", least=0)


def fields_of(record_type: RecordType) -> Names:
    names = tuple(sorted(SERIALIZERS[record_type]().fields))
    return Names("fields", "Only these top-level fields of each document, separated by commas", names=names)


FIELDS = {record_type: fields_of(record_type) for record_type in RecordType}


def columns_of(record_type: RecordType, fields: frozenset[str] | None) -> list[str]:
    """The columns of a table of documents, in the order of their fields."""
    names: list[str] = list(SERIALIZERS[record_type]().fields.keys())
    return [name for name in names if (name in fields if fields is not None else name not in NOT_IN_TABLES)]


# Ready made: the ORM takes ten times as long to write it as the database to answer.
NEWEST = (
    "SELECT change.document FROM events_publicdocument record "
    "JOIN events_change change ON change.seq = record.change_id WHERE record.type = %s AND record.key = %s"
)


def may_be_merged(record_type: RecordType) -> bool:
    return hasattr(MODELS[record_type], "merged_into")


class OfOneType(ReadOfTheRecord):
    """A view of one type of record, which urls.py names."""

    record_type = RecordType.EVENT

    @classmethod
    def of(cls, record_type: RecordType) -> Callable[..., HttpResponseBase]:
        """The view for a type."""
        return cls.as_view(record_type=record_type, **cls.traits(record_type))

    @classmethod
    def traits(cls, record_type: RecordType) -> dict[str, Any]:
        """What of the view depends on the type, by name."""
        return {}

    def missing(self, key: str, revision: int | None = None) -> NotFound:
        kind = self.record_type.label.lower()
        if revision is None:
            return NotFound(f"There is no {kind} “{key}” in the record.")
        return NotFound(f"There was no {kind} “{key}” in the record at revision {revision}.")


class RecordList(OfOneType):
    """What is public of one type, in the order of its keys; merged records are left out."""

    @classmethod
    def traits(cls, record_type: RecordType) -> dict[str, Any]:
        return {
            "operation": f"list_{PLURALS[record_type]}",
            "about": f"Public {PLURALS[record_type]} in the order of their keys."
            + (" Merged ones are left out." if may_be_merged(record_type) else ""),
            "answer": LISTS[record_type],
            "example": record_type.value,
            "parameters": Parameters(PAGE_SIZE, BEFORE, AFTER, FIELDS[record_type], COUNT, FORMAT),
        }

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        listed = PublicDocument.objects.of_type(self.record_type).listed()
        rows: QuerySet[PublicDocument, Any] = listed.values_list("key", "change__document", named=True)
        if asked["format"] == "csv":
            refuse_paging(request.GET)
            columns = columns_of(self.record_type, asked["fields"])
            batches = (rows_of((row.change__document for row in each), columns) for each in in_batches(rows, "key"))
            name = f"{PLURALS[self.record_type]}-revision-{head().seq}"
            return csv_answer(name, columns, batches, listed.count())
        page = keyset_page(
            rows,
            "key",
            before=asked["before"],
            after=asked["after"],
            size=asked["page_size"],
        )
        count = listed.count() if asked["count"] else None
        return listing(request, page, [parts_of(row.change__document, asked["fields"]) for row in page.rows], count)


class RecordDetail(OfOneType):
    """One record's newest document, or that of an earlier revision. A merged one's address leads to its successor."""

    fails_with = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

    @classmethod
    def traits(cls, record_type: RecordType) -> dict[str, Any]:
        return {
            "operation": f"get_{record_type.value}",
            "about": f"The newest document of one {record_type.label.lower()}, or that of an earlier revision."
            + (" A merged one's address leads to its successor." if may_be_merged(record_type) else ""),
            "answer": SERIALIZERS[record_type],
            "example": record_type.value,
            "parameters": Parameters(REVISION, FIELDS[record_type]),
            "may_be_merged": may_be_merged(record_type),
        }

    def get(self, request: Request, key: str) -> HttpResponse:
        asked = self.asked(request)
        if self.record_type == RecordType.COUNTRY and len(key) == 2 and not key.isupper():
            return self.moved(request, key, key.upper())
        document = self.newest(key) if asked["revision"] is None else self.at(key, asked["revision"])
        if document.startswith(MERGED):
            return self.moved(request, key, orjson.loads(document)["merged_into"], document)
        return json_answer(parts_of(document, asked["fields"]))

    def newest(self, key: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(NEWEST, [self.record_type.value, key])
            row = cursor.fetchone()
        if row is None:
            raise self.missing(key)
        return row[0]

    def at(self, key: str, revision: int) -> str:
        """The document as of a revision."""
        if revision > (newest := head().seq):
            raise BadParameters([("revision", f"The newest revision is {newest}.")])
        changes = Change.objects.of(self.record_type, key).exclude(action=Action.REDACTED)
        for seq, document in changes.filter(seq__lte=revision).values_list("seq", "document")[:1]:
            if document is None:
                raise Gone(f"The document of change {seq} has been redacted; the history says why.")
            return document
        raise self.missing(key, revision)

    def moved(self, request: Request, key: str, target: str, document: str = "") -> HttpResponse:
        """To the same address of another record, with what the log holds of this one as the body."""
        path = f"{request.path.removesuffix(f'{key}/')}{target}/"
        query = request.META["QUERY_STRING"]
        response = HttpResponsePermanentRedirect(f"{path}?{query}" if query else path, content_type=JSON)
        response.content = document.encode()
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        return response


class RecordHistory(OfOneType):
    """All changes of one record with their documents, newest first, reissues and redactions among them."""

    answer = CHANGES
    example = "change"
    fails_with = (HTTPStatus.NOT_FOUND,)
    parameters = Parameters(PAGE_SIZE, BEFORE_SEQ, AFTER_SEQ, FORMAT)

    @classmethod
    def traits(cls, record_type: RecordType) -> dict[str, Any]:
        return {
            "operation": f"list_{record_type.value}_history",
            "about": f"All changes of one {record_type.label.lower()} with their documents, newest first. "
            "Reissues and redactions are among them.",
        }

    def get(self, request: Request, key: str) -> HttpResponseBase:
        asked = self.asked(request)
        if not PublicDocument.objects.of_type(self.record_type).filter(key=key).exists():
            raise self.missing(key)
        if asked["format"] == "csv":
            refuse_paging(request.GET, "before", "after")
            changes = Change.objects.of(self.record_type, key)
            return changes_as_csv(f"{self.record_type.value}-{key}-history", changes, asked)
        cursors = {name: asked[name] for name in ("before", "after")}

        def read(downwards: bool, most: int) -> list[Served]:
            return served(record_type=self.record_type, key=key, **cursors, newest_first=downwards, most=most)

        page = page_of(read, "seq", **cursors, size=asked["page_size"], newest_first=True)
        return listing(request, page, [change.json for change in page.rows])
