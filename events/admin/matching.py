"""Which published events a list of the desk asks for by words, a tag and filters, off the timeline's indexes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest

from events.choices import State
from events.lib.tokens import parse_query
from events.models import Event, pk_of, position_of
from events.queries import recent
from events.queries.sql import among
from events.queries.timeline import Choice, Criteria, newest

MAX_COUNTED = 10_000  # rows of a list: beyond, it says "more than"
QUEUE = "queue"
KIND, CERTAINTY, STATE, YEAR, MONTH = "kind__exact", "certainty__exact", "state__exact", "date__year", "date__month"
# What else of an address leaves the same rows, or is asked of these.
BESIDE = {QUEUE, STATE, PAGE_VAR, ORDER_VAR, ERROR_FLAG}
KNOWN = {SEARCH_VAR, KIND, CERTAINTY, YEAR, MONTH} | BESIDE


def newest_matching(request: HttpRequest, *, tag: str = "") -> QuerySet[Event, Any] | None:
    """The keys of the newest published events that match all that is asked: so many that a list tells there are more.

    None: all are wanted, for a file, or something is asked that the timeline does not know.
    """
    asked = request.GET
    days = days_of(asked)
    if getattr(request, "for_file", False) or set(asked) - KNOWN or days is None:
        return None
    words = parse_query(asked.get(SEARCH_VAR, ""))
    if asked.get(SEARCH_VAR, "").strip() and not words.terms:
        return Event.objects.none().order_by().values("pk")
    certainty = asked.get(CERTAINTY)
    tags = [tag] * bool(tag) + [f"certainty:{certainty}"] * bool(certainty)
    criteria = Criteria(
        words=words,
        choices=tuple((Choice(each),) for each in tags),
        kinds=(asked[KIND],) if KIND in asked else (),
    )
    first, end = days
    after = position_of(first, 0) - 1 if first else None
    found = newest(criteria, after=after, before=position_of(end, 0) if end else None, limit=MAX_COUNTED + 1)
    request.of_newest = found.of  # type: ignore[attr-defined]  # the list says so
    return keys(found.positions)


def found_among(rows: QuerySet[Event], term: str) -> QuerySet[Event, Any]:
    """The keys of those of some thousand published events in which the words are found: each of them is looked up."""
    words = parse_query(term)
    dated = rows.filter(state=State.PUBLISHED).order_by().values_list("date", "pk") if words.terms else ()
    places = [position_of(date, pk) for date, pk in dated if date is not None]
    return keys(recent.positions(Criteria(words=words), among=places, limit=len(places)))


def keys(positions: Iterable[int]) -> QuerySet[Event, Any]:
    """The keys of the events at these positions, as a part of a query."""
    return Event.objects.filter(pk__in=among("bigint", map(pk_of, positions))).order_by().values("pk")


def days_of(asked: Any) -> tuple[dt.date | None, dt.date | None] | None:
    """The first day of the year or month asked for, and the day after its last; None: there is no such."""
    year, month = asked.get(YEAR), asked.get(MONTH)
    if year is None:
        return (None, None) if month is None else None
    try:
        first = dt.date(int(year), int(month or 1), 1)
        last = dt.date(first.year, 12 if month is None else first.month, 28)
        return first, (last + dt.timedelta(days=4)).replace(day=1)
    except (ValueError, OverflowError):
        return None
