"""Writers at the same time, in processes and connections of their own, on a database that they really share."""

import io
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from events.models import Change, Event, LogHead
from events.services import publishing
from tests.databases import connected_to
from tests.factories import CompanyFactory, EventFactory, SourceFactory
from tests.services import writers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("concurrency")]


class Shared:
    """The test's database as other processes reach it: PostgreSQL's own; of SQLite's a copy."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "tracker.sqlite3"
        self.environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
        self.environment["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
        if connection.vendor == "postgresql":
            place = connection.settings_dict
            user = f"{place['USER']}:{place['PASSWORD']}@" if place["PASSWORD"] else f"{place['USER']}@"
            url = f"postgres://{user}{place['HOST']}:{place['PORT'] or 5432}/{place['NAME']}"
            self.environment["DATABASE_URL"] = url
            self.name = place["NAME"]
        else:
            copy = sqlite3.connect(self.file)
            connection.ensure_connection()
            connection.connection.backup(copy)
            copy.close()
            self.name = str(self.file)

    def start(self, *arguments: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *map(str, arguments)], cwd=settings.BASE_DIR, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def write(self, *arguments: Any) -> list[str]:
        process = self.start("-m", "tests.services.writers", *arguments)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said.split()

    def command(self, *arguments: str) -> str:
        """What a command says of that database; from here, where no process has to start for it."""
        said = io.StringIO()
        with connected_to(self.name):
            call_command(*arguments, stdout=said)
        return said.getvalue()

    def verify(self) -> str:
        return self.command("verify_log", "--rows")

    def value(self, sql: str) -> Any:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]
        reader = sqlite3.connect(self.file)
        try:
            return reader.execute(sql).fetchone()[0]
        finally:
            reader.close()


@pytest.fixture
def shared(tmp_path) -> Callable[[], Shared]:
    return lambda: Shared(tmp_path)


def events(number: int, **options: Any) -> list[str]:
    source = SourceFactory()
    return [EventFactory(source=source, **options).slug for _ in range(number)]


def test_publishers_at_once_leave_no_gap_and_lose_nothing(shared):
    slugs = events(40, actor=CompanyFactory()) + events(40)
    database = shared()
    assert sorted(database.write("publish", 8, *slugs)) == sorted(slugs)
    assert database.value("SELECT count(*) FROM events_change WHERE type = 'event'") == 80
    assert "80 events" in database.verify()


def test_of_two_publishers_of_one_event_exactly_one_wins(shared):
    slugs = events(10)
    database = shared()
    assert sorted(database.write("race", 4, *slugs)) == sorted(slugs)
    assert "10 events" in database.verify()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="in memory, SQLite has one connection")
def test_publishers_in_threads_leave_no_gap_and_lose_nothing(verified):
    slugs = events(40, actor=CompanyFactory())
    lost: list[int] = []

    def work(share: list[str]) -> None:
        try:
            lost.append(writers.publish(share))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(slugs[number % 4 :: 4],)) for number in range(8)]  # each event twice
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (sum(lost), len(lost)) == (40, 8)
    assert Change.objects.filter(type="event").count() == 40
    assert LogHead.objects.get().seq == Change.objects.count()
    assert verified() == []


def renamed_company(number: int) -> CompanyFactory:
    """A company of so many published events, whose new name they have yet to show."""
    company = CompanyFactory()
    publishing.publish_many(Event.objects.filter(slug__in=events(number, actor=company)), by=None)
    with publishing.recording():
        company.name = "Renamed"
        company.save()
        publishing.correct(company, by=None, correction_class="clerical", note="Its new name.")
    return company


def test_a_publisher_gets_through_while_reissues_run(shared):
    renamed_company(60)
    [slug] = events(1)
    database = shared()
    background = database.start("-m", "tests.services.writers", "reissue", 2)
    wait_for(lambda: database.value("SELECT count(*) FROM events_change WHERE action = 'reissued'") > 0)
    with connected_to(database.name):  # from here: before a process has started, the reissues may have ended
        assert writers.publish([slug]) == 0
    said, _ = background.communicate(timeout=120)
    assert background.returncode == 0, said
    published = database.value(f"SELECT seq FROM events_change WHERE key = '{slug}'")
    assert database.value("SELECT max(seq) FROM events_change WHERE action = 'reissued'") > published
    assert "61 events" in database.verify()


def test_reissues_killed_midway_are_completed_by_the_next_run(shared):
    renamed_company(60)
    database = shared()
    process = database.start("-m", "tests.services.writers", "reissue", 2)
    reissued = "SELECT count(*) FROM events_change WHERE action = 'reissued'"
    wait_for(lambda: database.value(reissued) > 4)
    process.kill()
    process.communicate()
    done = database.value(reissued)
    assert 4 < done < 60
    assert "outstanding reissues" in database.verify()
    assert database.command("run_reissues") == f"{60 - done} documents reissued, 0 requests left.\n"
    assert "outstanding" not in database.verify()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "It did not happen within a minute."
        time.sleep(0.02)
