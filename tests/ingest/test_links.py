"""Checks of the pages of sources: what each finds, what is confirmed, and how politely it asks."""

import datetime as dt
import gzip
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.choices import LinkStatus, RecordType
from events.lib import archiver
from events.models import Change, LinkCheck, LogHead, PublicDocument, Reissue, Source
from events.services import links, reissue
from tests.factories import SourceFactory, published_event
from tests.ingest.world import World, bomb, drip, flood, hang

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
PAGE = (
    "<html><body><article><p>OpenAI said on Tuesday that it would block access to its API.</p></article></body></html>"
)
OTHER = PAGE.replace("would block", "had never blocked")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "BETWEEN_PAGES", 0.0)
    monkeypatch.setattr(links, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(links, "PAGE_SECONDS", 0.3)


def source_at(url: str, *, is_public: bool = False, **fields: Any) -> Source:
    """A source at an address of this machine, which no form would take."""
    source = SourceFactory(**fields)
    if is_public:
        published_event(source=source)
    Source.objects.filter(pk=source.pk).update(url=url)
    if is_public:
        for embedders in (False, True):
            reissue.request(RecordType.SOURCE, [source.slug], embedders=embedders)
        reissue.run_outstanding()
    source.refresh_from_db()
    return source


def check(source: Source) -> LinkCheck:
    """Check it as a worker would, now."""
    links.check_now([source.pk])
    assert links.check_due(seconds=10) == 1
    return LinkCheck.objects.get(source=source)


def at(days: float) -> Any:
    return time_machine.travel(timezone.now() + days * DAY, tick=True)


def status_in_document(source: Source) -> tuple[str, str | None]:
    public = PublicDocument.objects.of_type(RecordType.SOURCE).with_document().get(key=source.slug)
    document = orjson.loads(str(public.change.document))
    return document["link_status"], document["link_status_since"]


# ------------------------------------------------------------------------------------------------------ what is found


def test_page_that_answers_is_read_and_checked_again_in_a_week(world: World):
    world.page("/a", PAGE, ETag='"1"')
    row = check(source_at(world.redirect("/moved", "/a")))
    assert (row.status, row.found, row.problem, row.http_status) == ("ok", "ok", "", 200)
    assert row.final_url == world.url("/a")
    assert row.content_hash == row.cited_hash != ""
    assert row.cited_at == row.checked_at
    assert row.leased_until is None
    assert row.checked_at is not None
    assert 6 * DAY < row.next_at - row.checked_at < 8 * DAY
    assert [method for method, path, _ in world.requests if path == "/a"] == ["HEAD", "GET"]


def test_page_whose_server_says_that_it_is_the_same_is_not_fetched_again(world: World):
    source = source_at(world.page("/a", PAGE, ETag='"1"'))
    before = check(source)
    after = check(source)
    assert after.content_hash == before.content_hash
    assert [method for method, path, _ in world.requests if path == "/a"] == ["HEAD", "GET", "HEAD"]
    world.page("/a", OTHER, ETag='"2"')
    assert check(source).found == LinkStatus.CHANGED


def test_server_that_does_not_know_head_is_asked_by_get(world: World):
    url = world.answers(
        "/a", lambda handler: handler.give(PAGE.encode(), status=200 if handler.command == "GET" else 405)
    )
    assert check(source_at(url)).found == LinkStatus.OK


FAULTS: dict[str, tuple[Callable[[World], str], str, str]] = {
    "404": (lambda world: world.page("/x", status=404), "dead", "127.0.0.1 answered 404 Not Found."),
    "410": (lambda world: world.page("/x", status=410), "dead", "127.0.0.1 answered 410 Gone."),
    "500": (lambda world: world.page("/x", status=500), "dead", "127.0.0.1 answered 500 Internal Server Error."),
    "429": (lambda world: world.page("/x", status=429, Retry_After="7200"), "", "answered 429 Too Many Requests."),
    "403": (lambda world: world.page("/x", status=403), "", "127.0.0.1 answered 403 Forbidden."),
    "time-out": (lambda world: world.answers("/x", hang), "dead", "took longer than 0 seconds, or stopped answering."),
    "slow drip": (lambda world: world.answers("/x", drip), "dead", "took longer than 0 seconds, or stopped answering."),
    "redirect loop": (lambda world: world.redirect("/x", "/x"), "dead", "redirects in a circle or more than 5 times."),
    "redirect to this machine": (
        lambda world: world.redirect("/x", "http://127.0.0.1/"),
        "dead",
        "leads to an address that is not of the public internet.",
    ),
    "cut short": (
        lambda world: world.page("/x", gzip.compress(b"a" * 9999)[:20], Content_Encoding="gzip"),
        "dead",
        ".",
    ),
    "gzip bomb": (
        lambda world: world.page("/x", bomb(50), Content_Encoding="gzip"),
        "ok",
        "It is larger than 5 MB. Whether it changed is not looked at.",
    ),
    "50 MB": (
        lambda world: world.answers("/x", flood(50)),
        "ok",
        "It is larger than 5 MB. Whether it changed is not looked at.",
    ),
    "a picture": (lambda world: world.page("/x", b"\x89PNG", kind="image/png"), "ok", ""),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_each_fault_ends_in_a_clear_state(world: World, fault: str, monkeypatch: pytest.MonkeyPatch):
    let, found, said = FAULTS[fault]
    if fault in ("gzip bomb", "50 MB"):
        monkeypatch.setattr(links, "PAGE_SECONDS", 10.0)
    row = check(source_at(let(world)))
    assert (row.found, row.status, row.leased_until) == (found, LinkStatus.OK, None)
    assert row.problem.endswith(said)
    assert row.failures == (0 if found == "ok" else 1)
    assert row.checked_at is not None
    soon = row.next_at - row.checked_at
    if fault == "429":
        assert soon >= dt.timedelta(hours=2)
    elif found == "dead":
        assert soon < dt.timedelta(hours=2)
    else:
        assert soon > 6 * DAY


def test_pauses_grow_to_a_day_while_a_page_does_not_answer(world: World):
    source, pauses = source_at(world.page("/a", status=500)), []
    for _ in range(6):
        row = check(source)
        assert row.checked_at is not None
        pauses.append((row.next_at - row.checked_at) / dt.timedelta(hours=1))
    assert [round(pause / 2**number) for number, pause in enumerate(pauses[:4])] == [1, 1, 1, 1]
    assert pauses[5] < 27


# --------------------------------------------------------------------------------------------------- what is confirmed


def test_only_what_checks_three_days_apart_agree_on_enters_the_document(world: World, verified: Any):
    source = source_at(world.page("/a", PAGE), is_public=True)
    check(source)
    assert status_in_document(source) == ("ok", None)
    world.page("/a", status=404)
    row = check(source)
    assert (row.found, row.status) == ("dead", "ok")
    with at(2):
        assert check(source).status == LinkStatus.OK
    changes = Change.objects.count()
    documents = list(Change.objects.values_list("document_hash", flat=True))
    with at(3.1):
        row = check(source)
        reissue.run_outstanding()
    assert (row.status, row.status_since) == ("dead", row.found_since.date() if row.found_since else None)
    assert status_in_document(source) == ("dead", str(row.status_since))
    assert Change.objects.count() == changes + 1  # of the source alone; events that cite it stay as they are
    assert [*Change.objects.values_list("document_hash", flat=True)][-changes:] == documents
    world.page("/a", PAGE)
    with at(10):
        assert check(source).status == LinkStatus.DEAD
    with at(13.1):
        assert check(source).status == LinkStatus.OK
        reissue.run_outstanding()
    assert status_in_document(source)[0] == "ok"
    assert verified() == []


def test_silence_is_confirmed_only_while_others_answer(world: World):
    silent = source_at("http://no-such-host.invalid/a")
    assert check(silent).problem == "There is no such host as no-such-host.invalid."
    with at(4):
        assert check(silent).status == LinkStatus.OK  # nobody answers: it may be our own connection
        check(source_at(world.page("/a", PAGE)))
        assert check(silent).status == LinkStatus.DEAD


def test_checks_that_find_nothing_new_append_nothing(world: World):
    source = source_at(world.page("/a", PAGE), is_public=True)
    before = Change.objects.count()
    for days in range(0, 29, 7):
        with at(days):
            check(source)
    reissue.run_outstanding()
    assert Change.objects.count() == before


def test_page_that_changed_is_told_once_its_new_words_stay(world: World):
    source = source_at(world.page("/a", PAGE))
    check(source)
    for days in range(1, 30, 4):  # other words at each look: a page of headlines, not a document that changed
        world.page("/a", PAGE.replace("Tuesday", f"day {days}"))
        with at(days):
            row = check(source)
    assert (row.found, row.status) == ("changed", "ok")
    world.page("/a", OTHER)
    with at(31):
        check(source)
    with at(34.1):
        assert check(source).status == LinkStatus.CHANGED
    world.page("/a", PAGE.replace("<p>", "<p class=new>  ").upper())  # the words that were cited, in a new dress
    with at(41):
        check(source)
    with at(45):
        assert check(source).status == LinkStatus.OK


def test_the_head_of_the_log_is_held_before_a_status_changes(world: World):
    """A batch of documents that is just being made would not see the status, and count its reissue as done."""
    source = source_at(world.page("/a", PAGE), is_public=True)
    check(source)
    world.page("/a", OTHER)
    with at(4):
        check(source)
    with at(8):
        row = LinkCheck.objects.get(source=source)
        found = links.Result(row.found, content_hash=row.content_hash)
        for change in (lambda: links.keep(row, found), lambda: links.take_as_cited(row)):
            with CaptureQueriesContext(connection) as queries:
                change()
            said = [query["sql"] for query in queries if "events_" in query["sql"]]
            assert LogHead._meta.db_table in said[0]
            assert any(Reissue._meta.db_table in sql for sql in said)


def test_editor_takes_the_new_words_as_cited(world: World):
    source = source_at(world.page("/a", PAGE), is_public=True)
    check(source)
    world.page("/a", OTHER)
    check(source)
    with at(4):
        row = check(source)
        assert row.status == LinkStatus.CHANGED
        links.take_as_cited(row)
        row = check(source)
        reissue.run_outstanding()
    assert (row.status, row.found) == ("ok", "ok")
    assert status_in_document(source)[0] == "ok"


def test_address_that_was_mended_starts_anew(world: World):
    source = source_at(world.page("/a", PAGE, ETag='"1"'))
    check(source)
    Source.objects.filter(pk=source.pk).update(url=world.page("/b", OTHER, ETag='"1"'))
    row = check(source)
    assert (row.found, row.url) == ("ok", world.url("/b"))
    assert row.cited_hash == row.content_hash


# ----------------------------------------------------------------------------------------------------------- politeness


@pytest.mark.parametrize(
    ("robots", "found", "asked"),
    [
        ({"body": "User-agent: *\nDisallow: /private"}, "", 0),
        ({"body": "User-agent: AIAccessTracker\nDisallow: /*.html$\n\nUser-agent: *\nDisallow: /"}, "", 0),
        ({"body": "User-agent: Other\nDisallow: /"}, "ok", 2),
        ({"status": 404}, "ok", 2),
        ({"status": 503}, "", 0),
    ],
)
def test_robots_txt_is_obeyed(world: World, robots: Any, found: str, asked: int):
    world.page("/robots.txt", **{"kind": "text/plain"} | robots)
    row = check(source_at(world.page("/private/a.html", PAGE)))
    assert (row.found, world.asked["/private/a.html"]) == (found, asked)
    if not asked:
        assert row.problem == "The robots.txt of 127.0.0.1 asks us not to fetch it."
        assert row.status == LinkStatus.OK


def test_robots_txt_is_asked_for_once_a_day(world: World):
    source = source_at(world.page("/a", PAGE))
    check(source)
    check(source)
    assert world.asked["/robots.txt"] == 1


def test_pages_of_one_host_are_asked_apart(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(links, "BETWEEN_PAGES", 30.0)
    for number in range(3):
        source_at(world.page(f"/{number}", PAGE))
    links.check_now(list(Source.objects.values_list("pk", flat=True)))
    assert links.check_due(seconds=10) == 1
    waiting = LinkCheck.objects.filter(checked_at=None)
    assert len(waiting) == 2
    assert all(row.leased_until is None and row.next_at > timezone.now() for row in waiting)
    with at(31 / 86400):
        assert links.check_due(seconds=10) == 1


def test_host_that_another_worker_asks_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(links, "BETWEEN_PAGES", 30.0)
    first, second = source_at(world.page("/a", PAGE)), source_at(world.page("/b", PAGE))
    links.check_now([first.pk, second.pk])
    held = LinkCheck.objects.take(seconds=60)
    assert held is not None
    assert links.check_due(seconds=10) == 0
    assert not world.asked["/a"] + world.asked["/b"]


def test_worker_that_was_slower_than_its_lease_undoes_nothing(world: World):
    source = source_at(world.page("/a", PAGE))
    links.check_now([source.pk])
    slow = LinkCheck.objects.take(seconds=-1)
    assert slow is not None
    done = check(source)
    links.keep(slow, links.Result(LinkStatus.DEAD, "Too late."))
    assert LinkCheck.objects.get(source=source).checked_at == done.checked_at
    assert LinkCheck.objects.get(source=source).found == LinkStatus.OK


def test_first_checks_are_spread_out():
    for _ in range(5):
        SourceFactory()
    merged = SourceFactory()
    Source.objects.filter(pk=merged.pk).update(merged_into=Source.objects.exclude(pk=merged.pk).first())
    links.add_missing()
    links.add_missing()
    rows = LinkCheck.objects.order_by("next_at")
    assert len(rows) == 5
    assert max(row.next_at for row in rows) - min(row.next_at for row in rows) > dt.timedelta(minutes=3)


# ------------------------------------------------------------------------------------------------------------- archiver


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


def test_address_of_a_copy_that_is_none_is_not_linked(settings: Any):
    settings.ARCHIVER_URL = "https://archive.example/wayback/available"
    assert archiver.address("javascript:alert(1)") == ""
    assert archiver.address("http://archive.example/web/1/x") == "https://archive.example/web/1/x"


# ---------------------------------------------------------------------------------------------------------- constraints


@pytest.mark.parametrize("values", [{"status": "odd"}, {"found": "ok"}, {"found": "odd"}, {"status": "dead"}])
def test_database_refuses_what_no_check_says(values: Any):
    row = LinkCheck.objects.create(source=SourceFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkCheck.objects.filter(pk=row.pk).update(**values)


def test_task_does_nothing_where_checks_are_off(world: World, settings: Any):
    from events.tasks.links import check_sources

    source_at(world.page("/a", PAGE))
    settings.CHECK_SOURCES = False
    check_sources()
    assert not LinkCheck.objects.exists()
    settings.CHECK_SOURCES = True
    check_sources()
    assert LinkCheck.objects.get().found == LinkStatus.OK
