"""The short way to the plainest answers: JSON drawn from the record, for anybody, past Django's handler and middleware.

Most requests of programs ask for just that, and on the long way the handler, its middleware and REST framework take
several times as long as the query. Here the view's own method is called, and its answer gets the headers of the newest
one that came the long way from this view, at the same revision, to a request negotiated alike: they depend on nothing
else, but for the ETag, which names the address. Whatever is not plain, and every mistake, goes the long way.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils.text import compress_string

from events.api.limits import limit, told
from events.api.renderers import JSON
from events.api.views.base import ReadOfTheRecord
from events.caching import GOOD_FOR, GoodFor, etag_of, revision_for
from tracker.client import client_of

PREFIX = "/api/v1/"
KEY = "<slug:key>/"
ONE_RECORD = re.compile(r"([a-z]+/)([-a-zA-Z0-9_]+)/")
# What makes a request more than plain: who asks, for a part, or whether there is anything new.
NOT_PLAIN = ("HTTP_AUTHORIZATION", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
# What the headers of an answer depend on besides the view, as far as the request says it.
NEGOTIATED = (
    "HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "wsgi.url_scheme", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN",
    "HTTP_HX_REQUEST", "HTTP_HX_HISTORY_RESTORE_REQUEST",
)  # fmt: skip
OF_ONE_ANSWER = {"Content-Length", "ETag", "Link", "RateLimit", "RateLimit-Policy"}
LEAST_COMPRESSED, MOST_PADDING = 200, 100  # bytes, as in Django's GZipMiddleware
MOST_SHAPES = 1000
GOOD_FOR_SECONDS = 60  # then one request goes the long way again, on which Django looks after connections


@dataclass(frozen=True)
class Route:
    """A view of the record, as urls.py names it; with `has_key` of one record."""

    name: str
    view: type[ReadOfTheRecord]
    options: dict[str, Any]
    has_key: bool


@dataclass(frozen=True)
class Headers:
    """Those of an answer that came the long way."""

    revision: int
    until: float  # by time.monotonic()
    pairs: list[tuple[str, str]]
    is_compressed: bool


class ShortWay:
    """A WSGI application before the application, for those of the API's routes that are views of the record."""

    def __init__(self, application: WSGIApplication, urlpatterns: Iterable[Any]) -> None:
        self.application = application
        self.limit = limit("default", settings.RATE_LIMIT) if settings.RATE_LIMIT else None
        self.routes = {route.name: route for route in routes_of(urlpatterns)}
        self.known: dict[tuple[Any, ...], Headers] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        route, arguments = self.route_of(environ)
        if route is None:
            return self.application(environ, start_response)
        shape = (route.name, *map(environ.get, NEGOTIATED))
        known = self.known.get(shape)
        to_the_moment = route.view.follows_the_log
        if (
            known is None
            or known.until < time.monotonic()
            or known.revision != revision_for(environ, to_the_moment=to_the_moment)
        ):
            return self.learn(shape, environ, start_response)
        request = WSGIRequest(environ)
        now = time.time()
        left = self.limit.spend(client_of(request), now) if self.limit else 0
        answer = None if left is None else answer_of(route, request, arguments)
        packed = None
        if answer is not None:
            packed = packed_as(known, answer.content, environ.get("HTTP_ACCEPT_ENCODING", ""))
        if answer is None or packed is None:
            if self.limit and left is not None:
                self.limit.give_back(client_of(request))  # it is counted on the long way
            return self.application(environ, start_response)
        etag = etag_of(request, known.revision, None)
        weak = "W/" if known.is_compressed else ""  # as GZipMiddleware has it
        pairs = [*known.pairs, ("Content-Length", str(len(packed))), ("ETag", weak + etag)]
        if link := answer.headers.get("Link"):
            pairs.append(("Link", link))
        if self.limit and left is not None:
            pairs += told(self.limit.quota, left, now)
        environ[GOOD_FOR] = GoodFor(known.revision, to_the_moment=to_the_moment)
        start_response("200 OK", pairs)
        return (packed,)

    def route_of(self, environ: WSGIEnvironment) -> tuple[Route | None, dict[str, str]]:
        """The route of a plain request, and what its address names; None: it is not plain, or of no such route."""
        path: str = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "GET" or not path.startswith(PREFIX) or any(map(environ.get, NOT_PLAIN)):
            return None, {}
        rest = path[len(PREFIX) :]
        if route := self.routes.get(rest):
            return route, {}
        if (found := ONE_RECORD.fullmatch(rest)) and (route := self.routes.get(found[1] + KEY)):
            return route, {"key": found[2]}
        return None, {}

    def learn(self, shape: tuple[Any, ...], environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer, and remember its headers where they are those of all such answers."""
        said: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said[:] = status, headers
            return start_response(status, headers, *rest)

        response = self.application(environ, listen)
        if GOOD_FOR in environ and said[0].startswith("200") and "revision=" not in environ.get("QUERY_STRING", ""):
            headers: list[tuple[str, str]] = said[1]
            if ("Content-Type", JSON) in headers and not any(name == "Set-Cookie" for name, _ in headers):
                if len(self.known) >= MOST_SHAPES:
                    self.known.clear()
                self.known[shape] = Headers(
                    environ[GOOD_FOR].revision,
                    time.monotonic() + GOOD_FOR_SECONDS,
                    [pair for pair in headers if pair[0] not in OF_ONE_ANSWER],
                    ("Content-Encoding", "gzip") in headers,
                )
        return response


def routes_of(urlpatterns: Iterable[Any]) -> Iterator[Route]:
    """Those whose answers depend on nothing but the record, named by how their addresses are written."""
    for pattern in urlpatterns:
        view = getattr(pattern.callback, "cls", None) if isinstance(pattern, URLPattern) else None
        if view and issubclass(view, ReadOfTheRecord) and not view.is_daily:
            route = str(pattern.pattern)
            if "<" not in route or (route.endswith(KEY) and route.count("<") == 1):
                yield Route(route, view, pattern.callback.initkwargs, "<" in route)


def answer_of(route: Route, request: WSGIRequest, arguments: dict[str, str]) -> HttpResponse | None:
    """What the view answers; None: it is no plain answer, or none at all."""
    if "revision=" in request.META.get("QUERY_STRING", ""):  # its answer says another thing to caches
        return None
    view = route.view(**route.options)
    if view.deprecated or any(view.parameters.deprecated_in(request.GET)):  # which the long way announces
        return None
    try:
        response = view.get(request, **arguments)  # type: ignore[attr-defined]
    except Exception:  # whatever it is, it comes again on the long way, where it is answered and logged
        return None
    is_plain = isinstance(response, HttpResponse) and response.status_code == 200
    return response if is_plain and set(response.headers) - {"Link"} == {"Content-Type"} else None


def packed_as(known: Headers, body: bytes, accepted: str) -> bytes | None:
    """The body, compressed where GZipMiddleware would compress it; None: not with the headers that are known."""
    compress = len(body) >= LEAST_COMPRESSED and "gzip" in accepted
    if compress != known.is_compressed:
        return None
    packed = compress_string(body, max_random_bytes=MOST_PADDING) if compress else body
    return packed if len(packed) <= len(body) else None
