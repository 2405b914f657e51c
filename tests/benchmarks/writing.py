"""Import: events through validation, publishing and the log, beside copying their rows into the tables."""

from __future__ import annotations

import time
from typing import Any

EVENTS = 5_000


def line(seed: int) -> str:
    """Publishes so many synthetic events, then copies their rows in and takes it back."""
    from events.models import Event

    cpu, took = importing(seed)
    published = EVENTS / took
    copied = Event.objects.count() / copying()
    return (
        f"import: {published:,.0f} events/s through the log ({1000 * cpu / EVENTS:.2f} ms CPU an event), copied "
        f"{copied:,.0f}/s: {published / copied:.2f}"
    )


def importing(seed: int) -> tuple[float, float]:
    """Processor seconds and seconds that storing and publishing take; drawing the events is left out."""
    from events.services import publishing
    from events.services.generating.drawing import Drawer
    from events.services.generating.running import Run
    from events.services.generating.world import build

    class Timed(Run):
        cpu = took = 0.0  # of drawing

        def draw(self, *given: Any) -> Any:
            started = clocks()
            drawn = super().draw(*given)
            self.cpu, self.took = self.cpu + clocks()[0] - started[0], self.took + clocks()[1] - started[1]
            return drawn

    with publishing.recording():
        world = build()
    run = Timed(Drawer(EVENTS, seed, world))
    started = clocks()
    while run.done < EVENTS:
        run.batch(1000)
    ended = clocks()
    return ended[0] - started[0] - run.cpu, ended[1] - started[1] - run.took


def clocks() -> tuple[float, float]:
    return time.process_time(), time.monotonic()


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
