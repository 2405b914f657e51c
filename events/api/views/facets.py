"""Counts of the events that match: by the values of each filter, and over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

import orjson
from django.db.models import Q
from django.http import HttpResponse
from rest_framework.request import Request

from events.api import shapes
from events.api.parameters import Number, Parameters, Word
from events.api.renderers import json_answer
from events.api.views.base import ReadOfTheRecord
from events.api.views.events import FILTERS, REPEATABLE, criteria_of
from events.caching import kept
from events.choices import Certainty, Direction, EventKind, Tier
from events.filters import EventFilter
from events.lib.dates import last_day
from events.models import Country, PublicDocument
from events.queries import facets
from events.queries.bearing import Months
from events.queries.facets import Facets
from events.queries.months import day_one
from events.queries.rolled import FACETS
from events.queries.timeline import Criteria

CHOICES = {"kind": EventKind, "certainty": Certainty, "tier": Tier, "direction": Direction}
LIMIT = Number("limit", "How many values a facet of records has, the most frequent ones", least=1, most=200, default=20)
INTERVAL = Word(
    "interval",
    "How long each interval is",
    default=1,
    words={"month": 1, "quarter": 3, "year": 12},
)
INTERVALS = {months: name for name, months in INTERVAL.words.items()}

HISTOGRAM_EXAMPLE = {
    "interval": "month",
    "count": 2,
    "exact": True,
    "intervals": [
        {
            "interval": "2024-07", "from": "2024-07-01", "to": "2024-07-31",
            "count": 2, "restricts": 1, "relaxes": 0, "mixed": 0, "neither": 1,
        }
    ],
}  # fmt: skip


class EventFacets(ReadOfTheRecord):
    """How many events bear each value of each filter. A facet answers to all filters but its own.

    Counts are exact or null. A value that is asked for is always among its facet's.
    """

    operation = "get_event_facets"
    answer = shapes.EventFacets
    example = "facets"
    parameters = Parameters(LIMIT, others=FILTERS, repeatable=REPEATABLE)
    filterset_class = EventFilter

    def get(self, request: Request) -> HttpResponse:
        limit = self.asked(request)["limit"]
        criteria = criteria_of(request.GET)
        found: Facets = kept("facets", criteria, lambda: facets.facets(criteria))
        chosen = {name: asked_for(criteria, name) for name in FACETS if name not in CHOICES}
        frequent = found
        if any(found.values[name] is None for name in chosen):  # which ones are frequent in the whole record
            frequent = kept("facets", Criteria(), lambda: facets.facets(Criteria()))
        keys = {name: most_frequent(frequent.values[name] or Counter(), chosen[name], limit) for name in chosen}
        names = names_of(keys)
        said: dict[str, Any] = {"count": found.count, "exact": None not in (found.count, *found.values.values())}
        for name in FACETS:
            counts = found.values[name]
            if name in CHOICES:
                values = [(value, str(label)) for value, label in CHOICES[name].choices]
            else:
                values = [(key, names.get((name, key), key)) for key in keys[name]]
            said[name] = facet(values, counts, complete=name in CHOICES)
        return json_answer(orjson.dumps(said))


def facet(values: list[tuple[str, str]], counts: Mapping[str, int] | None, *, complete: bool) -> dict[str, Any]:
    if counts is not None:
        shown = {value for value, _ in values}
        complete = complete or not any(count for value, count in counts.items() if value not in shown)
    return {
        "exact": counts is not None,
        "complete": complete,
        "values": [
            {"value": value, "name": name, "count": None if counts is None else counts.get(value, 0)}
            for value, name in values
        ],
    }


def asked_for(criteria: Criteria, name: str) -> list[str]:
    """The values of one filter that are asked for; of countries those themselves, not their groups."""
    found = []
    for choices in criteria.choices:
        if choices[0].tag.startswith(f"{name}:"):
            found += [choice.tag.partition(":")[2] for choice in choices if choice.tag.startswith(f"{name}:")]
    return found


def most_frequent(counts: Mapping[str, int], asked: Iterable[str], limit: int) -> list[str]:
    """The first `limit` keys by their counts, then by name, and those asked for that are not among them."""
    ordered = sorted((key for key, count in counts.items() if count), key=lambda key: (-counts[key], key))[:limit]
    return list(dict.fromkeys([*ordered, *asked]))


def names_of(keys: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """The names of records, by type and key."""
    countries = Country.objects.filter(code__in=list(keys["country"]))
    found = {("country", code): name for code, name in countries.values_list("code", "name")}
    any_of = reduce(or_, (Q(type=name, key__in=list(each)) for name, each in keys.items() if name != "country"))
    for record_type, key, name in PublicDocument.objects.filter(any_of).values_list("type", "key", "name"):
        found[record_type, key] = name
    return found


class EventHistogram(ReadOfTheRecord):
    """How many events are dated in each month, quarter or year, by what they do to access. Empty ones are left out.

    An event counts where its date begins: one of “2024” in the January of that year.
    """

    operation = "get_event_histogram"
    answer = shapes.EventHistogram
    example = HISTOGRAM_EXAMPLE
    parameters = Parameters(INTERVAL, others=FILTERS, repeatable=REPEATABLE)
    filterset_class = EventFilter

    def get(self, request: Request) -> HttpResponse:
        length = self.asked(request)["interval"]
        criteria = criteria_of(request.GET)
        found: Months | None
        [found] = kept("months", criteria, lambda: [facets.months(criteria)])  # a cache cannot keep None
        said = {
            "interval": INTERVALS[length],
            "count": None if found is None else found.total(),
            "exact": found is not None,
            "intervals": None if found is None else intervals(found, length),
        }
        return json_answer(orjson.dumps(said))


def intervals(found: Months, length: int) -> list[dict[str, Any]]:
    """Months put together into intervals of that many."""
    counts: dict[int, Counter[str]] = {}
    for (month, direction), count in found.items():
        counts.setdefault(month - month % length, Counter())[direction] += count
    return [
        {
            "interval": name_of(first, length),
            "from": day_one(first),
            "to": last_day(day_one(first), INTERVALS[length]),
            "count": each.total(),
        }
        | {direction: each[direction] for direction in Direction.values}
        for first, each in sorted(counts.items())
    ]


def name_of(first: int, length: int) -> str:
    year, month = divmod(first, 12)
    if length == 12:
        return f"{year:04}"
    return f"{year:04}-Q{month // 3 + 1}" if length == 3 else f"{year:04}-{month + 1:02}"
