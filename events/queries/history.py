"""Documents as the record held them at a revision."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from django.db import connection

from events.choices import Action, RecordType
from events.models import Change

Document = dict[str, Any]


def documents_at(revision: int, record_type: RecordType, keys: Collection[str] | None = None) -> dict[str, Document]:
    """The newest documents of a type up to a revision, by key: of these records, or of all (None).

    Records of which nothing was public then are left out, and so is what has been redacted since. Answers about access
    ask several times, so the SQL is ready made: the ORM takes longer to write it than all the rest takes.
    """
    if keys is not None and not keys:
        return {}
    of_these = "" if keys is None else f"AND key IN ({', '.join(['%s'] * len(keys))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT key, document FROM events_change WHERE seq IN (
                SELECT MAX(seq) FROM events_change
                WHERE type = %s AND seq <= %s AND document IS NOT NULL AND action <> %s {of_these} GROUP BY key
            ) ORDER BY key
            """,  # noqa: S608 - only placeholders
            [str(record_type), revision, Action.REDACTED.value, *(keys or ())],
        )
        return {key: orjson.loads(document) for key, document in cursor.fetchall()}


def merged_at(revision: int, record_type: RecordType) -> dict[str, str]:
    """The records that had been merged by then, each with the one that it became."""
    merges = Change.objects.filter(type=record_type, action=Action.MERGED, seq__lte=revision).order_by("seq")
    return {
        key: orjson.loads(document)["merged_into"]
        for key, document in merges.values_list("key", "document")
        if document
    }
