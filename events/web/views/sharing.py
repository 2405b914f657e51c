"""What other sites show of this one: pictures, oEmbed, and a timeline in a frame."""

from __future__ import annotations

from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.choices import RecordType
from events.filters import EventFilter
from events.lib.dates import today
from events.web import embedding, feeds, filtering, share_image, sharing
from events.web.embedding import Frame
from events.web.pages import page
from events.web.record import Merged, find


@require_safe
@of_the_record
def site_image(request: HttpRequest) -> HttpResponse:
    """The picture of pages that have none of their own."""
    return HttpResponse(share_image.of_site(), content_type="image/png")


@require_safe
@of_the_record(pinned=True)
def event_image(request: HttpRequest, key: str) -> HttpResponse:
    """The picture of an event at its newest revision; the addresses of older ones lead there."""
    try:
        current, document = find(RecordType.EVENT, key)
    except Merged as merged:
        return HttpResponseRedirect(f"{merged.address}share.png")
    revision = str(document["revision"])
    if request.GET.get("revision") != revision:
        return HttpResponseRedirect(f"{request.path}?revision={revision}")
    return HttpResponse(share_image.of_event(document, current.change.document_hash), content_type="image/png")


@csp_replace({"frame-ancestors": ["*"]})  # the one page that may be framed
@xframe_options_exempt
@require_safe
@of_the_record(daily=True)
def embedded_timeline(request: HttpRequest) -> HttpResponse:
    """The newest events that match, small, for a frame on another site; its links open pages of their own."""
    filters = filtering.cleaned(request.GET)
    filterset = EventFilter(filters)
    is_valid = filterset.form.is_valid()
    context = {
        "title": feeds.title_of(filters),
        "address": filtering.address(filters),
        "problems": [] if is_valid else [str(each) for errors in filterset.form.errors.values() for each in errors],
        "rows": embedding.rows_of(filterset.criteria, today()) if is_valid else [],
    }
    response = page("embed/timeline.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@of_the_record
def oembed(request: HttpRequest) -> HttpResponse:
    """How another site shows a page of this one (https://oembed.com/): a timeline in a frame, an event as a link."""
    if request.GET.get("format", "json") != "json":
        return problem(_("format: Only json is offered."), 501)
    try:
        frame = Frame.asked(request.GET)
    except ValueError as wrong:
        return problem(str(wrong), 400)
    try:
        parts = urlsplit(request.GET.get("url", ""))
        match = resolve(parts.path) if parts.netloc == request.get_host() else None
    except (Resolver404, ValueError):
        match = None
    if match is None:
        return problem(_("url: This is no address of a page here."), 404)
    origin = sharing.origin_of(request)
    if match.url_name == "event-detail":
        document = find(RecordType.EVENT, match.kwargs["key"])[1]
        return JsonResponse(embedding.link(document, origin, frame))
    filters = filters_of(match, QueryDict(parts.query))
    if filters is None:
        return problem(_("url: Timelines and events can be embedded, other pages cannot."), 404)
    return JsonResponse(embedding.rich(feeds.title_of(filters), filters, origin, frame))


def filters_of(match: ResolverMatch, query: QueryDict) -> QueryDict | None:
    """The filters of the timeline that a page shows; None: it shows none."""
    if match.url_name in ("timeline", "embed-timeline"):
        return filtering.cleaned(query)
    if match.url_name not in sharing.ONE_RECORD:
        return None
    record_type = sharing.ONE_RECORD[match.url_name]
    find(RecordType(record_type), match.kwargs["key"])
    return filtering.cleaned(QueryDict(f"{record_type}={match.kwargs['key']}"))


def problem(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
