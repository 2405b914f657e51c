"""The access ledger, against the rows that the log gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef

from events.models import Change
from events.services import ledger as rows_of
from events.services.verifying import reading
from events.services.verifying.reading import UNREADABLE, Finding, Tally, in_batches


def ledger(tally: Tally) -> Iterator[Finding]:
    """Rows that are missing or surplus, row by row; one that holds something else is both."""
    for record_type, (model, name) in rows_of.HOLDERS.items():
        for batch in rows_of.changes_by_record(record_type, size=reading.BATCH):
            expected: Counter[tuple[Any, ...]] = Counter()
            readable = []
            for key, changes in batch.items():
                try:
                    expected.update([entire(row) for row in rows_of.replayed(record_type, key, changes)])
                    readable.append(key)
                except UNREADABLE:
                    yield Finding(f"ledger of {record_type} {key}", "cannot be drawn: a document is damaged")
            stored = Counter(entire(row) for row in model.objects.filter(**{f"{name}__in": readable}))
            yield from (missing(model, values) for values in expected - stored)
            yield from (surplus(model, values) for values in stored - expected)
            tally.count("ledger records", len(batch))
        of_no_record = ~Exists(Change.objects.filter(type=record_type, key=OuterRef(name)))
        for rows in in_batches(model.objects.filter(of_no_record)):
            yield from (surplus(model, entire(row)) for row in rows)


def entire(row: Any) -> tuple[Any, ...]:
    return (*rows_of.says(row), row.recorded_from, row.recorded_until)


def missing(model: Any, values: tuple[Any, ...]) -> Finding:
    return Finding(f"ledger, {described(model, values)}", "is missing")


def surplus(model: Any, values: tuple[Any, ...]) -> Finding:
    return Finding(f"ledger, {described(model, values)}", "is not given by the log")


def described(model: Any, values: tuple[Any, ...]) -> str:
    *said, start, end = values
    return f"{model(**dict(zip(rows_of.FIELDS[model], said, strict=True)), recorded_from=start)} to {end}: {said}"
