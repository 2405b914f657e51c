"""How often one client may ask the API (draft-ietf-httpapi-ratelimit-headers-10)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase

from events.api.errors import problem
from tracker.client import client_of
from tracker.limits import Limit

WINDOW = 60  # seconds
CONDITIONAL = 10  # times as many requests may ask whether anything is new


@lru_cache
def limit(name: str, quota: int) -> Limit:
    """The one of this process, whichever way requests take through it."""
    return Limit(name, quota, WINDOW)


class RateLimit:
    """Middleware: refuses what is too much below /api/, and says what is left.

    A 304 is free, under a ceiling of its own: a request that names an ETag is counted when its answer is another.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.RATE_LIMIT:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.requests = limit("default", settings.RATE_LIMIT)
        self.conditional = limit("conditional", settings.RATE_LIMIT * CONDITIONAL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        client = client_of(request)
        now = time.time()
        if "HTTP_IF_NONE_MATCH" in request.META or "HTTP_IF_MODIFIED_SINCE" in request.META:
            if self.conditional.spend(client, now) is None:
                return self.refusal(request, now)
            response = self.get_response(request)
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                return response
            left = self.requests.spend(client, now)
            if left is None:
                response.close()
                return self.refusal(request, now)
        else:
            left = self.requests.spend(client, now)
            if left is None:
                return self.refusal(request, now)
            response = self.get_response(request)
        return self.tell(response, left, now)

    def refusal(self, request: HttpRequest, now: float) -> HttpResponseBase:
        wait = seconds_left(now)
        detail = f"At most {settings.RATE_LIMIT} requests in {WINDOW} seconds: come again in {wait}."
        response = problem(request, HTTPStatus.TOO_MANY_REQUESTS, detail)
        response.headers["Retry-After"] = str(wait)
        return self.tell(response, 0, now)

    def tell(self, response: HttpResponseBase, left: int, now: float) -> HttpResponseBase:
        for name, value in told(self.requests.quota, left, now):
            response.headers[name] = value
        return response


def told(quota: int, left: int, now: float) -> list[tuple[str, str]]:
    """The headers that tell a client its limit, and how many requests are left to it."""
    return [
        ("RateLimit-Policy", f'"default";q={quota};w={WINDOW}'),
        ("RateLimit", f'"default";r={left};t={seconds_left(now)}'),
    ]


def seconds_left(now: float) -> int:
    """Until the window ends, rounded up."""
    return WINDOW - int(now % WINDOW)
