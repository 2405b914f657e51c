"""Import: events through validation, publishing and the log, beside copying their rows into the tables."""

from __future__ import annotations

import time
from typing import Any

EVENTS = 5_000


def line(seed: int) -> str:
    """Publishes so many synthetic events (drawing them is counted in), then copies their rows in and takes it back."""
    from events.models import Event
    from events.services.generating import generate

    generate(0, seed)
    started = time.process_time(), time.monotonic()
    generate(EVENTS, seed)
    cpu, took = time.process_time() - started[0], time.monotonic() - started[1]
    published = EVENTS / took
    copied = Event.objects.count() / copying()
    return (
        f"import: {published:,.0f} events/s through the log ({1000 * cpu / EVENTS:.2f} ms CPU an event), copied "
        f"{copied:,.0f}/s: {published / copied:.2f}"
    )


def copying() -> float:
    """Seconds that it takes to copy all rows of events and of what hangs on them into their emptied, indexed tables."""
    from django.db import connection, transaction

    from events import models
    from events.lib import bulk

    tables: list[Any] = [
        models.Source, models.Event, models.EventCompany, models.EventAgency, models.EventCountry, models.EventGroup,
        models.EventProduct, models.EventPolicy, models.EventRelation, models.AccessEffect, models.Citation,
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        rows = {}
        for model in tables:
            columns = [str(field.column) for field in model._meta.concrete_fields]
            cursor.execute(f"SELECT {', '.join(columns)} FROM {model._meta.db_table}")
            rows[model] = columns, [tuple(map(plain, row)) for row in cursor.fetchall()]
        empty(connection, cursor, [model._meta.db_table for model in tables])
        started = time.monotonic()
        for model, (columns, values) in rows.items():
            bulk.insert(connection, model._meta.db_table, columns, values)
        took = time.monotonic() - started
        transaction.set_rollback(True)
    return took


def plain(value: Any) -> Any:
    """A value as COPY takes it back: JSON as text."""
    import orjson

    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def empty(connection: Any, cursor: Any, tables: list[str]) -> None:
    if connection.vendor == "postgresql":
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        return
    cursor.execute("PRAGMA defer_foreign_keys = ON")
    for table in reversed(tables):
        cursor.execute(f"DELETE FROM {table}")
