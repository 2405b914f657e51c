"""Workers and brokers that are killed at the worst moment lose no due row and write none twice.

Real processes, on the folder broker and on a Redis of the test's own: kill -9, then whatever comes next.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from tests.ingest.feeding import FEED
from tests.ingest.world import Handler, World
from tests.ports import free_port

pytestmark = [pytest.mark.xdist_group("long"), pytest.mark.django_db]
LONGEST = 60  # seconds that anything here may take on a busy machine
PYTHON = sys.executable


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "LOG_LEVEL": "WARNING", **more}


def wait_for(what: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("It did not happen in time.")


class Redis:
    """A server of the test's own, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--dir", str(self.folder), "--save", "", "--bind", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
        )

        def answers() -> bool:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), 1)):
                return True
            return False

        wait_for(answers)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class Site:
    """One installation: its database, its broker, its workers."""

    def __init__(self, folder: Path, broker: str, world: World) -> None:
        self.folder = folder
        self.world = world
        (folder / "broker").mkdir(exist_ok=True)
        self.redis = Redis(folder) if broker == "redis" else None
        self.more = {"FETCH_ALLOW": world.host, "CHECK_SOURCES": "1"}
        if self.redis:
            self.more["CELERY_BROKER_URL"] = f"redis://127.0.0.1:{self.redis.port}/0"
        self.workers: list[subprocess.Popen[bytes]] = []

    def sql(self, statement: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "tracker.sqlite3", timeout=20)) as database, database:
            database.create_function("REGEXP", 2, lambda pattern, text: bool(re.search(pattern, text)))
            return database.execute(statement, values).fetchall()

    def worker(self) -> subprocess.Popen[bytes]:
        started = subprocess.Popen(
            [PYTHON, "-W", "ignore", "-m", "celery", "--quiet", "--app", "tracker", "worker", "--pool", "solo",
             "--without-gossip", "--without-mingle", "--without-heartbeat"],
            env=environment(self.folder, **self.more), start_new_session=True,
        )  # fmt: skip
        self.workers.append(started)
        return started

    def nudge(self, task: str = "inbox.poll_feeds") -> None:
        """As beat does it; from here, where no process has to start for it."""
        with Celery(broker=self.more.get("CELERY_BROKER_URL", "filesystem://localhost/"), set_as_current=False) as app:
            if not self.redis:
                app.conf.broker_transport = "tracker.broker:Transport"
                app.conf.broker_transport_options = {"folder": str(self.folder / "broker")}
            app.send_task(f"events.tasks.{task}", ignore_result=True)

    def kill_broker(self) -> None:
        """With all that it holds."""
        if self.redis:
            self.redis.kill()
            self.redis.start()
        else:
            for message in (self.folder / "broker").iterdir():
                message.unlink()

    def end(self) -> None:
        for worker in self.workers:
            kill(worker)
        if self.redis:
            self.redis.kill()


def kill(worker: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(10)


@pytest.fixture(params=["folder", "redis"])
def site(request: Any, tmp_path: Path, migrated: Path) -> Iterator[Site]:
    if request.param == "redis" and not shutil.which("redis-server"):
        pytest.fail("redis-server is needed, to be killed by this test.")
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with World() as world:
        made = Site(tmp_path, request.param, world)
        yield made
        made.end()


def test_killed_worker_and_broker_lose_nothing_and_write_nothing_twice(site: Site):
    answering = threading.Event()

    def feed(handler: Handler) -> None:
        answering.wait(LONGEST)
        handler.give(FEED, kind="application/atom+xml")

    url = site.world.answers("/feed", feed)
    site.sql(
        "INSERT INTO events_feed (slug, name, kind, url, words, is_active, minutes, next_at, etag, last_modified,"
        " cursor, failures, error, brought, good_at)"
        " VALUES ('a', 'A', 'feed', ?, '', 1, 60, '2024-01-01', '', '', '', 0, '', 0, '2024-07-09')",
        url,
    )
    worker = site.worker()
    site.nudge()
    wait_for(lambda: site.world.asked["/feed"] == 1)
    kill(worker)  # in the middle of its look
    assert site.sql("SELECT count(*) FROM events_candidate") == [(0,)]
    [(next_at, leased)] = site.sql("SELECT next_at, leased_until FROM events_feed")
    assert next_at.startswith("2024-01-01")  # it is due as before
    assert leased is not None  # and nobody else takes it until its lease is over

    site.nudge()
    site.kill_broker()  # with the message in it
    answering.set()
    site.sql("UPDATE events_feed SET leased_until = '2024-01-02'")  # the lease is over
    site.worker()
    site.worker()  # both begin, and beat nudges them again
    for _ in range(2):
        site.nudge()
    done = "SELECT count(*) FROM events_feed WHERE good_at > '2024-07-10' AND leased_until IS NULL"
    wait_for(lambda: site.sql(done) == [(1,)])
    assert site.sql("SELECT title FROM events_candidate ORDER BY title") == [
        ("New export rule & what it means",), ("Second story",),
    ]  # fmt: skip
    assert site.sql("SELECT brought, failures FROM events_feed") == [(2, 0)]
    assert site.world.asked["/feed"] == 2


def test_source_whose_check_was_killed_is_checked_again_and_once(site: Site):
    answering = threading.Event()

    def page(handler: Handler) -> None:
        answering.wait(LONGEST)
        handler.give(b"<p>What the source says, in a sentence.</p>")

    url = site.world.answers("/page", page)
    made = (
        "from django.core.management import call_command; call_command('createcachetable', database='cache');"
        "from tests.factories import SourceFactory; from events.models import LinkCheck, Source;"
        f"s = SourceFactory(); Source.objects.update(url={url!r});"
        f"LinkCheck.objects.create(source=s, url={url!r}, host='127.0.0.1', next_at='2024-01-01T00:00:00Z')"
    )
    command = [sys.executable, "manage.py", "shell", "-c", made]
    subprocess.run(command, env=environment(site.folder, **site.more), check=True, timeout=180, capture_output=True)
    worker = site.worker()
    site.nudge("links.check_sources")
    wait_for(lambda: site.world.asked["/page"] == 1)
    kill(worker)  # in the middle of its check
    [(checked_at, leased)] = site.sql("SELECT checked_at, leased_until FROM events_linkcheck")
    assert checked_at is None
    assert leased is not None
    site.kill_broker()
    answering.set()
    site.sql("UPDATE events_linkcheck SET leased_until = '2024-01-02'")  # the lease is over
    site.worker()
    site.worker()
    for _ in range(2):
        site.nudge("links.check_sources")
    done = "SELECT found, failures FROM events_linkcheck WHERE checked_at IS NOT NULL AND leased_until IS NULL"
    wait_for(lambda: site.sql(done) == [("ok", 0)])
    assert site.world.asked["/page"] == 3  # the HEAD that was killed, and one HEAD and GET
