"""The public log: its head, appending to it, and what is selected from it.

Only `events.services.publishing` and `events.services.reissue` call this; nothing else makes anything public.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.utils import timezone

from events.choices import Action, RecordType
from events.documents import DocumentMaker, instant, type_of
from events.lib import bulk
from events.lib.canonical import canonical, sha256
from events.models import Change, LogHead, PublicDocument
from events.services import ledger, projections

LONGEST_NAME = 500  # of PublicDocument.name


class Entry(NamedTuple):
    """A change to be appended: of a row whose document is made when its turn comes."""

    row: Any
    action: Action
    correction_class: str = ""
    note: str = ""
    self_published: bool = False


def lock_head() -> LogHead:
    """Take the log's head for this transaction: every write to the record does so first, so that none can deadlock."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("The head of the log is taken inside a transaction.")
    head, _ = LogHead.objects.select_for_update().get_or_create(pk=1)
    return head


def chained_fields(change: Change) -> dict[str, Any]:
    """The fields that a change's hash covers, as the API serves them."""
    return {
        "seq": change.seq,
        "at": instant(change.at),
        "type": str(change.type),
        "key": change.key,
        "action": str(change.action),
        "class": change.correction_class,
        "note": change.note,
        "self_published": change.self_published,
        "document_hash": change.document_hash,
        "previous_hash": change.previous_hash,
    }


def next_moment(head: LogHead) -> dt.datetime:
    """Now, but never before the newest change: clocks may go back, the log may not."""
    now = timezone.now()
    return max(now, head.at) if head.at else now


def append(entries: Iterable[Entry], *, head: LogHead, maker: DocumentMaker, at: dt.datetime) -> list[Change]:
    """Append a change for each entry, in order, with all that is selected from the documents. `head` has been locked.

    A reissue whose document is equal but for its revision is left out.
    """
    entries = list(entries)
    before = newest_of(entry.row for entry in entries if entry.action != Action.PUBLISHED)  # which is a record's first
    maker.prepare(entry.row for entry in entries)
    made: list[tuple[Entry, Change, dict[str, Any]]] = []
    for entry in entries:
        record_type, key = type_of(entry.row), entry.row.key
        old = before.get((record_type, key))
        if entry.action == Action.REISSUED and old is not None and maker.says(entry.row, old):
            continue
        document = maker.document(entry.row, revision=head.seq + 1)
        change = chain(
            record_type,
            key,
            canonical(document),
            entry.action,
            head=head,
            at=at,
            correction_class=entry.correction_class,
            note=entry.note,
            self_published=entry.self_published,
        )
        made.append((entry, change, document))
    write(made, before)
    projections.update(
        [
            projections.Move(
                pk=entry.row.pk, document=document, seq=change.seq, old=before.get((change.type, change.key))
            )
            for entry, change, document in made
            if change.type == RecordType.EVENT
        ]
    )
    ledger.update((change, document, (change.type, change.key) not in before) for _, change, document in made)
    head.save(update_fields=["seq", "hash", "at"])
    return [change for _, change, _ in made]


def append_redaction(change: Change, *, head: LogHead, note: str, at: dt.datetime) -> Change:
    """Append a change that names a redacted one; the record's newest document stays what it is."""
    document = canonical({"key": change.key, "redacts": change.seq})
    redaction = chain(change.type, change.key, document, Action.REDACTED, note=note, head=head, at=at)
    redaction.save(force_insert=True)
    ledger.redraw(change.type, change.key)
    head.save(update_fields=["seq", "hash", "at"])
    return redaction


def newest_of(rows: Iterable[Any]) -> dict[tuple[str, str], Change]:
    """The newest change of each row that has one, by type and key."""
    keys: dict[RecordType, list[str]] = {}
    for row in rows:
        keys.setdefault(type_of(row), []).append(row.key)
    found = {}
    for record_type, wanted in keys.items():
        for current in PublicDocument.objects.of_type(record_type).filter(key__in=wanted).with_document():
            found[current.type, current.key] = current.change
    return found


def chain(
    record_type: str,
    key: str,
    document: bytes,
    action: Action,
    *,
    head: LogHead,
    at: dt.datetime,
    correction_class: str = "",
    note: str = "",
    self_published: bool = False,
) -> Change:
    """The next change of the chain; moves `head` on, in memory."""
    # By the order of the columns: in half the time that it takes by their names.
    change = Change(
        head.seq + 1,
        at,
        str(record_type),
        key,
        action.value,
        correction_class,
        note,
        self_published,
        sha256(document),
        head.hash,
        "",
        document.decode(),
    )
    change.hash = sha256(canonical(chained_fields(change)))
    head.seq, head.hash, head.at = change.seq, change.hash, at
    return change


def write(made: Sequence[tuple[Entry, Change, dict[str, Any]]], before: Mapping[tuple[str, str], Change]) -> None:
    """Store the changes, and point each record at its newest; `before` are those that records had."""
    bulk.insert_instances(connection, [change for _, change, _ in made])
    columns = ("type", "key", "name", "change_id", "is_listed")
    newest = {
        (change.type, change.key): (
            change.type,
            change.key,
            name_of(entry.row),
            change.seq,
            document.get("state", "published") == "published",
        )
        for entry, change, document in made
    }
    new = (row for record, row in newest.items() if record not in before)
    bulk.insert(connection, PublicDocument._meta.db_table, columns, new)
    PublicDocument.objects.bulk_create(
        [PublicDocument(**dict(zip(columns, row, strict=True))) for record, row in newest.items() if record in before],
        update_conflicts=True,
        unique_fields=["type", "key"],
        update_fields=["name", "change", "is_listed"],
    )


def name_of(row: models.Model) -> str:
    """What lists of its kind are sorted by."""
    return str(row)[:LONGEST_NAME]
