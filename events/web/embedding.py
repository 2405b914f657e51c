"""The timeline in another site's frame, and what oEmbed (https://oembed.com/) says of pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self

import orjson
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from events.models import position_of
from events.queries import timeline
from events.queries.timeline import Criteria
from events.web import rows
from events.web.record import Document
from events.web.sharing import IMAGE_SIZE
from events.web.structured import NAME

SHOWN = 20  # events
DAY = 24 * 3600  # seconds
NARROWEST, LOWEST = 240, 200  # pixels


@dataclass(frozen=True)
class Frame:
    """The size of a frame in pixels."""

    width: int = 600
    height: int = 640

    @classmethod
    def asked(cls, query: QueryDict) -> Self:
        """Ours, or as much of it as `maxwidth` and `maxheight` leave. Raises ValueError."""
        found = {}
        for name, usual in (("width", cls.width), ("height", cls.height)):
            text = query.get(f"max{name}", "")
            if text and not (text.isascii() and text.isdigit() and len(text) < 6):
                raise ValueError(_("max%(name)s: Give a number of pixels.") % {"name": name})
            found[name] = min(usual, int(text)) if text else usual
        return cls(**found)


def rows_of(criteria: Criteria, today: dt.date) -> list[dict[str, str]]:
    """The newest events that match; of all events those up to today, as on the timeline."""
    before = position_of(today + dt.timedelta(days=1), 0) if criteria.is_everything else None
    page = timeline.page(criteria, before=before, size=SHOWN)
    return [rows.briefly(orjson.loads(text)) for text in page.documents]


def snippet(title: str, filters: QueryDict, origin: str, frame: Frame) -> str:
    """What is copied into another page to show the timeline there."""
    query = f"?{filters.urlencode()}" if filters else ""
    address = f"{origin}{reverse('embed-timeline')}{query}"
    return format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy"></iframe>',
        address,
        max(frame.width, NARROWEST),
        max(frame.height, LOWEST),
        title,
    )


def rich(title: str, filters: QueryDict, origin: str, frame: Frame) -> dict[str, Any]:
    return said("rich", title, origin) | {
        "html": snippet(title, filters, origin, frame),
        "width": max(frame.width, NARROWEST),
        "height": max(frame.height, LOWEST),
    }


def link(document: Document, origin: str, frame: Frame) -> dict[str, Any]:
    """An event: its title, and its picture where that is not larger than is asked for."""
    found = said("link", document["title"], origin)
    width, height = IMAGE_SIZE
    if frame.width < Frame.width or frame.height < Frame.height:
        return found
    address = f"{reverse('event-image', args=[document['slug']])}?revision={document['revision']}"
    return found | {"thumbnail_url": origin + address, "thumbnail_width": width, "thumbnail_height": height}


def said(kind: str, title: str, origin: str) -> dict[str, Any]:
    return {
        "version": "1.0",
        "type": kind,
        "title": title,
        "provider_name": NAME,
        "provider_url": f"{origin}/",
        "cache_age": DAY,
    }
