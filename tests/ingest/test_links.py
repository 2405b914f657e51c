"""Checks of the pages of sources: what each finds, and what is confirmed."""

import datetime as dt
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.choices import LinkStatus
from events.ingest import webpage
from events.models import Change, LinkCheck, LogHead, Reissue, Source
from events.services import links, reissue
from tests.factories import SourceFactory
from tests.ingest.checking import DAY, OTHER, PAGE, at, check, source_at, status_in_document
from tests.ingest.world import Killed, World, bomb, die, drip, flood, hang

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


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


def test_what_was_found_at_an_old_address_confirms_nothing_of_the_new_one(world: World):
    source = source_at(world.page("/a", status=404))
    assert check(source).found == LinkStatus.DEAD
    Source.objects.filter(pk=source.pk).update(url=world.page("/b", status=404))
    with at(4):
        row = check(source)
        assert (row.found, row.status) == ("dead", "ok")
    with at(8):
        assert check(source).status == LinkStatus.DEAD


def test_check_under_way_does_not_undo_what_an_editor_took_as_cited(world: World):
    source = source_at(world.page("/a", PAGE))
    check(source)
    world.page("/a", OTHER)
    seen = check(source)
    links.check_now([source.pk])
    held = LinkCheck.objects.take(seconds=60)
    assert held
    links.take_as_cited(LinkCheck.objects.get())
    links.keep(held, links.Result("changed", content_hash=seen.content_hash))
    row = LinkCheck.objects.get()
    assert (row.found, row.cited_hash) == ("ok", seen.content_hash)
    assert check(source).found == LinkStatus.OK


def test_page_that_breaks_its_reader_keeps_no_other_from_being_checked(world: World, monkeypatch: pytest.MonkeyPatch):
    broken, other = source_at(world.page("/a", PAGE)), source_at(world.page("/b", PAGE))
    read = webpage.read
    monkeypatch.setattr(webpage, "read", lambda body, url, **said: 1 // 0 if url.endswith("/a") else read(body, **said))
    links.check_now([broken.pk, other.pk])
    assert links.check_due(seconds=20) == 2
    row = LinkCheck.objects.get(source=broken)
    assert (row.found, row.problem) == ("", "What it sent could not be read to the end (ZeroDivisionError).")
    assert row.next_at > timezone.now() + dt.timedelta(days=6)
    assert LinkCheck.objects.get(source=other).found == LinkStatus.OK


def test_page_that_kills_its_workers_is_tried_as_rarely_as_one_that_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    source, read = source_at(world.page("/a", PAGE)), webpage.read

    monkeypatch.setattr(webpage, "read", die)
    links.check_now([source.pk])
    for hours in (0, 0.8, 1.7, 3.5):  # 1 after the second death, then twice as many each time, more or less
        with pytest.raises(Killed):
            links.check_due(seconds=10)
        LinkCheck.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
        left = LinkCheck.objects.get().next_at - timezone.now()
        assert (left > dt.timedelta(hours=hours)) is bool(hours)
        LinkCheck.objects.update(next_at=timezone.now())
    monkeypatch.setattr(webpage, "read", read)
    row = check(source)
    assert (row.found, row.failures) == ("ok", 0)


def test_check_that_found_nothing_out_confirms_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    source = source_at(world.page("/a", PAGE))
    check(source)
    LinkCheck.objects.update(found=LinkStatus.DEAD, found_since=timezone.now() - dt.timedelta(days=4))
    monkeypatch.setattr(webpage, "read", lambda *given, **named: 1 / 0)
    row = check(source)
    assert (row.found, row.status) == (LinkStatus.DEAD, LinkStatus.OK)
    assert not Reissue.objects.outstanding().exists()


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
