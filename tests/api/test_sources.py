"""What the record holds of a page of the web."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from events.services import publishing
from tests.api.test_schema import schema
from tests.factories import EventFactory, SourceFactory, UserFactory, published_event

__all__ = ["schema"]

PAGE = "https://www.news.example/2024/story/"


@pytest.fixture
def source(db):
    return SourceFactory(url=PAGE)


@pytest.fixture
def lookup(client, db):
    def lookup(url: str, **more):
        response = client.get("/api/v1/sources/lookup/", {"url": url, **more})
        assert response.status_code == 200, response.content
        return response.json()

    return lookup


@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        "http://news.example/2024/story",
        "news.example/2024/story/amp/?utm_source=x&fbclid=y#part",
        "https://www.google.com/amp/s/amp.news.example/2024/story",
        "https://web.archive.org/web/20240709/http://news.example/2024/story",
    ],
)
def test_source_and_its_events_are_found_by_any_spelling(lookup, source, url):
    event = published_event(source=source)
    found = lookup(url)
    assert found["normalized_url"] == "https://news.example/2024/story"
    assert [each["slug"] for each in found["sources"]] == [source.slug]
    assert found["events"] == [
        {
            "slug": event.slug,
            "url": f"/api/v1/events/{event.slug}/",
            "html_url": f"/events/{event.slug}/",
            "title": event.title,
            "date": "2024-07-09",
            "date_display": "July 9, 2024",
            "citations": [1],
        }
    ]
    assert found["complete"]


def test_events_come_newest_first_and_say_when_they_are_not_all(lookup, source):
    events = [published_event(source=source, date=dt.date(2024, 1, day)) for day in (3, 9, 5)]
    assert [each["slug"] for each in lookup(PAGE)["events"]] == [events[n].slug for n in (1, 2, 0)]
    found = lookup(PAGE, limit=2)
    assert ([each["slug"] for each in found["events"]], found["complete"]) == ([events[1].slug, events[2].slug], False)


def test_what_is_not_public_is_not_found(lookup, source):
    EventFactory(source=source)
    other = published_event()
    assert lookup(PAGE)["sources"] == lookup(PAGE)["events"] == []
    shown = published_event(source=source)
    publishing.retract(published_event(source=source), by=None, reason="It did not happen.")
    assert [each["slug"] for each in lookup(PAGE)["events"]] == [shown.slug] != [other.slug]


def test_merged_source_is_found_as_what_it_became(lookup, source):
    event = published_event(source=source)
    successor = SourceFactory()
    published_event(source=successor)
    publishing.merge(source, into=successor, by=UserFactory(is_superuser=True), note="The same page.")
    found = lookup(PAGE)
    assert [each["slug"] for each in found["sources"]] == [successor.slug]
    assert event.slug in {each["slug"] for each in found["events"]}


def test_a_page_that_nothing_cites_is_an_answer(lookup, db):
    found = lookup("https://nobody.example/")
    assert found == {"normalized_url": "https://nobody.example", "sources": [], "events": [], "complete": True}


@pytest.mark.parametrize("query", ["", "?url=", "?url=nothing", "?url=ftp://a.example/", "?url=https://a.example/%20b"])
def test_what_is_no_address_is_refused(get, query):
    [error] = get(f"sources/lookup/{query}", status=400)["errors"]
    assert error["parameter"] == "url"


def test_lookup_is_as_the_schema_says(lookup, source, schema):
    published_event(source=source)
    Draft202012Validator({"$ref": "#/components/schemas/SourceLookup", "components": schema["components"]}).validate(
        lookup(PAGE)
    )


def test_lookup_asks_as_much_for_one_event_as_for_five(lookup, source):
    numbers = []
    for number in (1, 4):
        for _ in range(number):
            published_event(source=source)
        with CaptureQueriesContext(connection) as queries:
            lookup(PAGE)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 6
