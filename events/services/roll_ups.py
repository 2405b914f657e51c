"""Counts that publishing keeps: rows of three columns that say what is counted, and how much there is of it."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from events.models import TimelineCount, TimelinePair
from events.queries.sql import given

# The SQL types of the columns, in the order of a counter's keys; they are the primary key of the table.
KEYS: dict[type[TimelineCount | TimelinePair], dict[str, str]] = {
    TimelineCount: {"tag": "text", "month": "integer", "direction": "text"},
    TimelinePair: {"tag": "text", "month": "integer", "other": "text"},
}


def add(model: type[TimelineCount | TimelinePair], counts: Counter[tuple[str, int, str]]) -> None:
    """Add to the rows of a table, and make those that are not there. The log's head is held, so nobody else does."""
    columns = KEYS[model]
    rows, value = given(
        {**columns, "count": "integer"}, ((*key, change) for key, change in sorted(counts.items()) if change)
    )
    table, key = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({key}, count) SELECT * FROM ({rows}) added WHERE TRUE "  # noqa: S608
            f"ON CONFLICT ({key}) DO UPDATE SET count = {table}.count + excluded.count",
            [value],
        )
