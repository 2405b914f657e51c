"""Which access answers differ between two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponseBase
from rest_framework.request import Request

from events.api.errors import BadParameters
from events.api.pagination import Page
from events.api.parameters import Day, Parameters
from events.api.renderers import listing
from events.api.shapes import ACCESS_CHANGES
from events.api.tables import FORMAT, csv_answer, refuse_paging
from events.api.views.access import AFTER, BATCH, BEFORE, KNOWN, REVISION, SCOPE, AccessView, bounds, cursor, row_of
from events.api.views.base import PAGE_SIZE
from events.documents.access import answer_document
from events.lib.dates import today
from events.queries.answers import Answer, Question, answers
from events.queries.pairs import Pairs
from events.queries.reasons import Record, explained

MOST_LOOKED_AT = 5_000  # pairs that one page goes through
OF_BOTH = ("country", "country_name", "product", "product_name", "company", "models_from", "known", "revision")
OF_EACH = ("on", "status", "since", "event", "event_title")
COLUMNS = (*OF_BOTH, *(f"{end}_{name}" for end in ("from", "to") for name in OF_EACH))
Difference = tuple[int, Answer, Answer]  # the pair's place, and its answers on the two days


@dataclass(frozen=True)
class Comparison:
    """Pairs, the two days on which they are compared, and of which record."""

    record: Record
    pairs: Pairs
    days: tuple[dt.date, dt.date]
    known: dt.date | None

    def between(self, start: int, end: int) -> list[Difference]:
        """What differs among the pairs from place `start` up to `end`."""
        batch = self.pairs.between(start, end)
        before, after = (
            answers([Question(*pair, day, self.known) for pair in batch], revision=self.record.revision)
            for day in self.days
        )
        found = zip(range(start, start + len(batch)), before, after, strict=True)
        return [each for each in found if each[1].status != each[2].status]

    def onwards(self, start: int, size: int) -> tuple[list[Difference], int, int]:
        """A page that begins at a place: what differs, and from which place up to which was looked."""
        found: list[Difference] = []
        place, end = start, min(len(self.pairs), start + MOST_LOOKED_AT)
        while place < end:
            until = min(place + BATCH, end)
            found += self.between(place, until)
            if len(found) >= size:
                return found[:size], start, found[size - 1][0] + 1
            place = until
        return found, start, max(place, start)

    def backwards(self, end: int, size: int) -> tuple[list[Difference], int, int]:
        """A page that ends before a place, likewise."""
        found: list[Difference] = []
        place, start = end, max(end - MOST_LOOKED_AT, 0)
        while place > start:
            until = max(place - BATCH, start)
            found = self.between(until, place) + found
            if len(found) >= size:
                return found[-size:], found[-size][0], end
            place = until
        return found, place, end

    def told(self, found: Iterable[Difference]) -> list[dict[str, Any]]:
        """Differences as they are answered, each with both answers in full."""
        both = [answer for _, before, after in found for answer in (before, after)]
        documents = [answer_document(each) for each in explained(both, self.record)]
        return [{"from": before, "to": after} for before, after in zip(documents[::2], documents[1::2], strict=True)]

    def rows(self) -> Iterator[Sequence[list[Any]]]:
        """All differences as the rows of a table, in batches."""
        for start in range(0, len(self.pairs), BATCH):
            yield [row_of_both(each["from"], each["to"]) for each in self.told(self.between(start, start + BATCH))]


def row_of_both(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    rows = row_of(before), row_of(after)
    return [*(rows[0][name] for name in OF_BOTH), *(row[name] for row in rows for name in OF_EACH)]


class AccessDiff(AccessView):
    """Which pairs have another status on one day than on another. A row for each that differs.

    A page goes through a limited number of pairs: it may be short, or empty, while `next` leads on.
    """

    operation = "list_access_changes"
    answer = ACCESS_CHANGES
    example = "access_change"
    parameters = Parameters(
        *SCOPE,
        Day("from", "The first of the two days", required=True),
        Day("to", "The second of the two days; today if left out"),
        KNOWN,
        REVISION,
        PAGE_SIZE,
        BEFORE,
        AFTER,
        FORMAT,
    )

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        days = asked["from"], asked["to"] or today()
        if days[0] > days[1]:
            detail = f"The range ends before it starts. It goes from {days[0]} to {days[1]}."
            raise BadParameters((name, detail) for name in ("from", "to"))
        record, pairs = self.scope(asked)
        comparison = Comparison(record, pairs, days, asked["known"])
        if asked["format"] == "csv":
            refuse_paging(request.GET)
            name = f"access-{days[0]}-{days[1]}-revision-{record.revision}"
            return csv_answer(name, COLUMNS, comparison.rows())
        start, end = bounds(pairs, asked)
        if asked["before"] is None:
            found, start, end = comparison.onwards(start, asked["page_size"])
        else:
            found, start, end = comparison.backwards(end, asked["page_size"])
        rows = comparison.told(found)
        page = Page(
            rows,
            next=("after", cursor(pairs[end - 1])) if 0 < end < len(pairs) else None,
            previous=("before", cursor(pairs[start])) if 0 < start < len(pairs) else None,
        )
        return listing(request, page, [orjson.dumps(row) for row in rows])
