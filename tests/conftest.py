import gc
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from events.api import limits
from events.queries import frequency
from events.services import verifying
from tests.databases import Migrated, copy_file, drop_copies, end_other_sessions

# A busy machine is no defect of what is tested.
hypothesis.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("patient")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Write the group of a test behind its id, as pytest-xdist 3.8 means to, by which it keeps a group in one process.

    It does so in a way that pytest 9.2 does not notice.
    """
    if getattr(config.option, "loadgroup", False):
        for item in items:
            if (group := item.get_closest_marker("xdist_group")) and "@" not in item.nodeid.rpartition("]")[2]:
                item._id = type(item.id).parse(f"{item.nodeid}@{group.args[0]}")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage seldom, and not among what the tests need to the end: modules, models, the tests themselves.

    Python would look through all of it again and again: a tenth of the time of the whole suite.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test sees what another one cached: revisions, part of every key, repeat from test to test.

    Nor does the first search of a process ask for statistics, which would count as a query of its test.
    """
    frequency.known.found, frequency.known.until = None, math.inf
    yield
    cache.clear()
    limits.limit.cache_clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The tests' database, and how it becomes again what it was."""
    with django_db_blocker.unblock():
        migrated = Migrated()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda case: migrated.restore())
        yield
    with django_db_blocker.unblock():
        end_other_sessions()
        drop_copies()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """A DATA_DIR with a SQLite database as an installation has it, for tests that start processes on copies of it.

    A copy of the tests' own where that is SQLite; else the migrations run once, which takes seconds.
    """
    folder = tmp_path_factory.mktemp("migrated")
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            copy_file(folder / "tracker.sqlite3")
    else:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=settings.BASE_DIR, check=True,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder)},
        )  # fmt: skip
    return folder


@pytest.fixture
def connections_stay_open() -> Iterator[None]:
    """For requests to a WSGI handler: at the end of each it would close the connection, and so end the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def verified(db: None) -> Callable[..., list[str]]:
    """What verify_log finds, rows included, as a list of lines."""
    return lambda **options: [str(each) for each in verifying.verify(verifying.Tally(), **{"rows": True} | options)]
