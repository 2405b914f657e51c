"""Whoever follows the log while editors publish misses nothing and sees nothing twice: all in real processes."""

import json
import os
import subprocess
import sys
import time

import httpx
import pytest

from tests.benchmarks.serving import serving
from tests.factories import CompanyFactory
from tests.services.test_concurrency import Shared, events, shared

__all__ = ["shared"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("concurrency")]


def followed(url: str, writing: subprocess.Popen[str], until: int) -> list[dict]:
    """Every change that a reader sees, who asks again and again what came after the last one, in small pages."""
    seen: list[dict] = []
    deadline = time.monotonic() + 100
    with httpx.Client(base_url=f"{url}/api/v1/", timeout=30) as client:
        while True:
            finished = writing.poll() is not None
            after = seen[-1]["seq"] if seen else 0
            page = client.get(f"changes/?after={after}&page_size=7").json()
            seen += page["results"]
            if finished and page["next"] is None and not page["results"]:
                return seen
            assert time.monotonic() < deadline, f"{len(seen)} changes seen, {until} expected"


def test_a_reader_and_a_mirror_miss_nothing_while_many_publish(shared, tmp_path):
    slugs = events(20, actor=CompanyFactory()) + events(20)
    database: Shared = shared()
    place = database.environment | {"RATE_LIMIT": "0", "LOG_LEVEL": "ERROR"}
    with serving("tracker.wsgi:application", **{"DATABASE_URL": "", **place}) as site:
        url = site.url("")
        command = [sys.executable, "-m", "events.mirror", url, str(tmp_path / "copy.sqlite")]
        mirror = subprocess.Popen(
            [*command, "--follow", "0.05", "--print"], env={"PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            first = next(line for line in mirror.stderr or () if line.startswith("In step"))
            writing = database.start("-m", "tests.services.writers", "publish", 4, *slugs)
            seen = followed(url, writing, len(slugs))
            newest = database.value("SELECT max(seq) FROM events_change")
            printed: list[int] = []
            before = int(first.split("change ")[1].split(",")[0])
            while not printed or printed[-1] < newest:
                line = mirror.stdout.readline() if mirror.stdout else ""
                assert line, mirror.communicate()
                printed.append(json.loads(line)["seq"])
        finally:
            mirror.kill()
            mirror.communicate()
    said, _ = writing.communicate()
    assert writing.returncode == 0, said
    assert [change["seq"] for change in seen] == list(range(1, newest + 1))
    assert sorted(change["key"] for change in seen if change["type"] == "event") == sorted(slugs)
    assert printed == list(range(before + 1, newest + 1))
    assert subprocess.run([*command[:3], "--check", str(tmp_path / "copy.sqlite")]).returncode == 0
