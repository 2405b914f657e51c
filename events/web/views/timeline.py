"""The timeline."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from events.caching import head, of_the_record
from events.filters import EventFilter
from events.lib.dates import today
from events.queries.timeline import Criteria
from events.web import filtering, listing
from events.web.htmx import wants_fragment
from events.web.lanes import page as lanes
from events.web.lanes.asked import PARAMETERS
from events.web.listing import Listing
from events.web.pages import fragment, page

CURSORS = ("before", "after")


@require_safe
@of_the_record(daily=True)
def timeline(request: HttpRequest) -> HttpResponse:
    """Published events, newest first, or as lanes; htmx gets the list alone.

    What a form sends is put into a clean address first: empty values left out, names as slugs. Bad values are shown
    with the filled form, and nothing is listed.
    """
    filters = filtering.cleaned(request.GET)
    if any(filters.getlist(name) != request.GET.getlist(name) for name in filtering.PARAMETERS):
        others = {name: request.GET[name] for name in (*CURSORS, *PARAMETERS) if request.GET.get(name)}
        return HttpResponseRedirect(filtering.address(filters, **others))
    filterset = EventFilter(filters)
    if request.GET.get("view") == "lanes":
        return lanes.answer(request, filters, filterset)
    is_valid = filterset.form.is_valid()
    criteria = filterset.criteria if is_valid else Criteria()
    now = today()
    unfiltered = not filters

    def address(**more: str) -> str:
        return filtering.address(filters, **more)

    wanted = wants_fragment(request)
    found = (
        listing.listing(criteria, request.GET, address, until=now if unfiltered else None, fragment=wanted)
        if is_valid
        else Listing()
    )
    if wanted:
        return fragment("events/_timeline_list.html", {"listing": found, "appended": True})
    now_head = head()
    names = filtering.names_for(filters)
    chips = filtering.chips(filters, names)
    is_start = unfiltered and found.is_first and not found.problem
    return page(
        "events/timeline.html",
        {
            "section": "timeline",
            "head": now_head,
            "listing": found,
            "is_valid": is_valid,
            "fields": filtering.fields_of(filterset, filters, names, now_head),
            "chips": chips,
            "title": ", ".join(chip.value for chip in chips),
            "count": listing.cheap_count(criteria) if is_valid and not found.problem else None,
            "is_start": is_start,
            "upcoming": listing.upcoming(now) if is_start else None,
            "tomorrow": filtering.tomorrow(now),
        },
    )
