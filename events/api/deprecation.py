"""What of the API is on its way out: docs/versioning.md says how long it stays.

A route is declared so by its view's `deprecated`, a parameter by its own. Answers then bear the headers Deprecation
(RFC 9745), Sunset (RFC 8594) and a Link to the policy, and the schema says `deprecated`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponseBase
from django.utils.http import http_date

POLICY = "/data/#versions"


@dataclass(frozen=True)
class Deprecation:
    """`since`: the day from which on it should not be used; `sunset`: the day on which it may go."""

    since: dt.date
    sunset: dt.date
    instead: str  # a sentence that says what to use

    @property
    def text(self) -> str:
        return f"Deprecated since {self.since}; it may go on {self.sunset}. {self.instead}"


def seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def announce(response: HttpResponseBase, found: Iterable[Deprecation]) -> None:
    """Say in the headers what is deprecated of what was asked: of several the earliest days."""
    deprecations = list(found)
    if not deprecations:
        return
    response.headers["Deprecation"] = f"@{seconds(min(each.since for each in deprecations))}"
    response.headers["Sunset"] = http_date(seconds(min(each.sunset for each in deprecations)))
    link = f'<{POLICY}>; rel="deprecation"; type="text/html"'
    response.headers["Link"] = ", ".join(filter(None, [response.headers.get("Link"), link]))
