"""What the head of a page says to search engines, feed readers and sites where somebody shares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.web import filtering, structured
from events.web.lanes.asked import PARAMETERS as LANES
from events.web.record import Document

CURSORS = ("before", "after")
LISTED = ("q", "country", *CURSORS)
# The parameters that make a page another page, by route, in the order in which its canonical address has them. What is
# not named here changes nothing, or how one and the same page is looked at.
MEANINGFUL: dict[str, tuple[str, ...]] = {
    "timeline": (*filtering.PARAMETERS, *CURSORS, *LANES),
    **{f"{name}-list": LISTED for name in ("company", "country", "policy", "product", "agency")},
    **{f"{name}-detail": CURSORS for name in ("company", "policy", "product", "agency")},
    "country-detail": ("part", *CURSORS),
    "event-history": CURSORS,
    "access-map": ("product", "on", "known"),
    "access-country": ("on", "known"),
    "access-answer": ("on", "known"),
    "change-list": ("type", "action", *CURSORS),
    "correction-list": CURSORS,
}
# Pages of one record, and the filter that stands for it.
ONE_RECORD = {f"{name}-detail": name for name in ("company", "country", "policy", "product", "agency")}
IMAGE_SIZE = (1200, 630)  # what Open Graph's readers crop least


@dataclass(frozen=True)
class Shared:
    """What the head of one page says. Addresses are absolute, but for `path` and `filters`.

    `path` is its canonical path on this site; `filters` the query of feeds and calendar that hold what it lists ("":
    everything); `oembed` where another site asks how to show it ("": not at all).
    """

    canonical: str
    path: str
    description: str
    image: str
    filters: str
    oembed: str
    published: str
    modified: str
    json_ld: SafeString

    @property
    def is_article(self) -> bool:
        return bool(self.published)


def shared(request: HttpRequest, context: Mapping[str, Any]) -> Shared:
    """What the page that answers this request with this context says."""
    match = request.resolver_match
    route = (match.url_name if match else None) or ""
    key = str(match.kwargs.get("key", "")) if match else ""
    origin = origin_of(request)
    path = canonical_path(route, request)
    event: Document | None = context["document"] if route == "event-detail" else None
    image = reverse("share-image")
    if event:
        image = f"{reverse('event-image', args=[event['slug']])}?revision={event['revision']}"
    is_list = route == "timeline" or route in ONE_RECORD
    return Shared(
        canonical=origin + path,
        path=path,
        description=description(route, context),
        image=origin + image,
        filters=filters_of(route, key, request.GET),
        oembed=f"{origin}{reverse('oembed')}?{urlencode({'url': origin + path})}" if is_list or event else "",
        published=event["published_at"] if event else "",
        modified=event["updated_at"] if event else "",
        json_ld=structured.of_page(route, origin, path, context),
    )


def origin_of(request: HttpRequest) -> str:
    """Where this site is reached, without a slash at the end: "https://tracker.example"."""
    return f"{request.scheme}://{request.get_host()}"


def canonical_path(route: str, request: HttpRequest) -> str:
    """The one path of a page that may be asked for by several."""
    given = [
        (name, value) for name in MEANINGFUL.get(route, ()) for value in request.GET.getlist(name) if value.strip()
    ]
    return f"{request.path}?{urlencode(given)}" if given else request.path


def filters_of(route: str, key: str, asked: QueryDict) -> str:
    """The filters of the feeds that go with a page, as a query."""
    if route in ONE_RECORD:
        return urlencode({ONE_RECORD[route]: key})
    if route != "timeline":
        return ""
    return urlencode([(name, value) for name in filtering.PARAMETERS for value in asked.getlist(name) if value])


def description(route: str, context: Mapping[str, Any]) -> str:
    """A page in a sentence, for whoever sees no more of it."""
    if route == "event-detail" and context["document"]["summary"]:
        return str(context["document"]["summary"])
    if route == "access-answer":
        return str(context["sentence"])
    if route == "access-country":
        return _("Which AI customers in %(place)s can use, by which route, since when, and who says so.") % {
            "place": context["place"]
        }
    if route in ONE_RECORD and context.get("name"):
        return _("%(name)s: what was opened and closed, where, under which rule, since when, and who says so.") % {
            "name": context["name"]
        }
    return _("A public record of who may use which AI, where, under which rule, since when, and who says so.")
