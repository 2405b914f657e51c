"""Looking at feeds: what becomes of their items, and of what goes wrong."""

import datetime as dt
import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.choices import CandidateState, FeedKind
from events.ingest import IMPORTERS
from events.ingest.entry import Entry
from events.lib import http
from events.models import Candidate, Feed
from events.services import inbox
from tests.ingest.feeding import FAULTS, FEED, KINDS, SAMPLES, feed, poll, titles
from tests.ingest.world import Killed, World, die

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def test_items_become_candidates_once_only(world: World):
    one = feed(world.page("/feed", FEED, **KINDS))
    assert poll() == 2
    assert poll() == 0
    assert titles() == ["New export rule & what it means", "Second story"]
    one.refresh_from_db()
    assert (one.brought, one.failures, one.error) == (2, 0, "")
    assert one.good_at == one.checked_at
    assert one.next_at > timezone.now() + dt.timedelta(minutes=59)


def test_feed_is_asked_whether_it_has_changed(world: World):
    body = FEED
    one = feed(world.page("/feed", body, ETag='"1"', Last_Modified="Tue, 09 Jul 2024 10:00:00 GMT", **KINDS))
    poll()
    world.page("/feed", status=304)
    poll()
    asked = world.requests[-1][2]
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"1"', "Tue, 09 Jul 2024 10:00:00 GMT")
    one.refresh_from_db()
    assert (one.failures, one.etag) == (0, '"1"')


@pytest.mark.parametrize("name", ["ETag", "Last_Modified"])
def test_feed_with_a_mark_that_is_too_long_to_keep_is_read_as_ever(world: World, name: str):
    """Cut, it would name nothing; and where it is cut after a space it could not even be sent."""
    one = feed(world.page("/feed", FEED, **{name: "a " * 400}, **KINDS))
    assert poll() == 2
    assert poll() == 0
    one.refresh_from_db()
    assert (one.failures, one.etag, one.last_modified) == (0, "", "")


def test_switched_off_and_held_feeds_are_left_alone(world: World):
    url = world.page("/feed", FEED, **KINDS)
    held = feed(url, is_active=False)
    assert poll() == 0
    Feed.objects.filter(pk=held.pk).update(is_active=True, leased_until=timezone.now() + dt.timedelta(minutes=1))
    assert poll() == 0
    assert not world.asked


def test_lease_that_expires_makes_a_feed_due_again(world: World):
    one = feed(world.page("/feed", FEED, **KINDS))
    assert Feed.objects.active().take(seconds=60) == one  # and its worker dies
    assert inbox.poll_due(seconds=20) == 0
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61), tick=True):
        assert inbox.poll_due(seconds=20) == 2


def test_slower_worker_does_not_undo_what_the_next_one_did(world: World):
    one = feed(world.page("/feed", FEED, **KINDS))
    slow = Feed.objects.active().take(seconds=-1)
    assert slow is not None
    assert poll() == 2
    inbox.failed(slow, "Too late.", None)
    one.refresh_from_db()
    assert (one.failures, one.error) == (0, "")


@pytest.mark.parametrize("fault", list(FAULTS))
def test_feed_that_fails_keeps_its_last_good_state_and_says_so(world: World, fault: str, monkeypatch: Any):
    one = feed(world.page("/feed", FEED, ETag='"1"', **KINDS))
    poll()
    good = Feed.objects.get(pk=one.pk)
    FAULTS[fault](world)
    fetch = http.fetch
    monkeypatch.setattr(http, "fetch", lambda *args, **options: fetch(*args, **{**options, "seconds": 0.5}))
    assert poll() == 0
    bad = Feed.objects.get(pk=one.pk)
    assert (bad.good_at, bad.etag, bad.brought) == (good.good_at, '"1"', 2)
    assert bad.failures == 1
    assert bad.error.endswith(".")
    assert bad.leased_until is None
    least = dt.timedelta(hours=2) if fault == "429" else dt.timedelta(minutes=60)
    assert bad.checked_at is not None
    assert bad.next_at >= bad.checked_at + least
    assert Candidate.objects.count() == 2


def test_feed_that_breaks_its_reader_says_so(world: World, monkeypatch: pytest.MonkeyPatch):
    one = feed(world.page("/feed", FEED, **KINDS))

    def broken(*given: Any, **named: Any) -> Any:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("events.services.inbox.IMPORTERS", {FeedKind.FEED: broken})
    assert poll() == 0
    one.refresh_from_db()
    assert (one.failures, one.leased_until) == (1, None)
    assert one.error == "What it sent could not be read to the end (SoftTimeLimitExceeded)."


def test_feed_that_kills_its_workers_is_tried_as_rarely_as_one_that_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("events.services.inbox.IMPORTERS", {FeedKind.FEED: die})
    feed(world.page("/feed", FEED, **KINDS))
    for minutes in (0, 4, 8, 17):  # 5 after the second death, then twice as many each time, more or less
        with pytest.raises(Killed):
            inbox.poll_due(seconds=20)
        Feed.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
        left = Feed.objects.get().next_at - timezone.now()
        assert (left > dt.timedelta(minutes=minutes)) is bool(minutes)
        assert left < dt.timedelta(minutes=1.3 * minutes + 1)
        Feed.objects.update(next_at=timezone.now())
    monkeypatch.setattr("events.services.inbox.IMPORTERS", IMPORTERS)
    assert poll() == 2
    assert Feed.objects.get().failures == 0


def test_feed_that_failed_often_is_asked_after_a_single_death(world: World):
    one = feed(world.page("/feed", FEED, **KINDS))
    Feed.objects.filter(pk=one.pk).update(failures=7, leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert inbox.poll_due(seconds=20) == 2
    one.refresh_from_db()
    assert (one.failures, one.error, one.leased_until) == (0, "", None)


def test_titles_are_read_once_for_all_items_of_a_feed(world: World):
    """They are two thousand: for each item anew, that took longer than all else."""
    one, day = feed(world.page("/feed")), dt.date(2024, 7, 9)
    inbox.add(Entry("https://example.com/0", "OpenAI blocks traffic from China"))
    told = (
        "OpenAI blocks traffic from China - Reuters",
        "Nvidia may sell H20 chips again",
        "Nvidia may sell H20 chips",
    )
    entries = [Entry(f"https://example.com/{number}", title, published=day) for number, title in enumerate(told, 1)]
    with CaptureQueriesContext(connection) as captured:
        assert inbox.store(one, entries) == 3
    assert len([query for query in captured if f"LIMIT {inbox.COMPARED}" in query["sql"]]) == 1
    first, second, third, fourth = Candidate.objects.order_by("pk")
    assert [each.same_as for each in (first, second, third, fourth)] == [None, first, None, third]


def test_truncated_json_of_the_federal_register_is_said(world: World):
    body = (SAMPLES / "federal_register.json").read_bytes()
    one = feed(world.page("/api", body[:400], kind="application/json"), kind=FeedKind.FEDERAL_REGISTER)
    poll()
    one.refresh_from_db()
    assert (one.failures, one.error) == (1, "It is no JSON, or ended too early.")


def test_federal_register_is_read_page_by_page_from_the_last_day(world: World):
    body = (SAMPLES / "federal_register.json").read_text()
    more = body.replace('"count": 2', f'"count": 2, "next_page_url": "{world.url("/more")}"')
    one = feed(world.page("/api", more, kind="application/json", ETag='"1"'), kind=FeedKind.FEDERAL_REGISTER)
    world.page("/more", body.replace("2022-21658", "2022-99999"), kind="application/json")
    assert poll() == 2  # the rule of the second page says what that of the first does
    one.refresh_from_db()
    assert one.cursor == "2022-12-19"
    poll()
    _, asked, headers = world.requests[-2]
    assert "2022-12-16" in asked
    assert "if-none-match" not in headers  # the ETag was that of another search


def test_look_of_several_pages_does_not_ask_whether_the_first_has_changed(world: World):
    """What is new stands on the last page: the first, being full, stays as it is."""
    body = (SAMPLES / "federal_register.json").read_text()
    more = body.replace('"count": 2', f'"count": 2, "next_page_url": "{world.url("/more")}"')
    empty = b'{"count": 2, "results": []}'
    url = world.page("/api", more, kind="application/json", ETag='"1"')
    world.page("/more", empty, kind="application/json")
    one = feed(url, kind=FeedKind.FEDERAL_REGISTER, cursor="2022-12-19")
    assert poll() == 2
    one.refresh_from_db()
    assert (one.cursor, one.etag, one.failures) == ("2022-12-19", "", 0)
    world.page("/api", body, kind="application/json", ETag='"1"')
    poll()
    one.refresh_from_db()
    assert one.etag == '"1"'


BROKEN_PAGES: dict[str, dict[str, Any]] = {
    "not to be had": {"status": 503},
    "cut short": {"cut": 100},
    "no answer of the API": {"body": b'{"count": 1, "results": 7}'},
}


@pytest.mark.parametrize("fault", list(BROKEN_PAGES))
def test_look_that_fails_on_a_later_page_keeps_how_far_it_came(world: World, fault: str):
    documents = json.loads((SAMPLES / "federal_register.json").read_bytes())["results"]
    documents += [
        {"title": "A rule of the same day", "html_url": "https://example.com/1", "publication_date": "2022-12-19"},
        {"title": "A later rule", "html_url": "https://example.com/2", "publication_date": "2022-12-21"},
    ]

    def page(path: str, said: list[Any], *, fault: dict[str, Any] | None = None, **more: str) -> None:
        body = json.dumps({"count": 4, "results": said} | more).encode()
        world.page(path, **{"body": body, "kind": "application/json"} | (fault or {}))

    page("/api", documents[:2], next_page_url=world.url("/more"))
    page("/more", documents[2:], fault=BROKEN_PAGES[fault])
    one = feed(world.url("/api"), kind=FeedKind.FEDERAL_REGISTER, cursor="2022-10-13", etag='"1"')
    assert poll() == 0
    one.refresh_from_db()
    assert (one.cursor, one.etag, one.failures, one.brought) == ("2022-12-19", "", 1, 2)

    page("/api", documents[1:])  # what there is from three days before on
    assert poll() == 2
    _, asked, headers = world.requests[-1]
    assert "2022-12-16" in asked
    assert "if-none-match" not in headers
    assert titles() == sorted(each["title"] for each in documents)
    one.refresh_from_db()
    assert (one.cursor, one.failures) == ("2022-12-21", 0)


def test_worker_that_dies_on_a_later_page_keeps_how_far_it_came(world: World, monkeypatch: pytest.MonkeyPatch):
    body = (SAMPLES / "federal_register.json").read_text()
    more = body.replace('"count": 2', f'"count": 2, "next_page_url": "{world.url("/more")}"')
    one = feed(world.page("/api", more, kind="application/json"), kind=FeedKind.FEDERAL_REGISTER)
    fetch = http.fetch

    def killed(url: str, **named: Any) -> http.Answer:
        if url.endswith("/more"):
            raise Killed
        return fetch(url, **named)

    monkeypatch.setattr(http, "fetch", killed)
    with pytest.raises(Killed):
        poll()
    one.refresh_from_db()
    assert (one.cursor, one.brought) == ("2022-12-19", 2)
    assert one.leased_until is not None


ITEM = "<item><title>{0}</title><link>https://example.com/{1}</link>{2}</item>"


def rss(items: Mapping[str, dt.date | None]) -> bytes:
    """Items by their titles, with their days."""
    told = "".join(
        ITEM.format(title, title.replace(" ", "-"), f"<pubDate>{day}</pubDate>" if day else "")
        for title, day in items.items()
    )
    return f'<rss version="2.0"><channel><title>x</title>{told}</channel></rss>'.encode()


def test_first_look_at_a_feed_takes_the_items_of_its_last_30_days(world: World):
    with time_machine.travel("2026-11-26 12:00+00:00", tick=False) as traveller:
        items = {"new": dt.date(2026, 10, 27), "old": dt.date(2026, 10, 26)}
        one = feed(world.page("/feed", rss(items), **KINDS), good_at=None)
        assert (poll(), titles()) == (1, ["new"])
        traveller.shift(dt.timedelta(days=20))  # nobody looked: what came meanwhile is not too old
        world.page("/feed", rss(items | {"late": dt.date(2026, 11, 27), "of 2025": dt.date(2025, 1, 1)}), **KINDS)
        assert (poll(), titles()) == (1, ["late", "new"])
        traveller.shift(dt.timedelta(days=60))
        world.page("/feed", rss(items | {"later": dt.date(2026, 12, 17)}), **KINDS)
        assert (poll(), titles()) == (1, ["late", "later", "new"])
    one.refresh_from_db()
    assert one.brought == 3


def test_first_look_at_a_sitemap_takes_the_pages_of_its_last_30_days(world: World):
    page = "<url><loc>https://example.com/news/what-was-told-in-{0}</loc><lastmod>{0}</lastmod></url>"
    days = [f"{year}-11-20" for year in range(2016, 2027)]
    pages = "".join(map(page.format, days))
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>'
    with time_machine.travel("2026-11-26 12:00+00:00", tick=False):
        feed(world.page("/map", body.encode(), kind="application/xml"), kind=FeedKind.SITEMAP, good_at=None)
        assert (poll(), titles()) == (1, ["What was told in 2026 11 20"])


def test_first_look_at_a_feed_without_days_takes_its_first_20_items(world: World):
    items: dict[str, dt.date | None] = {f"item {number:02}": None for number in range(30)}
    one = feed(world.page("/feed", rss(items), **KINDS), good_at=None)
    assert (poll(), titles()) == (20, list(items)[:20])
    world.page("/feed", rss(items | {"another": None}), **KINDS)
    assert poll() == 1
    one.refresh_from_db()
    assert one.brought == 21
    assert titles() == ["another", *list(items)[:20]]
    passed_over = Candidate.objects.filter(state=CandidateState.DISMISSED)
    assert set(passed_over.values_list("title", "next_at")) == {(title, None) for title in list(items)[20:]}


def test_what_the_first_look_passed_over_gathers_nothing(world: World):
    items: dict[str, dt.date | None] = {f"number {number}": None for number in range(20)}
    items["New export rule on chips for China"] = None
    feed(world.page("/feed", rss(items), **KINDS), good_at=None)
    assert poll() == 20
    again = inbox.add(Entry("https://wire.example.com/2", "New export rule on chips for China and Iran"))
    assert again
    assert again.same_as is None


def test_words_of_a_feed_choose(world: World):
    feed(world.page("/feed", FEED, **KINDS), words="EXPORT, semiconductor")
    assert poll() == 1


def test_feed_of_a_million_items_ends(world: World):
    item = b"<item><title>T%d</title><link>https://example.com/%d</link></item>"
    many = b"".join(item % (n, n) for n in range(60_000))
    body = b'<rss version="2.0"><channel><title>x</title>' + many + b"</channel></rss>"
    one = feed(world.page("/feed", gzip.compress(body * 10), Content_Encoding="gzip", **KINDS))
    assert poll() == 0
    one.refresh_from_db()
    assert one.error == "It is larger than 5 MB."
