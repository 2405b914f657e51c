"""The site does without its cache while that is gone or broken."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

# A process of its own answers before and after its cache was taken away, and says what became of it.
ANSWERING = """
import json, sys
from tracker.wsgi import application
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from pathlib import Path
from tests.wsgi import get

def answers():
    asked = ["/", "/?view=lanes", "/coverage/", "/api/v1/events/", "/api/v1/events/?q=ban", "/api/v1/status/"]
    return [get(application, path, HTTP_HOST="localhost")[0] for path in asked]

found = []
if file := sys.argv[1]:
    call_command("createcachetable", database="cache", verbosity=0)
    found.append(answers())
    connections["cache"].close()
    for each in Path(file).parent.glob("cache.sqlite3*"):
        each.unlink()
    if sys.argv[2]:
        Path(file).write_text(sys.argv[2])
found.append(answers())
cache.set("name", "value")
print(json.dumps([found, cache.get("name", "missed"), cache.add("name", "other"), cache.touch("name")]))
"""
ALL_ANSWER = [200] * 6

pytestmark = pytest.mark.django_db  # for the copy of the database


def site_whose_cache_is(migrated: Path, folder: Path, *, holding: str = "", redis: str = "") -> tuple[list, list[str]]:
    """What a site says whose cache's file is deleted, or holds what is no database, or is a Redis, and its warnings."""
    shutil.copytree(migrated, folder)
    environment = {
        "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tracker.settings", "DATA_DIR": str(folder),
        "DEBUG": "1", "LOG_FORMAT": "json", "LOG_LEVEL": "WARNING", "REDIS_URL": redis,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ANSWERING, "" if redis else str(folder / "cache.sqlite3"), holding],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr.splitlines()


def test_site_whose_cache_was_deleted_answers_and_makes_it_again(migrated: Path, tmp_path: Path):
    found, warnings = site_whose_cache_is(migrated, tmp_path / "data")
    assert found == [[ALL_ANSWER, ALL_ANSWER], "value", False, True]
    assert [json.loads(line)["event"] for line in warnings] == ["The cache failed, and is done without"]


@pytest.mark.parametrize("broken", [{"holding": "no database"}, {"redis": "redis://127.0.0.1:1/0"}])
def test_site_whose_cache_is_broken_answers_and_says_so_once(migrated: Path, tmp_path: Path, broken: dict[str, str]):
    (answers, *found), warnings = site_whose_cache_is(migrated, tmp_path / "data", **broken)
    assert {tuple(each) for each in answers} == {tuple(ALL_ANSWER)}
    assert found == ["missed", False, False]
    assert [json.loads(line)["event"] for line in warnings] == ["The cache failed, and is done without"]
