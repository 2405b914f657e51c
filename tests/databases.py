"""What the tests' database holds before each test: what migrations wrote; and copies of it with more."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TestCase

copies: dict[str, str] = {}  # of the tests' database: their names by their suffixes


class Migrated:
    """The rows that migrations wrote; they come back, and all others go, after each test with real commits.

    In place of Django's flush, which empties all seventy tables, whether they hold something or not, and then has
    permissions made anew: that took longer than most of the tests.
    """

    def __init__(self) -> None:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self.tables = [connection.ops.quote_name(name) for name in names]
        with connection.cursor() as cursor:
            self.rows = {table: self.read(cursor, table) for table in self.filled(cursor)}

    def filled(self, cursor: Any) -> list[str]:
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in self.tables))
        return [table for table, holds in zip(self.tables, cursor.fetchone(), strict=True) if holds]

    def read(self, cursor: Any, table: str) -> list[tuple[Any, ...]]:
        cursor.execute(f"SELECT * FROM {table}")
        return cursor.fetchall()

    def restore(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in {*self.filled(cursor), *self.rows}:
                rows = self.rows.get(table, [])
                if rows and rows == self.read(cursor, table):
                    continue
                cursor.execute(f"DELETE FROM {table}")
                if rows:
                    places = ", ".join(["%s"] * len(rows[0]))
                    cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        ContentType.objects.clear_cache()


def end_other_sessions() -> None:
    """End all sessions with the tests' databases but this thread's.

    PostgreSQL neither copies nor drops a database with which somebody has a session. A thread of a live server has one
    for as long as somebody keeps a connection to it alive.
    """
    if connection.vendor == "postgresql":
        connection.close()  # it may have been ended itself
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = ANY (%s) AND pid <> pg_backend_pid()",
                [[connection.settings_dict["NAME"], *copies.values()]],
            )


@functools.cache
def filled_by(fill: Callable[[], Any]) -> tuple[str, Any]:
    """The name of a copy of the tests' database that `fill` has filled, and what that returned.

    Made when it is first asked for, once in each process: for what takes seconds to make and is only read.
    """
    suffix = f"copy{len(copies)}"
    name = connection.creation.get_test_db_clone_settings(suffix)["NAME"]
    if connection.vendor == "sqlite":
        copy_file(name)
    else:
        end_other_sessions()
        connection.creation.clone_test_db(suffix, verbosity=0)
    copies[suffix] = name
    with connected_to(name):
        return name, fill()


def copy_file(name: str | Path) -> None:
    """Copy the tests' SQLite database, whole, although threads of a live server may have it open."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(name)])


def drop_copies() -> None:
    for suffix in copies:
        connection.creation.destroy_test_db(suffix=suffix, verbosity=0)
    copies.clear()
    filled_by.cache_clear()


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """This thread, and those of a live server that begin meanwhile, work on that database."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def load_shipped() -> str:
    """Load the data set that comes with the program; give what the command said."""
    said = io.StringIO()
    call_command("load_dataset", stdout=said)
    return said.getvalue()


@pytest.mark.xdist_group("shipped")  # of two processes only one loads it
class OnTheShippedRecord(TestCase):
    """Tests on the curated data set, loaded once for all of them."""

    fill: ClassVar[Callable[[], Any]] = staticmethod(load_shipped)

    @classmethod
    def setUpClass(cls) -> None:
        cls.enterClassContext(connected_to(filled_by(cls.fill)[0]))
        super().setUpClass()
