"""The access ledger, drawn from documents: what each effect and membership was, over which revisions.

Written in the transaction that appends the documents, by `events.services.log` alone; `rebuild` draws it again from the
log. A row is closed only where a field that it holds differs, so that a reissue leaves it alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from django.db import connection, transaction

from events.choices import Action, Certainty, RecordType, State
from events.lib import bulk
from events.models import AccessRecord, Change, GroupRecord

Row = TypeVar("Row", AccessRecord, GroupRecord)
Values = tuple[Any, ...]
Document = Mapping[str, Any]

# The model of each type whose documents have rows in the ledger, and the field that names the record.
HOLDERS: dict[str, tuple[type[AccessRecord] | type[GroupRecord], str]] = {
    RecordType.EVENT.value: (AccessRecord, "event"),
    RecordType.GROUP.value: (GroupRecord, "group"),
}
EFFECT = (
    "event", "effect", "product", "place", "exceptions", "status", "effective_date", "date_precision", "until",
    "reported_on",
)  # fmt: skip
MEMBERSHIP = ("group", "country", "since", "until")
FIELDS: dict[type[Any], tuple[str, ...]] = {AccessRecord: EFFECT, GroupRecord: MEMBERSHIP}


def drawn(record_type: str, key: str, document: Document) -> list[AccessRecord] | list[GroupRecord]:
    """The rows that a document gives, without their revisions."""
    if record_type == RecordType.EVENT:
        counts = document.get("state") == State.PUBLISHED and document["certainty"] != Certainty.DENIED
        return [effect(key, each) for each in document["access_effects"]] if counts else []
    return [
        GroupRecord(group=key, country=member["code"], since=day(member["since"]), until=day(member["until"]))
        for member in document["members"]
    ]


def effect(event: str, given: Document) -> AccessRecord:
    return AccessRecord(
        event=event,
        effect=given["id"],
        product=given["product"],
        place=given["country"] or given["group"],
        exceptions=" ".join(given["except"]),
        status=given["status"],
        effective_date=dt.date.fromisoformat(given["effective_date"]),
        date_precision=given["date_precision"],
        until=day(given["until"]),
        reported_on=dt.date.fromisoformat(given["reported_on"]),
    )


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def says(row: AccessRecord | GroupRecord) -> Values:
    """All that a row holds but its revisions."""
    return tuple(getattr(row, name) for name in FIELDS[type(row)])


def moved(held: Sequence[Row], given: Sequence[Row], seq: int) -> tuple[list[Row], list[Row]]:
    """The rows of those held that revision `seq` closes, and of those given that it opens."""
    before, now = {says(row): row for row in held}, {says(row): row for row in given}
    closed = [row for values, row in before.items() if values not in now]
    opened = [row for values, row in now.items() if values not in before]
    for row in closed:
        row.recorded_until = seq
    for row in opened:
        row.recorded_from = seq
    return closed, opened


def replayed(record_type: str, key: str, changes: Iterable[Change]) -> list[Any]:
    """All rows of one record, closed and open, from its changes in order; redacted documents say nothing.

    A document that somebody has damaged raises AttributeError, KeyError, TypeError or ValueError.
    """
    rows: list[Any] = []
    for change in changes:
        if change.document is None or change.action == Action.REDACTED:
            continue
        given = drawn(record_type, key, orjson.loads(change.document))
        _, opened = moved([row for row in rows if row.recorded_until is None], given, change.seq)
        rows += opened
    return rows


def update(made: Iterable[tuple[Change, Document, bool]]) -> None:
    """Bring the ledger in step with new documents, a batch at once; each with whether it is its record's first."""
    opened: dict[type[Any], list[Any]] = {AccessRecord: [], GroupRecord: []}
    again: dict[str, list[tuple[Change, Document]]] = {}
    for change, document, is_first in made:
        if change.type not in HOLDERS:
            continue
        if is_first:
            for row in drawn(change.type, change.key, document):
                row.recorded_from = change.seq
                opened[type(row)].append(row)
        else:
            again.setdefault(change.type, []).append((change, document))
    for record_type, changes in again.items():
        model, name = HOLDERS[record_type]
        held: dict[str, list[Any]] = {change.key: [] for change, _ in changes}
        for row in model.objects.current().filter(**{f"{name}__in": held}):
            held[getattr(row, name)].append(row)
        closed: list[Any] = []
        for change, document in changes:
            gone, new = moved(held[change.key], drawn(record_type, change.key, document), change.seq)
            closed += gone
            opened[model] += new
        model.objects.bulk_update(closed, ["recorded_until"])
    for rows in opened.values():
        bulk.insert_instances(connection, rows)


def redraw(record_type: str, key: str) -> None:
    """Draw the rows of one record again from the log: a document of it was redacted, which may have said more."""
    if record_type in HOLDERS:
        model, name = HOLDERS[record_type]
        model.objects.filter(**{name: key}).delete()
        changes = Change.objects.of(record_type, key).order_by("seq")
        bulk.insert_instances(connection, replayed(record_type, key, changes))


# --------------------------------------------------------------------------------------------------- from the log alone


def changes_by_record(record_type: str, *, size: int) -> Iterator[dict[str, list[Change]]]:
    """The changes of the log in order, by the key of their record, so many records at a time."""
    changes = Change.objects.filter(type=record_type)
    keys = changes.order_by("key").values_list("key", flat=True).distinct()
    batch = list(keys[:size])
    while batch:
        found: dict[str, list[Change]] = {key: [] for key in batch}
        for change in changes.filter(key__in=batch).order_by("seq"):
            found[change.key].append(change)
        yield found
        batch = list(keys.filter(key__gt=batch[-1])[:size])


@transaction.atomic
def rebuild(*, size: int = 2_000, advance: Callable[[int], object] = lambda records: None) -> None:
    """Draw the whole ledger again, from the log alone. The caller holds the head of the log."""
    for record_type, (model, _) in HOLDERS.items():
        model.objects.all().delete()
        for batch in changes_by_record(record_type, size=size):
            rows = [row for key, of_key in batch.items() for row in replayed(record_type, key, of_key)]
            bulk.insert_instances(connection, rows)
            advance(len(batch))
