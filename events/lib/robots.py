"""What a site asks of robots (RFC 9309): which of its pages they leave alone, and how long they wait between two."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from protego import Protego

from events.lib import http

LARGEST = 500 * 1024  # bytes; the RFC asks for at least 500 KiB
SECONDS = 10.0
KEPT = dt.timedelta(days=1)  # as long as the RFC allows
KEPT_UNREACHABLE = dt.timedelta(hours=1)
LONGEST_DELAY = 60.0  # seconds
NOBODY = "User-agent: *\nDisallow: /"


@dataclass(frozen=True)
class Rules:
    """Whether a page may be fetched, and how many seconds the site wants between two (0: it does not say)."""

    allowed: bool
    delay: float = 0.0


def rules_for(url: str) -> Rules:
    """What the robots.txt of a URL's site says of it, to us."""
    parsed = Protego.parse(text_for(url))
    name = settings.FETCH_USER_AGENT.partition("/")[0]
    return Rules(parsed.can_fetch(url, name), min(parsed.crawl_delay(name) or 0.0, LONGEST_DELAY))


def text_for(url: str) -> str:
    """The site's robots.txt, as it was a day ago at most.

    Without one everything is allowed; one that cannot be had because the server fails forbids everything for now.
    """
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    key = f"robots:{origin}"[:240]
    found: str | None = cache.get(key)
    if found is None:
        found, kept = asked(f"{origin}/robots.txt")
        cache.set(key, found, kept.total_seconds())
    return found


def asked(url: str) -> tuple[str, dt.timedelta]:
    try:
        return http.fetch(url, largest=LARGEST, seconds=SECONDS).body.decode("utf-8-sig", "replace"), KEPT
    except http.BadStatus as problem:
        return ("", KEPT) if problem.status < 500 and problem.status != 429 else (NOBODY, KEPT_UNREACHABLE)
    except http.TooLarge:
        return "", KEPT
    except http.NetworkError:
        return "", KEPT_UNREACHABLE  # the page itself will tell
