"""Import: events through validation, publishing and the log, beside copying their rows into the tables."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

EVENTS = 20_000


def line(seed: int) -> str:
    """Publishes so many synthetic events, then copies their rows in and takes it back."""
    from events.models import Event

    published = importing(seed)
    copied = copying()
    assert Event.objects.count() == EVENTS
    return (
        f"import: {EVENTS / published.took:,.0f} events/s through the log, copied {EVENTS / copied.took:,.0f}/s: "
        f"{copied.took / published.took:.2f}; processor time an event {1000 * published.cpu / EVENTS:.2f} and "
        f"{1000 * copied.cpu / EVENTS:.2f} ms: {copied.cpu / published.cpu:.2f}"
    )


class Clocks(NamedTuple):
    """Seconds of the processor, ours and the database's server's for this connection, and of the clock on the wall."""

    cpu: float
    took: float

    @classmethod
    def read(cls) -> Clocks:
        return cls(time.process_time() + server_cpu(), time.monotonic())

    def since(self, other: Clocks) -> Clocks:
        return Clocks(self.cpu - other.cpu, self.took - other.took)


def server_cpu() -> float:
    """Of a server on this machine; that of one elsewhere cannot be seen, and is 0."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        file = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not file.exists() or "postgres" not in (text := file.read_text()):
        return 0
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def importing(seed: int) -> Clocks:
    """What storing and publishing take; drawing the events, and letting go of them, is left out."""
    from events.services import publishing
    from events.services.generating.drawing import Drawer
    from events.services.generating.running import BATCH, Run
    from events.services.generating.world import build

    class Timed(Run):
        others = Clocks(0, 0)

        def draw(self, *given: Any) -> Any:
            with self.left_out():
                return super().draw(*given)

        def forget(self, *given: Any, **options: Any) -> None:
            with self.left_out():
                super().forget(*given, **options)

        @contextmanager
        def left_out(self) -> Iterator[None]:
            started = Clocks.read()
            yield
            took = Clocks.read().since(started)
            self.others = Clocks(self.others.cpu + took.cpu, self.others.took + took.took)

    with publishing.recording():
        world = build()
    run = Timed(Drawer(EVENTS, seed, world))
    started = Clocks.read()
    while run.done < EVENTS:
        run.batch(BATCH)
    return Clocks.read().since(started).since(run.others)


def copying() -> Clocks:
    """What it takes to copy all rows of events and of what hangs on them into their emptied, indexed tables.

    The commit counts, as it does for what is published: PostgreSQL checks foreign keys no sooner.
    """
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
    started = Clocks.read()
    with transaction.atomic():
        for model, (columns, values) in rows.items():
            bulk.insert(connection, model._meta.db_table, columns, values)
    return Clocks.read().since(started)


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
