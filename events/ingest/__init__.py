"""From the world's feeds and pages to what an editor reads: bytes in, plain values out; no database, no network."""

from collections.abc import Callable
from typing import Protocol

from events.choices import FeedKind
from events.ingest import atom, federal_register, sitemap
from events.ingest.entry import Batch


class Parse(Protocol):
    def __call__(self, body: bytes, *, url: str, cursor: str = "") -> Batch: ...


# How each kind of feed is read, and at which address it is asked; most are asked at their own.
IMPORTERS: dict[str, Parse] = {
    FeedKind.FEDERAL_REGISTER: federal_register.parse,
    FeedKind.FEED: atom.parse,
    FeedKind.SITEMAP: sitemap.parse,
}
REQUESTS: dict[str, Callable[[str, str], str]] = {FeedKind.FEDERAL_REGISTER: federal_register.request}
