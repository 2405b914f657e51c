"""Stored JSON, put together into answers as bytes: nothing is parsed but what `fields` asks to be left out of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from events.api.pagination import Page, address

JSON = "application/json"


def json_answer(body: bytes, **options: Any) -> HttpResponse:
    return HttpResponse(body, content_type=JSON, **options)


def parts_of(document: str, fields: frozenset[str] | None) -> bytes:
    """A stored document, or those of its top-level fields that are asked for."""
    if fields is None:
        return document.encode()
    return orjson.dumps({name: value for name, value in orjson.loads(document).items() if name in fields})


def listing(request: HttpRequest, page: Page[Any], results: Sequence[bytes], count: int | None = None) -> HttpResponse:
    """A page of a list; its neighbors stand in the body and in the Link header."""
    neighbors = {"next": address(request, page.next), "previous": address(request, page.previous)}
    counted = b"" if count is None else b'"count":%d,' % count
    body = b'%s,%s"results":[%s]}' % (orjson.dumps(neighbors)[:-1], counted, b",".join(results))
    response = json_answer(body)
    if links := [f'<{url}>; rel="{relation}"' for relation, url in neighbors.items() if url]:
        response.headers["Link"] = ", ".join(links)
    return response
