"""Bulk files: which packages there are, and their files, which never change."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.http import FileResponse, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from events.api import shapes
from events.api.errors import Gone, NotThere, RangeNotSatisfiable
from events.api.pagination import keyset_page
from events.api.parameters import Number, Parameters
from events.api.renderers import JSON, json_answer, listing
from events.api.tables import FORMAT, cells, csv_answer, refuse_paging
from events.api.views.base import PAGE_SIZE, AnyForm, Read
from events.caching import head
from events.documents import instant
from events.models import Export
from events.models.exports import ADDRESS
from events.services.exports.package import MANIFEST

BEFORE = Number("before", "Packages made before the one of this id", least=1)
AFTER = Number("after", "Packages made after the one of this id", least=0)
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
COLUMNS = ("id", "url", "manifest", "revision", "head_hash", "head_at", "created_at", "previous", "bytes")
CHUNK = 1 << 18  # bytes that are read together
SOON = 60  # seconds; the background task looks for what is due twice as often
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=0, must-revalidate"


EXAMPLE = {
    "id": 3,
    "url": "/api/v1/exports/3/",
    "manifest": "/api/v1/exports/3/datapackage.json",
    "revision": 2045,
    "head_hash": "5148401e8bc685abece7f3c1101aace2e063c60592eb4673e174464aa6200806",
    "head_at": "2026-11-25T18:24:11Z",
    "created_at": "2026-11-25T18:25:02Z",
    "previous": 2,
    "bytes": 1_204_113,
    "files": [
        {
            "name": "log",
            "path": "log.ndjson.gz",
            "url": "/api/v1/exports/3/log.ndjson.gz",
            "description": "The whole log, oldest change first",
            "mediatype": "application/x-ndjson",
            "bytes": 604_113,
            "hash": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "rows": 2045,
        }
    ],
}


class ExportList(Read):
    """The packages of bulk files that can be had, newest first."""

    operation = "list_exports"
    answer = shapes.EXPORTS
    example = {"next": None, "previous": None, "results": [EXAMPLE]}
    parameters = Parameters(PAGE_SIZE, BEFORE, AFTER, FORMAT)

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        rows = Export.objects.standing().select_related("previous")
        if asked["format"] == "csv":
            refuse_paging(request.GET)
            found = [cells(said_of(export), COLUMNS) for export in rows.order_by("-id")]
            return csv_answer("exports", COLUMNS, [found], len(found))
        page = keyset_page(
            rows, "id", before=asked["before"], after=asked["after"], size=asked["page_size"], newest_first=True
        )
        response = listing(request, page, [orjson.dumps(said_of(export)) for export in page.rows])
        response.headers["Cache-Control"] = FOR_NOW
        return response


class ExportDetail(Read):
    """One package of bulk files: what it holds, and where."""

    operation = "get_export"
    answer = shapes.Export
    example = EXAMPLE
    fails_with = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

    def get(self, request: Request, number: int) -> HttpResponse:
        self.asked(request)
        return json_answer(orjson.dumps(said_of(export_of(number))), headers={"Cache-Control": FOR_NOW})


class LatestManifest(Read):
    """The newest package's manifest (datapackage.json): its files with sums, rows and columns."""

    content_negotiation_class = AnyForm
    operation = "get_latest_manifest"
    gives = {JSON: {"type": "object", "additionalProperties": True}}
    example = {
        "name": "ai-access-tracker",
        "revision": 2045,
        "base": "/api/v1/exports/3/",
        "resources": [{"name": "log", "path": "log.ndjson.gz", "rows": 2045}],
    }
    fails_with = (HTTPStatus.NOT_FOUND,)
    has_etag = True

    def get(self, request: Request) -> HttpResponseBase:
        self.asked(request)
        return file_answer(request, newest(), MANIFEST, FOR_NOW)


class LatestFile(Read):
    """A file of the newest package: leads to where it stays."""

    content_negotiation_class = AnyForm
    operation = "get_latest_file"
    gives = None
    leads_on = HTTPStatus.FOUND
    fails_with = (HTTPStatus.NOT_FOUND,)

    def get(self, request: Request, file: str) -> HttpResponseBase:
        self.asked(request)
        export = newest()
        look_up(export, file)
        response = HttpResponseRedirect(f"{export.base}{file}")
        response.headers["Cache-Control"] = FOR_NOW
        return response


class ExportFile(Read):
    """A file of a package, or one range of its bytes. It never changes."""

    content_negotiation_class = AnyForm
    operation = "get_export_file"
    gives = {"*/*": {"type": "string", "format": "binary"}}
    comes_in_ranges = True
    fails_with = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    has_etag = True

    def get(self, request: Request, number: int, file: str) -> HttpResponseBase:
        self.asked(request)
        return file_answer(request, export_of(number), file, FOR_EVER)


def said_of(export: Export) -> dict[str, Any]:
    return {
        "id": export.pk,
        "url": export.base,
        "manifest": f"{export.base}{MANIFEST}",
        "revision": export.revision,
        "head_hash": export.head_hash,
        "head_at": instant(export.head_at),
        "created_at": instant(export.created_at),
        "previous": export.previous_id,
        "bytes": export.size,
        "files": [{"rows": None} | file | {"url": f"{export.base}{file['path']}"} for file in export.files],
    }


# ------------------------------------------------------------------------------------------------------- what there is


def newest() -> Export:
    export = Export.objects.standing().first()
    if export is None:
        if head().seq == 0:
            raise NotThere("The record is empty: the first package is made within a minute of its first publication.")
        raise NotThere(
            f"No package has been made yet, or what there was has been withdrawn. The next one is due now, and made as "
            f"soon as a worker takes it up: come again in {SOON} seconds.",
            wait=SOON,
        )
    return export


def export_of(pk: int) -> Export:
    export = Export.objects.select_related("previous").filter(pk=pk).first() if pk < 2**63 else None
    if export is None:
        raise NotFound(f"There is no package {pk}; {ADDRESS} lists those that there are.")
    if export.withdrawn_at:
        raise Gone(f"Package {pk} was withdrawn: it held what has been redacted since. Take the newest.")
    if export.removed_at:
        raise Gone(f"Package {pk} was removed, newer ones having come; {ADDRESS} lists those that there are.")
    return export


def look_up(export: Export, path: str) -> dict[str, Any]:
    """What is known of a file; paths that the package does not list lead nowhere."""
    file = export.file(path)
    if file is None:
        raise NotFound(f"Package {export.pk} has no file “{path}”; its {MANIFEST} lists those that it has.")
    return file


# ------------------------------------------------------------------------------------------------------------ its bytes


def file_answer(request: Request, export: Export, path: str, caching: str) -> HttpResponseBase:
    """A file, the range of it that is asked for, or that it is still the one that the client has."""
    file = look_up(export, path)
    digest = file["hash"].removeprefix("sha256:")
    etag, modified = f'"{digest}"', int(export.created_at.timestamp())
    response: HttpResponseBase | None = get_conditional_response(request._request, etag, modified)
    if response is None:
        response = part_of(request, export.folder / path, file, etag, modified)
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Cache-Control"] = caching
    if response.status_code != HTTPStatus.NOT_MODIFIED:
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
    return response


def part_of(request: Request, path: Path, file: dict[str, Any], etag: str, modified: int) -> HttpResponseBase:
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise NotThere("This machine does not have the file; the next package will have it.") from None
    size, media_type = file["bytes"], file["mediatype"]
    if media_type.startswith("text/"):
        media_type = f"{media_type}; charset=utf-8"
    if path.suffix == ".gz":
        media_type = "application/gzip"  # the file itself is compressed, and not just on its way
    try:
        bounds = range_of(request, size, etag, modified)
    except RangeNotSatisfiable:
        opened.close()
        raise
    start, end = bounds or (0, size)
    status = HTTPStatus.OK if bounds is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        opened.close()
        response: HttpResponseBase = HttpResponse(status=status, content_type=media_type)
    else:
        response = FileResponse(bytes_between(opened, start, end), status=status, content_type=media_type)
    if bounds is not None:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers["Content-Length"] = str(end - start)
    return response


def range_of(request: Request, size: int, etag: str, modified: int) -> tuple[int, int] | None:
    """The first byte asked for and the one after the last (RFC 9110, 14); None: all. Raises RangeNotSatisfiable.

    Several ranges at once, and what cannot be read, are answered with the whole, as the standard lets servers do.
    """
    found = ONE_RANGE.fullmatch(request.META.get("HTTP_RANGE", "").strip())
    if not found or found.groups() == ("", ""):
        return None
    condition = request.META.get("HTTP_IF_RANGE", "").strip()
    if condition and condition != etag and parse_http_date_safe(condition) != modified:
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= size or start >= end:
        raise RangeNotSatisfiable(size)
    return start, end


def bytes_between(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left > 0 and (data := file.read(min(CHUNK, left))):
            left -= len(data)
            yield data
