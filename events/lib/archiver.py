"""Copies of pages in a web archive that speaks the Wayback Machine's protocol: looking one up, and asking for one.

`ARCHIVER_URL` answers in JSON whether there is a copy (the availability API, at the Internet Archive
https://archive.org/wayback/available). `ARCHIVER_SAVE_URL` makes one (Save Page Now 2, https://web.archive.org/save):
it is sent the page's address with the account's `ARCHIVER_KEY` ("access:secret"), names a job, and tells at
/status/JOB whether that is pending, a success with the copy's time, or an error.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import orjson
from django.conf import settings
from django.core.cache import cache

from events.lib import http

LOOK_UP_SECONDS, SAVE_SECONDS = 15.0, 30.0
LARGEST = 100 * 1024
LONGEST = 2000  # characters of an address
BETWEEN_ASKING = 5.0  # seconds between two questions whether a copy is made
PAUSED = "archiver-paused"
PAUSE = dt.timedelta(minutes=10)  # where it says that it is asked too much, and not for how long
JOB = re.compile(r"[\w-]{1,200}")
TIME = re.compile(r"\d{14}")


def copy_of(url: str, *, near: dt.date | None, may_save: bool) -> str:
    """The address of a kept copy of the page, the nearest to a day; "" where there is none. Raises http.NetworkError.

    With `may_save`, one is asked for where there is none. Told that it is asked too much, the archiver has its peace.
    """
    if cache.get(PAUSED):
        raise http.NetworkError("The archiver asked to be left alone for a while.")
    try:
        found = looked_up(url, near)
        if not found and may_save and settings.ARCHIVER_SAVE_URL and settings.ARCHIVER_KEY:
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
    closest = said_in(answer, "archived_snapshots").get("closest", {})
    if not isinstance(closest, dict):
        raise not_understood()
    is_there = closest.get("available") and str(closest.get("status", "200")) == "200"
    return address(str(closest.get("url", ""))) if is_there else ""


def saved(url: str) -> str:
    """The copy that is made now. One that takes longer is left to the next look-up, which will find it."""
    deadline = time.monotonic() + SAVE_SECONDS
    save = settings.ARCHIVER_SAVE_URL.rstrip("/")
    told = asked(save, form={"url": url})
    job = str(told.get("job_id") or "")
    if not JOB.fullmatch(job):
        raise http.NetworkError(f"The archiver made no copy: {why(told)}.")
    while time.monotonic() + BETWEEN_ASKING < deadline:
        time.sleep(BETWEEN_ASKING)
        told = asked(f"{save}/status/{job}")
        if told.get("status") == "success" and TIME.fullmatch(at := str(told.get("timestamp", ""))):
            return address(urljoin(save, f"/web/{at}/") + str(told.get("original_url") or url))
        if told.get("status") != "pending":
            raise http.NetworkError(f"The archiver made no copy: {why(told)}.")
    raise http.NetworkError("The archiver is still making a copy; it is looked for with the next check.")


def asked(url: str, *, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"LOW {settings.ARCHIVER_KEY}"}
    return said_in(
        http.fetch(url, types=http.JSON, headers=headers, form=form, largest=LARGEST, seconds=LOOK_UP_SECONDS)
    )


def said_in(answer: http.Answer, part: str = "") -> dict[str, Any]:
    """The object of an answer in JSON, or the one in its part. Raises http.NetworkError."""
    try:
        told = orjson.loads(answer.body)
        told = told[part] if part else told
    except (ValueError, KeyError, TypeError):
        raise not_understood() from None
    if not isinstance(told, dict):
        raise not_understood()
    return told


def not_understood() -> http.NetworkError:
    return http.NetworkError("The archiver’s answer is not of the form that it should have.")


def why(told: Mapping[str, Any]) -> str:
    """What the archiver says of a copy that it does not make, as a line that every database holds."""
    said = " ".join(str(told.get("message") or told.get("status_ext") or "it does not say why").split())
    return "".join(filter(str.isprintable, said))[:200].rstrip(".")


def address(found: str) -> str:
    """The address, encrypted where the archiver's is; "" for what is none."""
    if settings.ARCHIVER_URL.startswith("https:"):
        found = re.sub("^http:(?=//)", "https:", found)
    try:
        http.check(found)
    except http.Refused:
        return ""
    return found if len(found) <= LONGEST else ""
