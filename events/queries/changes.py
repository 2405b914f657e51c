"""The public log as the API serves it: finished JSON, read past the ORM, which takes several times the query's time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from django.db import connection

# What a change's hash covers, in the order in which it is served, and the columns that are named otherwise.
CHAINED = (
    "seq", "at", "type", "key", "action", "class", "note", "self_published", "document_hash", "previous_hash",
)  # fmt: skip
COLUMNS = {"class": "correction_class"}
# A time as `events.documents.instant` spells it. Django's text on SQLite is in UTC, and may lack the microseconds.
AT = {
    "postgresql": """to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "sqlite": """substr(replace("at", ' ', 'T') || '.000000', 1, 26) || 'Z'""",
}
NAMES = (*CHAINED, "hash")


class Served(NamedTuple):
    seq: int
    json: bytes  # the fields that the hash covers, the hash, and the document (null: redacted)


def served(
    *,
    record_type: str | None = None,
    key: str | None = None,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = False,
    most: int,
) -> list[Served]:
    """So many changes of a type or of a record, whose seq lies between two: the first ones in that order."""
    columns = COLUMNS | {"at": AT[connection.vendor]}
    asked = {"type = %s": record_type, "key = %s": key, "seq > %s": after, "seq < %s": before}
    given = {condition: value for condition, value in asked.items() if value is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns.get(name, name) for name in NAMES)}, document FROM events_change "  # noqa: S608
            f"{where} ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT %s",
            [*given.values(), most],
        )
        rows = cursor.fetchall()
    return [Served(row[0], json_of(row)) for row in rows]


def json_of(row: Sequence[Any]) -> bytes:
    fields = orjson.dumps(dict(zip(NAMES, row, strict=False)))  # all but the last: the document
    return b'%s,"document":%s}' % (fields[:-1], b"null" if row[-1] is None else row[-1].encode())
