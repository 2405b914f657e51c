"""The timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import Remembered, head, kept, of_the_record
from events.filters import EventFilter
from events.lib.dates import today
from events.lib.tokens import parse_query
from events.models import LogHead
from events.queries import facets
from events.queries import timeline as queries
from events.queries.timeline import Criteria
from events.queries.vocabulary import meant, vocabulary
from events.web import counted, filtering, listing
from events.web.histogram import Histogram, histogram
from events.web.htmx import wants_fragment
from events.web.lanes import page as lanes
from events.web.lanes.asked import PARAMETERS
from events.web.listing import Listing
from events.web.pages import fragment, page
from events.web.presets import presets

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
    if request.GET.get("view") == "lanes":
        return lanes.answer(request, filters, EventFilter(filters))
    criteria: Criteria | None = asked_for(query := filters.urlencode())
    now = today()

    def address(**more: str) -> str:
        return filtering.address(filters, **more)

    wanted = wants_fragment(request)
    found = (
        listing.listing(criteria, request.GET, address, until=None if filters else now, fragment=wanted)
        if criteria
        else Listing()
    )
    if wanted:
        return fragment("events/_timeline_list.html", {"listing": found, "appended": True})
    now_head = head()
    is_start = not filters and found.is_first and not found.problem
    context = around((query, now)) | {"head": now_head, "listing": found, "is_start": is_start}
    if criteria and not found.shown and not found.problem:
        context["meant"] = proposal(criteria, filters, now_head)
    return page("events/timeline.html", context)


@Remembered
def asked_for(query: str) -> Criteria | None:
    """What clean filters ask for; None: some of their values are bad. What they name is looked up once a revision."""
    filterset = EventFilter(QueryDict(query))
    return filterset.criteria if filterset.form.is_valid() else None


def surroundings(asked: tuple[str, dt.date]) -> dict[str, Any]:
    """What stands around the list of what these filters ask for, on a day: the same for each of its pages.

    Form and histogram are rendered already. They are most of what a page costs, and stay the same for a revision.
    """
    query, now = asked
    filters = QueryDict(query)
    filterset = EventFilter(filters)
    is_valid = filterset.form.is_valid()

    def address(**more: str) -> str:
        return filtering.address(filters, **more)

    names = filtering.names_for(filters)
    fields = filtering.fields_of(filterset, filters, names)
    found = shape(filterset.criteria, filters, fields, address) if is_valid else {"inexact": False}
    context = found | {
        "section": "timeline",
        "is_valid": is_valid,
        "fields": fields,
        "chips": filtering.chips(filters, names),
        "title": filtering.in_words(filters, names),
        "presets": presets(filters, now, filtering.address),
        "upcoming": None if filters else listing.upcoming(now),
        "tomorrow": filtering.tomorrow(now),
        "views": [(_("List"), address(), True), (_("Lanes"), address(view="lanes"), False)],
    }
    context["form"] = get_template("events/_filters.html").render(context)
    if context.get("histogram"):
        context["histogram"] = get_template("events/_histogram.html").render(context)
    return context


around = Remembered(surroundings, most=100)  # 30 kB each


def shape(
    criteria: Criteria,
    filters: QueryDict,
    fields: dict[str, filtering.Field],
    address: Callable[..., str],
) -> dict[str, Any]:
    """How many events match, over time and by the values of each filter, which the form's fields are given.

    Made once at a revision: the page is kept whole, but each of the filters' combinations has counts in common.
    """
    everything = Criteria()
    found: facets.Facets = kept("facets", criteria, lambda: facets.facets(criteria))
    frequent = found
    if None in found.values.values():
        frequent = kept("facets", everything, lambda: facets.facets(everything))
    for name, values in counted.values_of(found, frequent, filters).items():
        fields[name].values = values
    undated = replace(criteria, start=None, end=None, certain=False)
    [months] = kept("months", undated, lambda: [facets.months(undated)])  # a cache cannot keep None
    drawn: Histogram | None = None
    if months is not None:
        drawn = histogram(months, found.values["direction"], criteria, lambda **dates: address(**dates))
    return {
        "count": found.count,
        "inexact": None in (found.count, months, *found.values.values()),
        "histogram": drawn,
    }


def proposal(criteria: Criteria, filters: QueryDict, now: LogHead) -> tuple[str, str] | None:
    """What else may have been meant by a search that finds nothing, and its address; None: nothing that finds more."""
    q = filters.get("q", "")
    text = meant(q, vocabulary(now.seq, now.hash)) if q else None
    if text is None or not queries.page(replace(criteria, words=parse_query(text)), size=1).documents:
        return None
    return text, filtering.address(filters, q=text)
