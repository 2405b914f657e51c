"""Public rows, against their newest documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef

from events.choices import RecordType
from events.documents import EMBEDDED_IN, MODELS, DocumentMaker, prefetched
from events.models import (
    Event,
    PublicDocument,
    Reissue,
)
from events.services.verifying import reading
from events.services.verifying.reading import Finding, Tally, in_batches


def unlike_rows(tally: Tally) -> Iterator[Finding]:
    """Public rows that would give another document than their newest, but for what waits for a reissue."""
    requests = list(Reissue.objects.outstanding())
    maker = DocumentMaker()
    for record_type, model in MODELS.items():
        name = "code" if record_type == RecordType.COUNTRY else "slug"
        for found in in_batches(PublicDocument.objects.of_type(record_type).with_document(), size=reading.BATCH // 4):
            keys = [public.key for public in found]
            rows = prefetched(model._default_manager.filter(**{f"{name}__in": keys}))
            by_key = {row.key: row for row in rows}
            for public in found:
                where = f"{public}, row"
                if public.key not in by_key:
                    yield Finding(where, "is missing")
                elif not maker.says(by_key[public.key], public.change):
                    if any(is_covered(by_key[public.key], record_type, request) for request in requests):
                        tally.seen["waiting for a reissue"] += 1
                    else:
                        yield Finding(where, f"gives another document than change {public.change_id}")
            tally.count("rows", len(found))
    known = PublicDocument.objects.of_type(RecordType.EVENT).filter(key=OuterRef("slug"))
    for events in in_batches(Event.objects.public().filter(~Exists(known))):
        for event in events:
            yield Finding(f"event {event.slug}, row", f"is {event.state}, and the log does not know it")


def is_covered(row: Any, record_type: RecordType, request: Reissue) -> bool:
    """Whether this request will have the row's document made anew."""
    if not request.embedders:
        return (record_type, row.key) == (request.type, request.key)
    name = "code" if request.type == RecordType.COUNTRY else "slug"
    return any(
        type(row)._default_manager.filter(pk=row.pk, **{f"{lookup}__{name}": request.key}).exists()
        for embedder, lookup in EMBEDDED_IN.get(RecordType(request.type), ())
        if embedder == record_type
    )
