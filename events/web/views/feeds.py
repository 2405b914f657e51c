"""The timeline for feed readers and calendars, with its filters."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.filters import EventFilter, problems_of
from events.lib.dates import today
from events.web import calendars, feeds, filtering
from events.web.feeds import BadPlace, Feed
from events.web.sharing import origin_of


@require_safe
@of_the_record
def atom(request: HttpRequest) -> HttpResponse:
    return answer(request, "feed-atom", feeds.as_atom, "application/atom+xml; charset=utf-8")


@require_safe
@of_the_record
def json(request: HttpRequest) -> HttpResponse:
    return answer(request, "feed-json", feeds.as_json, "application/feed+json")


def answer(request: HttpRequest, name: str, write: Callable[[Feed], bytes], content_type: str) -> HttpResponse:
    filters, filterset = asked(request)
    if not filterset.form.is_valid():
        return refused(filterset)
    try:
        feed = feeds.feed(
            filterset.criteria,
            filters,
            origin=origin_of(request),
            path=reverse(name),
            before=request.GET.get("before", ""),
        )
    except BadPlace as problem:
        return HttpResponse(f"{problem}\n", status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(write(feed), content_type=content_type)


@require_safe
@of_the_record(daily=True)
def calendar(request: HttpRequest) -> HttpResponse:
    """What is to come and what was, with the dates as exact as they are known."""
    filters, filterset = asked(request)
    if not filterset.form.is_valid():
        return refused(filterset)
    origin = origin_of(request)
    written = calendars.calendar(
        filterset.criteria,
        feeds.title_of(filters),
        origin + filtering.address(filters),
        origin=origin,
        today=today(),
    )
    response = HttpResponse(written, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="ai-access.ics"'
    return response


def asked(request: HttpRequest) -> tuple[QueryDict, EventFilter]:
    """The filters asked for, as addresses spell them, and what they come to."""
    filters = filtering.cleaned(request.GET)
    return filters, EventFilter(filters)


def refused(filterset: EventFilter) -> HttpResponse:
    """What is wrong with which filter, a line each."""
    lines = [f"{name}: {problem}\n" for name, problem in problems_of(filterset.form)]
    return HttpResponse("".join(lines), status=400, content_type="text/plain; charset=utf-8")
