"""What all checks share: findings, the tally, and reading much in little memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connection, models

from events.models import (
    LogHead,
)

BATCH = 2_000
# What reading a document that somebody has altered may raise; that it was is found by its hash.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
Row = TypeVar("Row", bound=models.Model)
Position = int


@dataclass(frozen=True)
class Finding:
    """Something that is not as the log says: `where` it stands ("change 17, note"), and what the problem is."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass
class Tally:
    """What was looked at: changes and documents; the head; and what waits for a reissue, which is no fault."""

    step: Callable[[int], object] = lambda number: None
    head: LogHead = field(default_factory=LogHead)
    seen: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, number: int) -> None:
        self.seen[what] += number
        self.step(number)


@contextmanager
def snapshot() -> Iterator[None]:
    """One state of the database to read, while others go on writing; inside a transaction, that transaction's."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        # By hand: Django's own transaction takes SQLite's write lock at once (settings: transaction_mode).
        postgresql = connection.vendor == "postgresql"
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgresql else "BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def in_batches(queryset: models.QuerySet[Row], *, size: int | None = None) -> Iterator[list[Row]]:
    """All rows in the order of their primary key, each batch by its own query from where the last one ended."""
    size = size or BATCH
    rows = list(queryset.order_by("pk")[:size])
    while rows:
        yield rows
        rows = list(queryset.filter(pk__gt=rows[-1].pk).order_by("pk")[:size])
