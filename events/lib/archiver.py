"""Copies of pages in a web archive that speaks the Wayback Machine's protocol: looking one up, and asking for one.

Two addresses, as at the Internet Archive: `ARCHIVER_URL` answers in JSON whether there is a copy
(https://archive.org/wayback/available), `ARCHIVER_SAVE_URL`, with a page's address after it, makes one
(https://web.archive.org/save/).
"""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode, urljoin

import orjson
from django.conf import settings
from django.core.cache import cache

from events.lib import http

LOOK_UP_SECONDS, SAVE_SECONDS = 15.0, 45.0
LARGEST = 100 * 1024
LONGEST = 2000  # characters of an address
PAUSED = "archiver-paused"
PAUSE = dt.timedelta(minutes=10)  # where it says that it is asked too much, and not for how long
COPY = re.compile(r"/\d{14}[^/]*/")  # what the address of a copy has in it: the time


def copy_of(url: str, *, near: dt.date | None, may_save: bool) -> str:
    """The address of a kept copy of the page, the nearest to a day; "" where there is none. Raises http.NetworkError.

    With `may_save`, one is asked for where there is none. Told that it is asked too much, the archiver has its peace.
    """
    if cache.get(PAUSED):
        raise http.NetworkError("The archiver asked to be left alone for a while.")
    try:
        found = looked_up(url, near)
        if not found and may_save and settings.ARCHIVER_SAVE_URL:
            found = saved(url)
    except http.BadStatus as problem:
        if problem.status in (429, 503):
            cache.set(PAUSED, True, (problem.retry_after or PAUSE).total_seconds())
        raise
    return found


def looked_up(url: str, near: dt.date | None) -> str:
    asked = {"url": url} | ({"timestamp": f"{near:%Y%m%d}"} if near else {})
    answer = http.fetch(
        f"{settings.ARCHIVER_URL}?{urlencode(asked)}", types=http.JSON, largest=LARGEST, seconds=LOOK_UP_SECONDS
    )
    try:
        closest = orjson.loads(answer.body)["archived_snapshots"].get("closest", {})
        found = str(closest["url"]) if closest.get("available") and str(closest.get("status", "200")) == "200" else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        raise http.NetworkError("The archiver’s answer is not of the form that it should have.") from None
    return address(found)


def saved(url: str) -> str:
    """The copy that was made now: where the request was redirected to, or what Content-Location names."""
    answer = http.fetch(settings.ARCHIVER_SAVE_URL + url, seconds=SAVE_SECONDS)
    for found in (urljoin(answer.url, answer.headers.get("content-location", "")), answer.url):
        if COPY.search(found):
            return address(found)
    return ""


def address(found: str) -> str:
    """The address, encrypted where the archiver's is; "" for what is none."""
    if settings.ARCHIVER_URL.startswith("https:"):
        found = re.sub("^http:(?=//)", "https:", found)
    try:
        http.check(found)
    except http.Refused:
        return ""
    return found if len(found) <= LONGEST else ""
