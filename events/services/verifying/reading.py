"""What all checks share: findings, the tally, and reading much in little memory."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.dateparse import parse_date, parse_datetime

from events.models import (
    LogHead,
)

BATCH = 2_000
# What reading a document that somebody has altered may raise; that it was is found by its hash.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
NOT_UTF8 = "\ufffd (not UTF-8)"
# How Django reads the types of SQLite's columns that it has a reader for, and that may hold what is none.
READERS: dict[str, Callable[[str], Any]] = {"date": parse_date, "datetime": parse_datetime}
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
    with whatever_bytes():
        if connection.in_atomic_block:
            yield
            return
        with one_state():
            yield


@contextmanager
def whatever_bytes() -> Iterator[None]:
    """Read from SQLite, which holds any bytes, also what is no text or no date: as another text, and as None.

    Either is unlike what the log says, and so is found; an error would end the search. Its readers are those of the
    whole process for that time.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    database = connection.connection
    database.text_factory = text_of
    for name, read in READERS.items():
        sqlite3.register_converter(name, partial(read_if_readable, read))
    try:
        yield
    finally:
        database.text_factory = str
        for name, read in READERS.items():
            sqlite3.register_converter(name, partial(read_as_text, read))


def text_of(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace") + NOT_UTF8


def read_as_text(read: Callable[[str], Any], data: bytes) -> Any:
    return read(data.decode())


def read_if_readable(read: Callable[[str], Any], data: bytes) -> Any:
    try:
        return read_as_text(read, data)
    except ValueError:  # no UTF-8, or no such day
        return None


@contextmanager
def one_state() -> Iterator[None]:
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
