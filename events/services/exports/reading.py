"""The log and the record's newest state as of one revision, however many are published meanwhile.

What a change holds never changes, so that nothing has to be locked: each batch is a query of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from events.choices import Action, RecordType
from events.lib.batches import BATCH, in_batches
from events.models import Change, PublicDocument
from events.queries.changes import served
from events.queries.history import documents_at
from events.services.exports.columns import Json


def changes(after: int, up_to: int) -> Iterator[list[bytes]]:
    """The changes after one seq up to another, oldest first, each as the API serves it."""
    while batch := served(after=after, before=up_to + 1, most=BATCH):
        yield [change.json for change in batch]
        after = batch[-1].seq


def newest(record_type: RecordType, revision: int) -> Iterator[list[tuple[str, Json]]]:
    """The documents of a type as they stood then, in the order of their keys, each as text and as read."""
    rows = PublicDocument.objects.of_type(record_type).values_list("key", "change_id", "change__document", named=True)
    for batch in in_batches(rows, "key"):
        moved = [row.key for row in batch if row.change_id > revision]
        before = documents_at(revision, record_type, moved) if moved else {}
        found = []
        for row in batch:
            if row.change_id <= revision:
                found.append((row.change__document, orjson.loads(row.change__document)))
            elif document := before.get(row.key):  # else nothing of it was public then
                found.append((orjson.dumps(document).decode(), document))
        yield found


def redacted_since(revision: int) -> bool:
    """Whether a document up to the revision has been redacted after it."""
    redactions = Change.objects.filter(action=Action.REDACTED, seq__gt=revision)
    documents = (document for document in redactions.values_list("document", flat=True) if document)
    return any(orjson.loads(document)["redacts"] <= revision for document in documents)
