"""Many plain rows into a table at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from operator import itemgetter
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateField, JSONField, Model


@contextmanager
def collecting_garbage_afterwards() -> Iterator[None]:
    """For a batch, whose many objects live until it is done: each look for garbage goes through them in vain.

    Looking once in 50,000 objects still took up to a tenth of the time of publishing many events. What was there before
    is not looked through either.
    """
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        gc.enable()


def insert(
    connection: BaseDatabaseWrapper,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert rows of plain values: by COPY on PostgreSQL, by one prepared statement on SQLite.

    Times are given as the database keeps them: aware datetimes on PostgreSQL, ISO text in UTC on SQLite.
    """
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                write = copy.write_row
                for row in rows:
                    write(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"  # noqa: S608 - names are ours
            cursor.executemany(statement, rows)  # type: ignore[arg-type]  # an iterator will do


def insert_instances(connection: BaseDatabaseWrapper, rows: Sequence[Model]) -> None:
    """Insert instances of one model as they stand, without signals; keys that they lack the database gives, unseen."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not (field.primary_key and rows[0].pk is None)]
    # Past the descriptors of the fields, and by columns: no call of ours for each row or value.
    get = itemgetter(*(field.attname for field in fields))
    columns: list[Iterable[Any]] = list(zip(*map(get, map(vars, rows)), strict=True))
    for index, field in enumerate(fields):
        prepare = partial(field.get_db_prep_save, connection=connection)
        if isinstance(field, JSONField):
            columns[index] = map(prepare, columns[index])
        elif isinstance(field, DateField) and connection.vendor != "postgresql":
            columns[index] = map(cache(prepare), columns[index])  # rows of a batch share their times, and many a date
    insert(connection, rows[0]._meta.db_table, [str(field.column) for field in fields], zip(*columns, strict=True))


def take_keys(connection: BaseDatabaseWrapper, model: type[Model], count: int) -> list[int]:
    """The next primary keys of a model, which nobody else gets. On SQLite inside a transaction, which has the lock."""
    table, key = model._meta.db_table, str(model._meta.pk.column)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                # A subquery, which is asked once; the function would be for each row.
                "SELECT nextval((SELECT pg_get_serial_sequence(%s, %s))::regclass) FROM generate_series(1, %s)",
                [table, key, count],
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        first = cursor.fetchone()[0] + 1
        return list(range(first, first + count))
