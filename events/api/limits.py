"""How often one client may ask the API (draft-ietf-httpapi-ratelimit-headers-10).

All processes share one count per client and minute in Django's cache, but none asks it for each request: a process
takes a share of what is left, spends it by itself, and comes back for more. Shares shrink as the limit comes near, so
that hardly any is left unspent elsewhere. What the cache cannot tell is not refused.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

from events.api.errors import problem
from tracker.client import client_address

WINDOW = 60  # seconds
SHARES = 16  # of what is left a process takes one
CONDITIONAL = 10  # times as many requests may ask whether anything is new
MOST_CLIENTS = 50_000  # that one process keeps count of


@dataclass
class Purse:
    """What a process may still spend for a client in this window, and what was taken by all, as far as it knows."""

    left: int = 0
    taken: int = 0


class Limit:
    """So many requests of each client a window."""

    def __init__(self, name: str, quota: int) -> None:
        self.name, self.quota = name, quota
        self.window = 0
        self.purses: dict[str, Purse] = {}
        self.lock = Lock()

    def spend(self, client: str, now: float) -> int | None:
        """Count one request: how many are left; None: it is one too many."""
        window = int(now // WINDOW)
        with self.lock:
            if window != self.window or len(self.purses) > MOST_CLIENTS:
                self.window, self.purses = window, {}
            purse = self.purses.setdefault(client, Purse())
            if not purse.left and not self.fill(purse, f"rate:{self.name}:{window}:{client}"):
                return None
            purse.left -= 1
            return self.quota - purse.taken + purse.left

    def give_back(self, client: str) -> None:
        """Take back the count of a request that is counted elsewhere."""
        with self.lock:
            if purse := self.purses.get(client):
                purse.left += 1

    def fill(self, purse: Purse, key: str) -> bool:
        """Take a share of what is left; whether there was any."""
        if purse.taken >= self.quota:
            return False
        share = max((self.quota - purse.taken) // SHARES, self.quota // 100, 1)
        try:
            if cache.add(key, share, 2 * WINDOW):
                taken = share
            else:
                taken = cache.incr(key, share)
                cache.touch(key, 2 * WINDOW)  # not every cache keeps the time at which a counter goes
        except ValueError:  # gone between the two
            taken = share
        except (DatabaseError, RedisError, OSError):
            taken = purse.taken + share
        purse.left = max(share - max(taken - self.quota, 0), 0)
        purse.taken = min(taken, self.quota)
        return purse.left > 0


@lru_cache
def limit(name: str, quota: int) -> Limit:
    """The one of this process, whichever way requests take through it."""
    return Limit(name, quota)


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


def client_of(request: HttpRequest) -> str:
    """The client's address; of IPv6 its network of 64 bits, all of which one client has."""
    address = client_address(request)
    if ":" not in address:
        return address[:45]
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return "unknown"
