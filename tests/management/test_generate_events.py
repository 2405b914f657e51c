"""Synthetic events: the same for the same count and seed, however often the process was killed."""

import gc
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from events.lib.tokens import parse_query
from events.lib.urls import normalize, source_slug
from events.models import Change, Event, PublicDocument, Reissue, SearchRow, Source
from events.services import generating, verifying
from events.services.dataset import loading
from events.services.generating.words import COMMON, RARE
from tests.databases import OnTheShippedRecord

SHIPPED = settings.BASE_DIR / "events" / "data"
TIMES = ("published_at", "updated_at", "revision", "reported_on")


@pytest.mark.django_db
def test_generated_record_is_whole(verified):
    generating.generate(120, 7, batch=50)
    assert Event.objects.published().count() == 120
    assert verified() == []
    assert not Reissue.objects.outstanding().exists()
    assert list(Event.objects.order_by("pk").values_list("date", flat=True)) == sorted(
        Event.objects.values_list("date", flat=True)
    )


@pytest.mark.django_db
def test_rows_are_what_their_documents_say(verified):
    """What was stored without reading it back makes the very documents that were appended."""
    generating.generate(40, 7, batch=20)
    assert verified(rows=True) == []
    for source in Source.objects.all():
        assert (source.normalized_url, source.slug) == (normalize(source.url), source_slug(source.url))


@pytest.mark.django_db
def test_size_of_batches_makes_no_difference():
    with transaction.atomic():
        generating.generate(60, 7, batch=60)
        in_one = documents()
        transaction.set_rollback(True)
    generating.generate(60, 7, batch=13)
    assert documents() == in_one


def documents() -> dict[str, dict]:
    rows = PublicDocument.objects.with_document().filter(type="event")
    return {
        row.key: {k: v for k, v in orjson.loads(row.change.document or "").items() if k not in TIMES} for row in rows
    }


@pytest.mark.django_db
def test_garbage_is_collected_while_others_wishes_are_worked_off(monkeypatch):
    """They may be 100,000s of documents, which held 10 GB by their circles."""
    collecting = []
    monkeypatch.setattr(generating.running.reissue, "run_outstanding", lambda: collecting.append(gc.isenabled()))
    generating.generate(2, 7, batch=1)
    assert collecting == [True, True]


@pytest.mark.django_db
def test_words_to_search_by_are_as_frequent_as_promised():
    generating.generate(300, 1, batch=100)

    def found(word: str) -> int:
        return SearchRow.objects.filter(tokens__matches_all=parse_query(word).terms).count()

    assert [found(word) for word in RARE] == [300, 5]
    assert 60 < found("controls") < 120
    assert 0 < found("wafers") < 20
    assert set(COMMON) == {"controls", "wafers"}


def assert_they_share_the_record() -> None:
    assert Event.objects.filter(theme="synthetic").count() == 30
    assert Event.objects.published().count() > 300
    assert list(verifying.verify(verifying.Tally())) == []


@pytest.mark.django_db
def test_data_set_is_loaded_beside_synthetic_events():
    generating.generate(30, 1)
    loading.load(loading.read(SHIPPED))
    assert_they_share_the_record()


class BesideTheDataSet(OnTheShippedRecord):
    def test_synthetic_events_are_generated(self) -> None:
        generating.generate(30, 1)
        assert_they_share_the_record()


@pytest.mark.django_db
def test_command_says_what_it_did(capsys):
    call_command("generate_events", count=5, seed=3)
    call_command("generate_events", count=5, seed=3)
    assert capsys.readouterr().out.splitlines() == [
        "5 events generated, 0 were there.",
        "0 events generated, 5 were there.",
    ]


@pytest.mark.django_db
def test_command_refuses_nonsense():
    with pytest.raises(CommandError):
        call_command("generate_events", count=0, seed=3)


def manage(data_dir: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """manage.py as a process of its own, on a SQLite database of its own."""
    environment = os.environ | {
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments, "--skip-checks"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.xdist_group("long")  # whose tests share `migrated`
@pytest.mark.django_db
def test_killed_generation_goes_on_where_it_stopped(tmp_path, migrated):
    arguments = ("generate_events", "--count=200", "--seed=9", "--batch=10")
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "tracker.sqlite3")) as database:

        def done() -> int:
            return database.execute("SELECT COUNT(*) FROM events_event").fetchone()[0]

        with manage(tmp_path, *arguments) as process:
            while done() < 50 and process.poll() is None:
                time.sleep(0.05)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        there = done()
        assert 0 < there < 200
        assert there % 10 == 0
        with manage(tmp_path, *arguments) as process:
            assert process.wait() == 0
        assert done() == 200
        rows = database.execute("SELECT seq, type, key, action, document FROM events_change ORDER BY seq").fetchall()
    generating.generate(200, 9, batch=10)
    assert without_times(rows) == without_times(
        Change.objects.order_by("seq").values_list("seq", "type", "key", "action", "document")
    )


def without_times(rows: Iterable[tuple]) -> list[tuple]:
    return [(*row, {k: v for k, v in orjson.loads(text).items() if k not in TIMES}) for *row, text in rows]
