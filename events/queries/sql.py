"""What the ORM cannot say and both databases can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

# How many branches one statement has; SQLite takes 500.
MOST_BRANCHES = 100
# So many placeholders cost as much as a table of their values.
MANY = 200


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


def given(columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> tuple[str, str]:
    """A table of rows that a query is about: a SELECT of these columns (name: SQL type), and its one parameter.

    However many rows there are: thousands of placeholders would cost more than what is asked.
    """
    if connection.vendor == "postgresql":
        source = "jsonb_array_elements(%s::jsonb)"
    else:
        source = "json_each(%s)"
        columns = {name: "text" if kind == "date" else kind for name, kind in columns.items()}
    values = ", ".join(
        f"CAST(value ->> {place} AS {kind}) AS {name}" for place, (name, kind) in enumerate(columns.items())
    )
    return f"SELECT {values} FROM {source}", orjson.dumps(list(rows)).decode()  # noqa: S608 - names are ours


def among(kind: str, values: Iterable[Any]) -> list[Any] | RawSQL:
    """Values of an SQL type, however many, for `field__in`; None is left out.

    Few stay a list: of another table PostgreSQL does not see how many they are, and may rather read all that is asked.
    """
    values = [each for each in values if each is not None]
    if len(values) < MANY:
        return values
    table, value = given({"given": kind}, ([each] for each in values))
    return RawSQL(table, [value])  # noqa: S611 - a parameter
