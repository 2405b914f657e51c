"""All tables in one SQLite file, to ask in SQL or to open in Datasette."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from events.services.exports.columns import Column, Table
from events.services.exports.tables import TABLES

KEYS = {"countries": "code"}  # of other tables that are referred to: slug
TYPES = {"integer": "INTEGER", "boolean": "INTEGER"}


class Database:
    """An SQLite file with a table for each, their keys and what they refer to; `about` says what else there is to know.

    References are stated, and not enforced: a document may name a record that was merged a moment ago.
    """

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        # A file that is not finished is thrown away.
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")
        for table in TABLES:
            self.connection.execute(definition(table))
        self.statements = {
            table.name: f'INSERT INTO "{table.name}" VALUES ({", ".join("?" * len(table.columns))})'  # noqa: S608 - names are ours
            for table in TABLES
        }

    def write(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self.connection.execute("BEGIN")
            self.connection.executemany(self.statements[table], rows)
            self.connection.execute("COMMIT")

    def finish(self, about: Iterable[tuple[str, str]]) -> None:
        """Add the indexes, a full-text index of the events, and what is said of the whole."""
        run = self.connection.execute
        for table in TABLES:
            for column in table.columns:
                if column.refers and (column.name,) != table.key[:1]:
                    run(f'CREATE INDEX "{table.name}_{column.name}" ON "{table.name}" ("{column.name}")')
        run('CREATE INDEX "events_date" ON "events" ("date")')
        run(
            "CREATE VIRTUAL TABLE events_fts USING fts5"
            "(title, summary, body, content=\"events\", tokenize='porter unicode61')"  # as Datasette looks for it
        )
        run("INSERT INTO events_fts (events_fts) VALUES ('rebuild')")
        run("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self.connection.executemany("INSERT INTO about VALUES (?, ?)", about)
        run("ANALYZE")

    def close(self) -> None:
        self.connection.close()


def definition(table: Table) -> str:
    parts = [column_of(column) for column in table.columns]
    if table.key:
        parts.append(f"PRIMARY KEY ({quoted(table.key)})")
    parts += [
        f'FOREIGN KEY ("{column.name}") REFERENCES "{column.refers}" ("{KEYS.get(column.refers, "slug")}")'
        for column in table.columns
        if column.refers
    ]
    return f'CREATE TABLE "{table.name}" ({", ".join(parts)})'


def column_of(column: Column) -> str:
    required = " NOT NULL" if column.is_required else ""
    return f'"{column.name}" {TYPES.get(column.type, "TEXT")}{required}'


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
