"""What a list of the desk shows as a file: all its rows, in its order, in the keys of the data set.

A file of events is one that can be imported again, and then says the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from csv import writer
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from events.choices import RecordType
from events.documents import prefetched, type_of
from events.lib import xlsx
from events.lib.spreadsheets import UTF_8, harmless
from events.models import Event, PublicDocument
from events.services.dataset.describing import describe, describe_whole
from events.services.dataset.entries import EVENT, TABLES
from events.services.dataset.exporting import laid_out
from events.services.dataset.layout import row as laid_row
from events.services.imports.tables import DATES, TOLD, cells_of

BATCH = 500
FIRST = ("id", "title")
Values = dict[str, Any]


def columns_of(record_type: RecordType) -> tuple[str, ...]:
    if record_type == RecordType.EVENT:
        rest = (key for key in EVENT.keys if key not in (*FIRST, "quote"))
        return (*FIRST, *TOLD, *rest)
    [shape] = [shape for kind, shape in TABLES.values() if kind == record_type]
    own = tuple(key for key in shape.keys if key != "published")
    first = () if "slug" in own[:1] else ("slug",)
    return (*first, "public", *(key for key in own if key not in first), *OWNED.get(record_type, ()))


OWNED = {RecordType.COMPANY: ("ownerships",)}


def values_in(rows: QuerySet[Any]) -> Iterator[list[Values]]:
    """What the rows say, in their order, a batch at a time."""
    model = rows.model
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        found = model._default_manager.filter(pk__in=batch)
        if model is Event:
            found = found.select_related("changed_by", "assigned_to")
        by_key = {row.pk: row for row in found}
        # What was deleted meanwhile is not there any more.
        yield said_of([by_key[key] for key in batch if key in by_key])


def said_of(rows: Sequence[Any]) -> list[Values]:
    if not rows:
        return []
    prefetched(rows)
    if isinstance(rows[0], Event):
        prefetch_related_objects(rows, "merged_from", "merged_into")
        return [of_event(row) for row in rows]
    record_type = type_of(rows[0])
    if record_type != RecordType.GROUP:
        prefetch_related_objects(rows, "merged_into")
    keys = [row.slug for row in rows]
    public = set(PublicDocument.objects.of_type(record_type).filter(key__in=keys).values_list("key", flat=True))
    return [{"public": row.slug in public, "slug": row.slug} | describe(row) for row in rows]


def of_event(event: Event) -> Values:
    values = laid_out(describe_whole(event), event)
    values.pop("theme", None)
    who = {"changed_by": event.changed_by, "assigned_to": event.assigned_to}
    return values | {"state": event.state} | {name: str(user) for name, user in who.items() if user}


# ---------------------------------------------------------------------------------------------------------------- forms


class Counted:
    """Batches whose rows are counted as they pass."""

    def __init__(self, batches: Iterable[list[Values]]) -> None:
        self.batches, self.rows = batches, 0

    def __iter__(self) -> Iterator[list[Values]]:
        for batch in self.batches:
            self.rows += len(batch)
            yield batch


def as_csv(record_type: RecordType, batches: Counted) -> Iterator[bytes]:
    """A head line, rows that no spreadsheet takes for formulas, and a last line that tells how many there are."""
    columns = columns_of(record_type)
    yield UTF_8.encode() + lines([columns])
    for batch in batches:
        yield lines(harmless(cells_of(values, columns)) for values in batch)
    yield lines([[f"#end rows={batches.rows}", *[""] * (len(columns) - 1)]])


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    text = StringIO()
    writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(record_type: RecordType, batches: Counted) -> Iterator[bytes]:
    """A workbook with typed dates, whose second sheet tells how many rows there are."""
    columns = columns_of(record_type)
    kinds = ["date" if column in DATES else "string" for column in columns]

    def rows(batch: Iterable[Values]) -> Iterator[list[Any]]:
        for values in batch:
            yield [cell.isoformat() if isinstance(cell, dt.date) else cell for cell in cells_of(values, columns)]

    def last() -> Iterator[Sequence[Any]]:
        yield "rows", batches.rows

    return xlsx.workbook(record_type.label, list(zip(columns, kinds, strict=True)), map(rows, batches), last)


def as_yaml(record_type: RecordType, batches: Counted) -> Iterator[bytes]:
    """The data set's format, and a last line that tells how many rows there are."""
    known = {kind: name for name, (kind, _) in TABLES.items()} | {RecordType.EVENT: "events"}
    told = (*TOLD, "public", *OWNED.get(record_type, ()))
    head = f"{known[record_type]}:\n"
    for batch in batches:
        for values in batch:
            said = {key: value for key, value in values.items() if key not in told}
            yield f"{head}\n{''.join(laid_row(said, 2, short=False))}".encode()
            head = ""
    if head:
        yield f"{known[record_type]}: []\n".encode()
    yield f"\n# end rows={batches.rows}\n".encode()


@dataclass(frozen=True)
class Form:
    media_type: str
    write: Callable[[RecordType, Counted], Iterator[bytes]]


FORMS = {
    "csv": Form("text/csv; charset=utf-8", as_csv),
    "xlsx": Form(xlsx.MEDIA_TYPE, as_xlsx),
    "yaml": Form("application/yaml; charset=utf-8", as_yaml),
}


def export(rows: QuerySet[Any], record_type: RecordType, form: str) -> Iterator[bytes]:
    """All these rows as a file, as it is read."""
    return FORMS[form].write(record_type, Counted(values_in(rows)))
