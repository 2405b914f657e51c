"""From an address or a text to findings: what a worker, a command and the desk ask for alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

from events.ingest import webpage
from events.ingest.findings import Page, findings
from events.ingest.names import Vocabulary
from events.lib import http
from events.queries.names import vocabulary

LARGEST = 5 * http.MB


def page_at(url: str) -> Page:
    """The page at an address, fetched. Raises http.NetworkError and webpage.Unreadable."""
    answer = http.fetch(url, types=http.PAGES, largest=LARGEST)
    return webpage.read(answer.body, media_type=answer.media_type, charset=answer.charset, url=answer.url)


def found_in(page: Page, *, published: dt.date | None = None, words: Vocabulary | None = None) -> dict[str, Any]:
    """The findings of a page; `published` overrides what it says of its day, `words` are the record's of now."""
    if published:
        page.published = published
    return findings(page, words or vocabulary())
