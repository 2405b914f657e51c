"""What the ORM cannot say and both databases can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# How many branches one statement has; SQLite takes 500.
MOST_BRANCHES = 100


def union_all(querysets: Iterable[QuerySet[Any, Any]]) -> list[tuple[Any, ...]]:
    """The rows of several `values_list` querysets of the same columns, a hundred a query, each ordered and limited.

    The ORM refuses slices in a union on SQLite, which knows no parentheses there; a derived table serves both.
    """
    querysets = list(querysets)
    return [
        row
        for start in range(0, len(querysets), MOST_BRANCHES)
        for row in _union_all(querysets[start : start + MOST_BRANCHES])
    ]


def _union_all(querysets: Iterable[QuerySet[Any, Any]]) -> Iterable[tuple[Any, ...]]:
    parts: list[str] = []
    values: list[Any] = []
    for number, queryset in enumerate(querysets):
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # "in ()": nothing, and no SQL either
            continue
        parts.append(f"SELECT * FROM ({sql}) branch_{number}")  # noqa: S608 - the ORM's SQL
        values.extend(params)
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        rows = cursor.fetchall()
    # As the ORM would: dates, booleans and JSON come as text or numbers from SQLite.
    converters = compiler.get_converters([column for column, _, _ in compiler.select])
    return (tuple(row) for row in compiler.apply_converters(rows, converters)) if converters else rows


def count_distinct(querysets: Iterable[QuerySet[Any, Any]]) -> int:
    """How many different rows several `values_list` querysets of the same columns have together."""
    parts, values = [], []
    for queryset in querysets:
        sql, params = queryset.order_by().query.get_compiler(connection=connection).as_sql()
        parts.append(sql)
        values.extend(params)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({' UNION '.join(parts)}) matching", values)  # noqa: S608 - the ORM's SQL
        return int(cursor.fetchone()[0])
