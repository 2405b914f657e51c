"""How politely pages of sources are asked for."""

import datetime as dt
from itertools import cycle, pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.choices import LinkStatus
from events.models import LinkCheck, Source
from events.services import links
from tests.factories import SourceFactory
from tests.ingest.checking import PAGE, at, check, source_at
from tests.ingest.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.mark.parametrize(
    ("robots", "found", "asked"),
    [
        ({"body": "User-agent: *\nDisallow: /private"}, "", 0),
        ({"body": "\ufeffUser-agent: *\nDisallow: /private"}, "", 0),
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


def test_due_pages_of_a_host_that_is_left_alone_wait_one_after_another(world: World, monkeypatch: pytest.MonkeyPatch):
    """So many at a time: put off all to one moment, 40,000 took seconds, and that again every ten."""
    sources = [source_at(world.page(f"/{number}", PAGE)) for number in range(6)]
    links.check_now([source.pk for source in sources])
    monkeypatch.setattr(links, "BETWEEN_PAGES", 60.0)
    monkeypatch.setattr(links, "BATCH", 3)
    assert links.check_due(seconds=10) == 1
    waiting = sorted(LinkCheck.objects.filter(checked_at=None).values_list("next_at", flat=True))
    assert len(waiting) == 5
    assert waiting[0] > timezone.now() + dt.timedelta(seconds=40)
    assert all(later > earlier for earlier, later in pairwise(waiting))
    assert waiting[-1] - waiting[0] > dt.timedelta(seconds=100)


def test_a_page_that_is_checked_while_its_host_is_put_off_keeps_its_next_day(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    sources = [source_at(world.page(f"/{number}", PAGE)) for number in range(3)]
    links.check_now([source.pk for source in sources])
    mine = LinkCheck.objects.take(seconds=60)
    assert mine is not None
    other, waiting = LinkCheck.objects.exclude(pk=mine.pk).order_by("pk")
    next_week = timezone.now() + links.EVERY

    def meanwhile() -> float:  # the due rows have been read, and are not written yet
        LinkCheck.objects.filter(pk=other.pk).update(next_at=next_week)
        return 0.5

    monkeypatch.setattr("random.random", meanwhile)
    links.put_off(mine, dt.timedelta(seconds=30), 30)
    assert LinkCheck.objects.get(pk=other.pk).next_at == next_week
    assert LinkCheck.objects.get(pk=waiting.pk).next_at > timezone.now()


def test_worker_that_was_slower_than_its_lease_undoes_nothing(world: World):
    source = source_at(world.page("/a", PAGE))
    links.check_now([source.pk])
    slow = LinkCheck.objects.take(seconds=-1)
    assert slow is not None
    done = check(source)
    links.keep(slow, links.Result(LinkStatus.DEAD, "Too late."))
    assert LinkCheck.objects.get(source=source).checked_at == done.checked_at
    assert LinkCheck.objects.get(source=source).found == LinkStatus.OK


def test_sources_get_their_rows_by_so_many_keys_at_a_time(monkeypatch: pytest.MonkeyPatch):
    """The newest at once, and others wherever their keys lie: one with a smaller key may be committed later."""
    monkeypatch.setattr(links, "SPAN", 3)
    keys = [SourceFactory().pk for _ in range(12)]
    spans = cycle(sorted({key // 3 for key in keys}))  # those that chance would come to
    monkeypatch.setattr("random.randint", lambda first, last: next(spans))
    links.add_missing()
    found = set(LinkCheck.objects.values_list("pk", flat=True))
    assert {*keys[-3:]} <= found
    assert len(found) <= 6
    for _ in range(5):
        links.add_missing()
    assert [*LinkCheck.objects.order_by("pk").values_list("pk", flat=True)] == keys


def test_editors_have_any_source_checked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(links, "SPAN", 1)
    sources = [SourceFactory() for _ in range(20)]
    links.check_now([sources[3].pk])
    assert LinkCheck.objects.get(source=sources[3]).next_at <= timezone.now()


def test_whether_a_host_is_being_asked_is_read_off_the_rows_that_are_held():
    """Not off all of the host's, which may be a hundred thousand."""
    links.check_now([SourceFactory().pk])
    with CaptureQueriesContext(connection) as captured:
        links.still_to_wait(LinkCheck.objects.get(), 10)
    [asked] = [query["sql"] for query in captured if 'leased_until" >' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' * (connection.vendor == 'sqlite')}{asked}".replace("%", "%%"), ())
        assert "link_check_held" in str(cursor.fetchall())


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
