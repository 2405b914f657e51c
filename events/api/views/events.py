"""The timeline as a list of documents, with the filters of the pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponseBase, QueryDict
from rest_framework.request import Request

from events import cursors, filters
from events.api.errors import BadParameters
from events.api.pagination import Page
from events.api.parameters import Cursor, Parameters
from events.api.renderers import listing, parts_of
from events.api.shapes import LISTS
from events.api.tables import FORMAT, csv_answer, events_in_batches, refuse_paging, rows_of
from events.api.views.base import COUNT, PAGE_SIZE, ReadOfTheRecord
from events.api.views.records import FIELDS, columns_of
from events.caching import Remembered, head, kept
from events.choices import RecordType
from events.filters import EventFilter, EventFilterForm
from events.queries import timeline
from events.queries.timeline import Criteria

BEFORE = Cursor("before", "The page of events older than this cursor, which `next` gives", pattern=cursors.PATTERN)
AFTER = Cursor("after", "The page of events newer than this cursor, which `previous` gives", pattern=cursors.PATTERN)
FILTERS = frozenset(EventFilter.base_filters)
REPEATABLE = frozenset(name for name, each in EventFilter.base_filters.items() if hasattr(each, "always_filter"))


ALL_FIELDS = dict(EventFilter().form.fields)


class AskedForm(EventFilterForm):
    """The filters' form with just the fields that are asked for: copies of all of them cost more than the query."""

    def __init__(self, query: QueryDict) -> None:
        asked = {name: field for name, field in ALL_FIELDS.items() if name in query}
        self.base_fields = asked  # type: ignore[misc]  # the form copies what it finds there
        super().__init__(query)


def criteria_of(query: QueryDict) -> Criteria:
    """What a query's filters ask for. Raises BadParameters."""
    if FILTERS.isdisjoint(query):
        return Criteria()
    asked = sorted((name, tuple(values)) for name, values in query.lists() if name in FILTERS)
    found: Criteria = remembered(tuple(asked))
    return found


@Remembered
def remembered(asked: Sequence[tuple[str, Sequence[str]]]) -> Criteria:
    """What filters with these values ask for: what they name is looked up once a revision."""
    query = QueryDict(mutable=True)
    for name, values in asked:
        query.setlist(name, list(values))
    if blank := [name for name in FILTERS if name != "q" and "" in query.getlist(name)]:
        raise BadParameters((name, "It is empty: leave it out.") for name in sorted(blank))
    form = AskedForm(query)
    if not form.is_valid():
        raise BadParameters(filters.problems_of(form))
    return filters.criteria_of(form.cleaned_data)


def count_of(criteria: Criteria) -> int:
    """How many events match, exactly; counted once a revision."""
    return int(kept("count", criteria, lambda: timeline.count(criteria)))


class EventList(ReadOfTheRecord):
    """Published events, newest first. Values of one filter are alternatives; different filters narrow one another."""

    answer = LISTS[RecordType.EVENT]
    operation = "list_events"
    example = "event"
    parameters = Parameters(
        PAGE_SIZE, BEFORE, AFTER, FIELDS[RecordType.EVENT], COUNT, FORMAT, others=FILTERS, repeatable=REPEATABLE
    )
    filterset_class = EventFilter

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        criteria = criteria_of(request.GET)
        if asked["format"] == "csv":
            refuse_paging(request.GET)
            columns = columns_of(RecordType.EVENT, asked["fields"])
            batches = (rows_of(documents, columns) for documents in events_in_batches(criteria))
            return csv_answer(f"events-revision-{head().seq}", columns, batches, count_of(criteria))
        bounds = {}
        for name in ("before", "after"):
            if asked[name] is not None:
                try:
                    bounds[name] = cursors.decode(asked[name], criteria)
                except cursors.BadCursor as error:
                    raise BadParameters([(name, str(error))]) from error
        found = timeline.page(criteria, size=asked["page_size"], **bounds)
        page = Page(
            found.documents,
            next=None if found.older is None else ("before", cursors.encode(found.older, criteria)),
            previous=None if found.newer is None else ("after", cursors.encode(found.newer, criteria)),
        )
        count = count_of(criteria) if asked["count"] else None
        return listing(request, page, [parts_of(document, asked["fields"]) for document in page.rows], count)
