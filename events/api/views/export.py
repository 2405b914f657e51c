"""Everything on the timeline that matches, as a file."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework.request import Request

from events.api import streams
from events.api.parameters import Parameters, Word
from events.api.tables import events_in_batches
from events.api.views.base import AnyForm, ReadOfTheRecord
from events.api.views.events import FILTERS, REPEATABLE, criteria_of
from events.api.views.records import FIELDS, columns_of
from events.caching import head
from events.choices import RecordType
from events.filters import EventFilter

FORM = Word(
    "format",
    "csv, that no spreadsheet takes for formulas; ndjson, a document a line; or xlsx, a workbook with typed dates",
    default="csv",
    words={form: form for form in streams.FORMS},
)


class EventExport(ReadOfTheRecord):
    """All events that match, as one file, newest first. It is streamed, and ends with how many rows it has."""

    content_negotiation_class = AnyForm
    operation = "export_events"
    gives = {form.media_type.partition(";")[0]: {"type": "string"} for form in streams.FORMS.values()}
    parameters = Parameters(FORM, FIELDS[RecordType.EVENT], others=FILTERS, repeatable=REPEATABLE)
    filterset_class = EventFilter

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        criteria = criteria_of(request.GET)
        form = streams.FORMS[asked["format"]]
        is_whole = asked["format"] == "ndjson" and asked["fields"] is None
        names = [] if is_whole else columns_of(RecordType.EVENT, asked["fields"])
        chunks: Iterable[bytes] = ()
        if request.method == "GET":
            chunks = form.write(streams.Counted(events_in_batches(criteria)), names)
        response = StreamingHttpResponse(chunks, content_type=form.media_type)
        filename = f"events-revision-{head().seq}.{asked['format']}"
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
