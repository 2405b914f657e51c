"""Documents that embed what has changed are made anew, in the background, in batches that may be killed anywhere."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from events.choices import Action, RecordType
from events.documents import EMBEDDED_IN, MODELS, DocumentMaker, prefetched
from events.models import Change, Event, LogHead, PublicDocument, Reissue
from events.services import log, projections
from events.services.log import Entry

BATCH = 500  # documents at most
# While others are at work: the documents of a batch at least (smaller ones cost more than they spare), and the seconds
# for which a batch should hold the head of the log: so long whoever publishes may have to wait for it.
SMALLEST, HELD = 100, 0.5
LOOKED_THROUGH = 10_000  # rows of a model, for the next batch
# Between two batches an editor who waits for the head of the log gets it, on SQLite too, where waiting is polling.
PAUSE = 0.05


def request(record_type: RecordType, keys: Iterable[str], *, embedders: bool) -> None:
    """Ask for the documents of these records, or of all that embed them, to be made anew.

    One that is under way for a record starts over: what it has done already may have embedded the older name. The
    caller has held the log's head since before it wrote what has changed: no batch is being made that has not seen it.
    """
    keys = sorted(keys)
    if not keys or (embedders and record_type not in EMBEDDED_IN):
        return
    outstanding = Reissue.objects.outstanding().filter(type=record_type, key__in=keys, embedders=embedders)
    outstanding.update(cursor="")
    known = set(outstanding.values_list("key", flat=True))
    Reissue.objects.bulk_create(
        Reissue(type=record_type, key=key, embedders=embedders) for key in keys if key not in known
    )


def run_outstanding(*, seconds: float | None = None) -> int:
    """Work off what is outstanding, for at most so many seconds, and count what was appended.

    None: to the end, and as fast as can be, since nobody waits.
    """
    started, appended = time.monotonic(), 0
    size = BATCH if seconds is None else min(SMALLEST, BATCH)
    while (row := Reissue.objects.outstanding().first()) is not None:
        began = time.monotonic()
        appended += run_batch(row, size=size)
        if seconds is not None:
            size = fitting(size, time.monotonic() - began)
            if time.monotonic() - started > seconds:
                break
            time.sleep(PAUSE)
    return appended


def fitting(size: int, took: float) -> int:
    """How many documents the next batch may have, after one of `size` took so many seconds."""
    return min(BATCH, max(SMALLEST, min(int(size * HELD / took), 2 * size)))


@transaction.atomic
def run_batch(request_: Reissue, *, size: int) -> int:
    """Make the next documents of one request anew, and remember how far it got, in one transaction.

    Requests for records' own documents are done many at once.
    """
    head = log.lock_head()
    row = Reissue.objects.outstanding().filter(pk=request_.pk).first()
    if row is None:  # another worker was faster
        return 0
    if not row.embedders:
        return run_own(RecordType(row.type), head, size)
    batch = next_embedders(row, size)
    if batch is None:
        row.done_at = timezone.now()
        row.save(update_fields=["done_at"])
        return 0
    rows, row.cursor = batch
    changes = append(rows, head)
    redraw(rows, but={change.key for change in changes})
    row.save(update_fields=["cursor"])
    return len(changes)


def run_own(record_type: RecordType, head: LogHead, size: int) -> int:
    """Make the documents anew of the first records of a type that are asked for by themselves."""
    requests = dict(
        Reissue.objects.outstanding().filter(type=record_type, embedders=False).values_list("key", "pk")[:size]
    )
    rows = {row.key: row for row in rows_of(record_type, public_keys(record_type, requests))}
    changes = append([rows[key] for key in requests if key in rows], head)
    Reissue.objects.filter(pk__in=requests.values()).update(done_at=timezone.now())
    return len(changes)


def append(rows: Iterable[Any], head: LogHead) -> list[Change]:
    entries = [Entry(row, Action.REISSUED) for row in prefetched(rows)]
    return log.append(entries, head=head, maker=DocumentMaker(), at=log.next_moment(head))


def rows_of(record_type: RecordType, keys: Iterable[str]) -> models.QuerySet[Any]:
    """The rows of these keys, without those that somebody has deleted."""
    name = "code" if record_type == RecordType.COUNTRY else "slug"
    return MODELS[record_type]._default_manager.filter(**{f"{name}__in": list(keys)})


def public_keys(record_type: RecordType, keys: Iterable[str]) -> list[str]:
    known = PublicDocument.objects.of_type(record_type).filter(key__in=keys)
    return list(known.exclude(change__action=Action.MERGED).values_list("key", flat=True))


def next_embedders(row: Reissue, size: int) -> tuple[list[Any], str] | None:
    """The next rows that embed the record, in the order of the table and of primary keys, and the cursor after them.

    They are looked for among the next rows of a model, so that neither database goes through all of them for a batch;
    none may be found. None: the table is done.
    """
    table = EMBEDDED_IN[RecordType(row.type)]
    place, _, after = row.cursor.partition(":")
    # By its key, not by a subquery: PostgreSQL knows of each key in how many rows it stands.
    record = list(rows_of(RecordType(row.type), [row.key]).values_list("pk", flat=True))
    for index in range(int(place or 0), len(table)):
        record_type, lookup = table[index]
        model = MODELS[record_type]
        rows = model._default_manager.order_by("pk")
        if after:
            rows = rows.filter(pk__gt=after)
        end = rows.values_list("pk", flat=True)[LOOKED_THROUGH - 1 : LOOKED_THROUGH].first()
        if end is not None:
            rows = rows.filter(pk__lte=end)
        embeds = model._default_manager.filter(pk=OuterRef("pk"), **{f"{lookup}__in": record})
        found: list[Any] = list(rows.filter(Exists(embeds))[:size])
        if found or end is not None:
            public = set(public_keys(record_type, [each.key for each in found]))
            last = found[-1].pk if len(found) == size or end is None else end
            return [each for each in found if each.key in public], f"{index}:{last}"
        after = ""
    return None


def redraw(rows: Iterable[Any], *, but: set[str]) -> None:
    """The full-text rows of events whose document stayed the same: aliases, which it does not show, may differ."""
    same = {each.slug: each.pk for each in rows if isinstance(each, Event) and each.slug not in but}
    current = PublicDocument.objects.of_type(RecordType.EVENT).listed().filter(key__in=same).with_document()
    projections.redraw_search(
        (same[each.key], orjson.loads(each.change.document)) for each in current if each.change.document
    )
