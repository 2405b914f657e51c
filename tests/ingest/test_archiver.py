"""Copies of pages: what an archive has, and what it is asked to save."""

import datetime as dt
from typing import Any

import orjson
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.utils import timezone
from structlog.testing import capture_logs

from events.choices import LinkStatus
from events.lib import archiver
from events.models import LinkCheck, Source
from tests.ingest.checking import DAY, PAGE, check, source_at
from tests.ingest.world import Killed, World, die, hang

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.fixture
def archive(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """A double of the archive, that knows no page."""
    settings.ARCHIVER_URL = world.page("/available", '{"archived_snapshots": {}}', kind="application/json")
    settings.ARCHIVER_SAVE_URL, settings.ARCHIVER_KEY = world.url("/save"), "access:secret"
    monkeypatch.setattr(archiver, "BETWEEN_ASKING", 0.01)
    return world


def test_copy_that_there_is_is_linked(archive: World):
    copy = archive.url("/web/20240626010203/https://paper.example/a")
    answer = {"archived_snapshots": {"closest": {"available": True, "status": "200", "url": copy}}}
    archive.page("/available", orjson.dumps(answer), kind="application/json")
    source = source_at(archive.page("/a", status=404), published=dt.date(2024, 6, 25))
    assert check(source).archive_url == copy
    [asked] = [path for _, path, _ in archive.requests if path.startswith("/available")]
    assert asked.endswith("&timestamp=20240625")
    check(source)
    assert archive.asked["/available"] == 1


def test_copy_of_an_address_that_was_mended_goes(archive: World):
    def available(copy: str) -> None:
        answer = {"archived_snapshots": {"closest": {"available": True, "status": "200", "url": copy}}}
        archive.page("/available", orjson.dumps(answer), kind="application/json")

    source, copies = source_at(archive.page("/a", PAGE)), [archive.url(f"/web/1/{name}") for name in "ab"]
    available(copies[0])
    assert check(source).archive_url == copies[0]
    Source.objects.filter(pk=source.pk).update(url=archive.page("/b", PAGE))
    available(copies[1])
    assert check(source).archive_url == copies[1]
    archive.page("/available", '{"archived_snapshots": {}}', kind="application/json")
    Source.objects.filter(pk=source.pk).update(url=archive.page("/c", PAGE))
    assert check(source).archive_url == ""


def job(archive: World, *told: dict[str, Any]) -> None:
    """Let the archive take a page to save as a job, and tell of it so, one after another."""
    archive.page("/save", '{"url": "https://paper.example/a", "job_id": "spn2-7a"}', kind="application/json")
    answers = iter(told)
    archive.answers(
        "/save/status/spn2-7a", lambda handler: handler.give(orjson.dumps(next(answers)), kind="application/json")
    )


def test_copy_of_a_living_page_is_asked_for(archive: World):
    url = archive.page("/a", PAGE)
    job(
        archive,
        {"status": "pending", "job_id": "spn2-7a", "resources": []},
        {"status": "success", "job_id": "spn2-7a", "timestamp": "20261125000000", "original_url": url},
    )
    assert check(source_at(url)).archive_url == archive.url(f"/web/20261125000000/{url}")
    sent = [(method, headers) for method, path, headers in archive.requests if path.startswith("/save")]
    assert [method for method, _ in sent] == ["POST", "GET", "GET"]
    assert {headers["authorization"] for _, headers in sent} == {"LOW access:secret"}
    assert {headers["accept"] for _, headers in sent} == {"application/json, */*;q=0.1"}
    assert archive.forms == [{"url": [url]}]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"status": "error", "status_ext": "error:no-access", "message": "No access."},
         "The archiver made no copy: No access."),
        ({"status": "error", "status_ext": "error:blocked-url"}, "The archiver made no copy: error:blocked-url."),
        ({"status": "success", "timestamp": "soon"}, "The archiver made no copy: it does not say why."),
        ({"status": "error", "message": "No\0 access."}, "The archiver made no copy: No access."),
        ({"status": "success", "timestamp": "20261125000000", "original_url": "https://paper.example/\0"}, ""),
    ],
)  # fmt: skip
def test_copy_that_is_not_made_is_told_of(archive: World, told: dict[str, Any], problem: str):
    job(archive, told)
    row = check(source_at(archive.page("/a", PAGE)))
    assert (row.found, row.archive_url, row.archive_problem) == ("ok", "", problem)


def test_copy_that_takes_long_is_left_to_the_next_check(archive: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archiver, "SAVE_SECONDS", 0.05)
    job(archive, *[{"status": "pending"}] * 99)
    row = check(source_at(archive.page("/a", PAGE)))
    assert row.archive_problem == "The archiver is still making a copy; it is looked for with the next check."


def test_page_that_the_archiver_does_not_take_is_told_of(archive: World):
    archive.page("/save", '{"message": "You need to be logged in"}', kind="application/json")
    row = check(source_at(archive.page("/a", PAGE)))
    assert row.archive_problem == "The archiver made no copy: You need to be logged in."


def test_no_copy_is_asked_for_without_a_key(archive: World, settings: Any):
    settings.ARCHIVER_KEY = ""
    check(source_at(archive.page("/a", PAGE)))
    assert archive.asked["/save"] == 0


def test_no_copy_of_a_dead_page_is_asked_for(archive: World):
    url = archive.page("/a", status=404)
    row = check(source_at(url))
    assert (row.archive_url, row.archive_problem) == ("", "")
    assert archive.asked["/save"] == 0


def test_archiver_that_is_asked_too_much_is_left_alone(archive: World):
    archive.page("/available", status=429, Retry_After="60")
    source = source_at(archive.page("/a", PAGE))
    row = check(source)
    assert (row.found, row.archive_url) == ("ok", "")
    assert row.archive_problem == "127.0.0.1 answered 429 Too Many Requests."
    assert check(source).archive_problem == "The archiver asked to be left alone for a while."
    assert archive.asked["/available"] == 1
    cache.delete(archiver.PAUSED)


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"archived_snapshots": {"closest": 7}}', "{}"])
def test_archiver_that_talks_nonsense_is_told_of(archive: World, body: str):
    archive.page("/available", body, kind="application/json")
    row = check(source_at(archive.page("/a", PAGE)))
    assert row.found == LinkStatus.OK
    assert row.archive_problem == "The archiver’s answer is not of the form that it should have."


def test_archiver_that_hangs_is_told_of(archive: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archiver, "LOOK_UP_SECONDS", 0.2)
    archive.answers("/available", hang)
    assert "stopped answering" in check(source_at(archive.page("/a", PAGE))).archive_problem


def test_archiver_that_breaks_off_is_told_of_and_logged(archive: World):
    archive.page("/available", '{"archived_snapshots": {}}', kind="application/json", cut=10)
    with capture_logs() as logged:
        row = check(source_at(archive.page("/a", PAGE)))
    assert (row.found, row.failures, row.leased_until) == ("ok", 0, None)
    assert row.next_at > timezone.now() + 6 * DAY
    assert row.archive_problem.startswith("127.0.0.1 could not be read: ")
    assert [(each["event"], each["problem"]) for each in logged] == [
        ("The archiver gave no copy", row.archive_problem)
    ]  # fmt: skip


@pytest.mark.parametrize("problem", [RecursionError("deep"), SoftTimeLimitExceeded(), OSError(24, "Too many")])
def test_archiver_that_breaks_its_reader_costs_no_check(
    archive: World, monkeypatch: pytest.MonkeyPatch, problem: Exception
):
    def broken(*given: Any, **named: Any) -> Any:
        raise problem

    monkeypatch.setattr(archiver, "said_in", broken)
    with capture_logs() as logged:
        row = check(source_at(archive.page("/a", PAGE)))
    assert (row.found, row.problem, row.failures, row.leased_until) == ("ok", "", 0, None)
    assert row.next_at > timezone.now() + 6 * DAY
    assert row.archive_problem == f"The archiver could not be asked ({type(problem).__name__})."
    assert [(each["event"], each["log_level"]) for each in logged] == [("The archiver could not be asked", "error")]


def test_worker_that_dies_while_it_asks_the_archiver_loses_no_check(archive: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archiver, "copy_of", die)
    with pytest.raises(Killed):
        check(source_at(archive.page("/a", PAGE)))
    row = LinkCheck.objects.get()
    assert (row.found, row.leased_until, row.archive_url) == ("ok", None, "")
    assert row.next_at > timezone.now() + 6 * DAY


def test_address_of_a_copy_that_is_none_is_not_linked(settings: Any):
    settings.ARCHIVER_URL = "https://archive.example/wayback/available"
    assert archiver.address("javascript:alert(1)") == ""
    assert archiver.address("https://archive.example/web/1/\0") == ""
    assert archiver.address("http://archive.example/web/1/x") == "https://archive.example/web/1/x"
