import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.choices import Certainty, FeedKind, Tier
from events.models import Feed
from events.queries.coverage import EVERY, coverage
from events.services import publishing
from events.tasks.coverage import count_coverage
from tests.factories import (
    CitationFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    GroupFactory,
    PublisherFactory,
    SourceFactory,
    country,
)

pytestmark = pytest.mark.django_db


def event(*codes, day=dt.date(2024, 7, 9), **options):
    made = EventFactory(date=day, **options)
    for code in codes:
        EventCountryFactory(event=made, country=country(code))
    return made


@pytest.fixture
def record():
    reuters, law = PublisherFactory(name="Reuters"), PublisherFactory(name="The Law", kind="official")
    one = event("CN", "US", source=SourceFactory(publisher=reuters, published=dt.date(2024, 7, 1), paywalled=True))
    CitationFactory(event=one, source=SourceFactory(publisher=law, tier=Tier.PRIMARY, published=None))
    kept = SourceFactory(publisher=reuters, published=dt.date(2010, 1, 2), archive_url="https://a.example/1")
    old = event("FR", day=dt.date(2010, 1, 1), certainty=Certainty.REPORTED, source=kept)
    EventGroupFactory(event=old, group=GroupFactory(slug="eu", name="European Union"))
    publishing.publish_many([one, old], by=None)
    SourceFactory(publisher=reuters)  # of a draft


@pytest.mark.usefixtures("record")
def test_sources_are_counted_by_tier_year_and_publisher_and_drafts_are_not():
    found = coverage()
    assert (found.sources, found.paywalled, found.archived) == (3, 1, 1)
    assert found.by_tier == {"primary": 1, "secondary": 2, "tertiary": 0}
    assert found.by_year == {2024: 1, 2010: 1, None: 1}
    assert [(each.name, each.sources, each.newest) for each in found.publishers] == [
        ("Reuters", 2, dt.date(2024, 7, 1)), ("The Law", 1, None),
    ]  # fmt: skip
    assert found.newest_source == dt.date(2024, 7, 1)
    assert found.with_tier == {"secondary": 2, "primary": 1}
    assert found.certainties == {"confirmed": 1, "reported": 1}


@pytest.mark.usefixtures("record")
def test_events_are_counted_by_year_region_and_place(client):
    context = client.get("/coverage/").context
    assert context["regions"].years == ["earlier", "2024"]
    assert [(row.name, row.numbers, row.total) for row in context["regions"].rows] == [
        ("Eastern Asia", [0, 1], 1),
        ("Northern America", [0, 1], 1),
        ("Western Europe", [1, 0], 1),
        ("All events", [1, 1], 2),
    ]
    assert {row.name: row.total for row in context["places"].rows} == {
        "China": 1, "European Union": 1, "France": 1, "United States": 1,
    }  # fmt: skip
    assert context["source_years"].years == ["earlier", "2024", "undated"]
    assert "Southern Africa" in context["not_named"]
    assert "Eastern Asia" not in context["not_named"]
    assert context["newest"]["date"] == "2024-07-09"


@pytest.mark.usefixtures("record")
def test_counts_are_kept_for_a_while_and_say_of_when_they_are(client):
    first = client.get("/coverage/")
    publishing.publish(event("DE"), by=None)
    second = client.get("/coverage/")
    assert second.context["counted"] == first.context["counted"]
    assert second.context["head"].seq > second.context["counted"].revision
    assert "ETag" not in second
    with CaptureQueriesContext(connection) as queries:
        client.get("/coverage/")
    assert len(queries) <= 6


@pytest.mark.usefixtures("record")
def test_no_reader_waits_for_counts_where_the_task_makes_them_every_hour(client):
    with time_machine.travel("2026-07-01T23:00:00Z", tick=False) as clock:
        count_coverage()
        for _hour in range(4):  # midnight among them
            clock.shift(EVERY)
            count_coverage()
            clock.shift(EVERY - 1)
            with CaptureQueriesContext(connection) as queries:
                counted = client.get("/coverage/").context["counted"]
            assert "events_source" not in "".join(each["sql"] for each in queries)
            assert counted.at == timezone.now() - dt.timedelta(seconds=EVERY - 1)


@pytest.mark.usefixtures("record")
def test_counts_that_no_task_renews_are_made_anew_by_a_reader(client):
    with time_machine.travel("2026-07-01T12:00:00Z", tick=False) as clock:
        client.get("/coverage/")
        clock.shift(2 * EVERY + 1)
        assert client.get("/coverage/").context["counted"].at == timezone.now()


def test_feeds_that_are_watched_say_how_fresh_they_are_and_the_others_are_named(client):
    def feed(name, **fields):
        Feed.objects.create(slug=name.lower(), name=name, kind=FeedKind.FEED, url=f"https://{name}.example/", **fields)

    empty = client.get("/coverage/").content.decode()
    assert "No feed is watched" in empty
    assert "Known, and not watched" not in empty
    assert "look at their pages by hand: China: MOFCOM." in " ".join(empty.split())
    now = timezone.now()
    feed("Fresh", is_active=True, good_at=now, minutes=30)
    feed("Stale", is_active=True, good_at=now - dt.timedelta(days=3), failures=4, error="It broke at /secret.")
    feed("Waiting", is_active=True)
    feed("Off")
    response = client.get("/coverage/")
    shown = {each.name: (each.minutes, each.good_at, each.is_late) for each in response.context["watched"]}
    assert shown == {
        "Fresh": (30, now, False), "Stale": (60, now - dt.timedelta(days=3), True), "Waiting": (60, None, True),
    }  # fmt: skip
    content = " ".join(response.content.decode().split())
    assert '<a href="https://Fresh.example/" rel="noopener nofollow external">Fresh</a>' in content
    assert "30 minutes" in content
    assert content.count("Cannot be read") == 1
    assert content.count("Late</span>") == 1
    assert "Known, and not watched: Off." in content
    assert "/secret" not in content  # what went wrong is for the desk
    Feed.objects.create(slug="m", name="M", kind=FeedKind.FEED, url="https://www.mofcom.gov.cn/f", is_active=True)
    assert "by hand" not in client.get("/coverage/").content.decode()
