"""Sitemaps (https://www.sitemaps.org/protocol.html): every public page, in sections that stay what they are.

A section holds the records of one type whose rows have numbers of one range, so it costs what its own rows cost,
however many there are, and no page ever moves to another section.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.html import escape

from events.choices import RecordType
from events.documents import MODELS
from events.models import PublicDocument
from events.web.record import PAGES, address_of

ROOM = 10_000  # pages of a section; the protocol allows 50,000
STEP = 500  # keys of one query
SITE = "site"
ALWAYS = (
    "timeline", "access-map", "company-list", "country-list", "policy-list", "product-list", "agency-list",
    "change-list", "correction-list", "about", "data",
)  # fmt: skip
XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
Page = tuple[str, dt.datetime | None]  # path, and when it last changed


def sections() -> list[str]:
    """The names of all sections: "site", and "events-0" for the first ten thousand events ever drafted."""
    return [SITE, *(f"{record_type}-{number}" for record_type in PAGES for number in range(how_many(record_type)))]


def how_many(record_type: RecordType) -> int:
    if record_type == RecordType.COUNTRY:  # the one type without numbers; there are 249
        return 1
    highest = MODELS[record_type]._default_manager.aggregate(highest=Max("pk"))["highest"]
    return 0 if highest is None else highest // ROOM + 1


def pages_of(section: str, changed_at: dt.datetime | None) -> list[Page] | None:
    """The pages of a section; `changed_at` is when the record last changed. None: there is no such section."""
    if section == SITE:
        # What the page on coverage says changes without the record, so when it last did is not known.
        return [*((reverse(name), changed_at) for name in ALWAYS), (reverse("coverage"), None)]
    record_type, _dash, number = section.partition("-")
    if record_type not in PAGES or not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    if int(number) >= how_many(RecordType(record_type)):
        return None
    return list(records(RecordType(record_type), int(number)))


def records(record_type: RecordType, number: int) -> Iterator[Page]:
    """The pages of the public records of a section: neither drafts nor what was retracted or merged."""
    keys = keys_of(record_type, number)
    for start in range(0, len(keys), STEP):
        public = PublicDocument.objects.of_type(record_type).filter(key__in=keys[start : start + STEP])
        for key, is_listed, at in public.order_by("key").values_list("key", "is_listed", "change__at"):
            if is_listed:
                yield address_of(record_type, key), at
                if record_type == RecordType.COUNTRY:
                    yield reverse("access-country", args=[key]), at


def keys_of(record_type: RecordType, number: int) -> list[str]:
    rows: Any = MODELS[record_type]._default_manager
    if record_type == RecordType.COUNTRY:
        return list(rows.order_by("code").values_list("code", flat=True))
    start = number * ROOM
    return list(rows.filter(pk__gte=start, pk__lt=start + ROOM).order_by("pk").values_list("slug", flat=True))


# ------------------------------------------------------------------------------------------------------------- writing


def index(origin: str, names: Iterable[str]) -> str:
    """A sitemap index. `origin`: where this site is reached, without a slash at the end."""
    addresses = (origin + reverse("sitemap-section", args=[name]) for name in names)
    return document("sitemapindex", (f"<sitemap><loc>{escape(address)}</loc></sitemap>" for address in addresses))


def urlset(origin: str, pages: Iterable[Page]) -> str:
    """A sitemap."""
    return document("urlset", (f"<url><loc>{escape(origin + path)}</loc>{lastmod(at)}</url>" for path, at in pages))


def lastmod(at: dt.datetime | None) -> str:
    return f"<lastmod>{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if at else ""


def document(root: str, rows: Iterable[str]) -> str:
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{XMLNS}">', *rows, f"</{root}>", ""])
