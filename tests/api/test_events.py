"""The list of events and one event."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.test import Client

from events.choices import CorrectionClass, EventKind, State
from events.models import Change, PublicDocument, TimelineCount
from events.services import publishing
from tests.factories import (
    BareEventFactory,
    CompanyFactory,
    EventCountryFactory,
    EventFactory,
    UserFactory,
    published_event,
)


@pytest.fixture
def chief(db) -> User:
    return UserFactory(is_superuser=True)


def slugs(answer) -> list[str]:
    return [document["slug"] for document in answer["results"]]


def test_list_hands_out_the_stored_documents(client, db):
    event = published_event()
    stored = PublicDocument.objects.get(type="event", key=event.slug).change.document
    response = client.get("/api/v1/events/")
    assert response.content.decode() == f'{{"next":null,"previous":null,"results":[{stored}]}}'
    assert response.headers["Content-Type"] == "application/json"
    assert client.get(f"/api/v1/events/{event.slug}/").content.decode() == stored


def test_drafts_are_nowhere(get):
    shown = published_event()
    draft, in_review = BareEventFactory(), EventFactory()
    assert slugs(get("events/?count=true")) == [shown.slug]
    for event in (draft, in_review):
        get(f"events/{event.slug}/", status=404)
        get(f"events/{event.slug}/history/", status=404)
    assert get("events/nothing-like-it/", status=404)["detail"] == "There is no event “nothing-like-it” in the record."


def test_list_is_newest_first_and_its_filters_narrow_it(get):
    company = CompanyFactory(slug="acme")
    old = published_event(date=dt.date(2020, 1, 1), kind=EventKind.LISTING, actor=company)
    new = published_event(date=dt.date(2024, 1, 1), kind=EventKind.RULING, actor=company)
    other = published_event(date=dt.date(2022, 1, 1), kind=EventKind.REPORT)
    assert slugs(get("events/")) == [new.slug, other.slug, old.slug]
    assert slugs(get("events/?kind=listing&kind=report")) == [other.slug, old.slug]
    assert slugs(get("events/?company=acme&role=actor&from=2021-01-01")) == [new.slug]
    assert slugs(get("events/?q=number&to=2020-12-31&match=certain")) == [old.slug]


def test_country_matches_in_either_case(get):
    event = EventFactory()
    EventCountryFactory(event=event)
    publishing.publish(event, by=None)
    assert slugs(get("events/?country=cn")) == slugs(get("events/?country=CN")) == [event.slug]


@pytest.mark.parametrize("size", [1, 7, 12, 200])
def test_pages_give_each_event_once_in_both_directions(get, many, size):
    wanted = [event.slug for event in many(24)]
    forwards, page = [], get(f"events/?page_size={size}")
    assert page["previous"] is None
    while True:
        forwards += slugs(page)
        if page["next"] is None:
            break
        page = get(page["next"].removeprefix("http://testserver"))
    assert forwards == wanted
    backwards = slugs(page)
    while page["previous"]:
        page = get(page["previous"].removeprefix("http://testserver"))
        backwards = slugs(page) + backwards
    assert backwards == wanted


def test_pages_keep_their_parameters_and_stand_in_the_link_header(client, many):
    many(5)
    response = client.get("/api/v1/events/?kind=announcement&page_size=2&fields=slug&q=")
    older = response.json()["next"]
    assert older.startswith("http://testserver/api/v1/events/?kind=announcement&page_size=2&fields=slug&q=&before=")
    assert response.headers["Link"] == f'<{older}>; rel="next"'
    middle = client.get(older)
    links = middle.headers["Link"].split(", ")
    assert links == [f'<{middle.json()[name]}>; rel="{name}"' for name in ("next", "previous")]
    assert "before" not in middle.json()["previous"]


def test_cursor_is_good_for_its_filters_only(get, many):
    many(3)
    cursor = get("events/?page_size=1")["next"].partition("before=")[2]
    problem = get(f"events/?page_size=1&kind=announcement&before={cursor}", status=400)
    assert [error["parameter"] for error in problem["errors"]] == ["before"]
    assert "other filters" in problem["errors"][0]["detail"]


def test_fields_leaves_the_others_out(get):
    event = published_event()
    assert get("events/?fields=title,slug")["results"] == [{"slug": event.slug, "title": event.title}]
    assert get(f"events/{event.slug}/?fields=state") == {"state": "published"}
    [error] = get("events/?fields=title,secret", status=400)["errors"]
    assert error["parameter"] == "fields"
    assert error["detail"].startswith("There is no field “secret”. Valid are access_effects, agencies, ")


def test_count_is_exact_and_counted_once_a_revision(get, many, django_assert_num_queries):
    many(3)
    published_event(kind=EventKind.LISTING)
    assert "count" not in get("events/")
    assert get("events/?count=false&page_size=1") == get("events/?page_size=1") | {
        "next": get("events/?count=false&page_size=1")["next"]
    }
    assert get("events/?count=true&page_size=1")["count"] == 4
    assert get("events/?count=true&kind=announcement&q=number")["count"] == 3
    TimelineCount.objects.all().delete()  # would give 0
    assert get("events/?count=true")["count"] == 4
    published_event()  # another revision
    assert get("events/?count=true")["count"] == 1


def test_retracted_event_keeps_its_address_and_leaves_the_list(get, chief):
    event, other = published_event(), published_event()
    publishing.retract(event, by=chief, reason="It did not happen.")
    assert slugs(get("events/?count=true")) == [other.slug]
    document = get(f"events/{event.slug}/")
    assert document["state"] == State.RETRACTED
    assert document["retraction"]["reason"] == "It did not happen."


def test_merged_event_leads_to_the_one_that_it_became(client, get, chief):
    event, into = published_event(), published_event()
    publishing.merge(event, into=into, by=chief, note="The same.")
    response = client.get(f"/api/v1/events/{event.slug}/?fields=slug")
    assert response.status_code == 301
    assert response.headers["Location"] == f"/api/v1/events/{into.slug}/?fields=slug"
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {"slug": event.slug, "state": "merged", "merged_into": into.slug}
    assert slugs(get("events/")) == [into.slug]
    assert get(f"events/{event.slug}/history/")["results"][0]["action"] == "merged"


def test_old_revisions(client, get, chief):
    event = published_event(title="As it was")
    first = Change.objects.of("event", event.slug).get().seq
    event.title = "As it is"
    event.save()
    publishing.correct(event, by=chief, correction_class=CorrectionClass.CLERICAL, note="A word.")
    assert get(f"events/{event.slug}/")["title"] == "As it is"
    response = client.get(f"/api/v1/events/{event.slug}/?revision={first}")
    assert response.json()["title"] == "As it was"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get(f"events/{event.slug}/?revision={first + 1}&fields=title") == {"title": "As it is"}
    problem = get(f"events/{event.slug}/?revision={first - 1}", status=404)
    assert f"revision {first - 1}" in problem["detail"]
    for wrong in (f"{first + 2}", "0", "-1", "1.0", "x", "", "٣", "9" * 40):
        [error] = get(f"events/{event.slug}/?revision={wrong}", status=400)["errors"]
        assert error["parameter"] == "revision"


def test_redacted_document_is_gone_and_stays_null_in_the_history(get, chief):
    event = published_event()
    first = Change.objects.of("event", event.slug).get().seq
    event.summary = "Without the name."
    event.save()
    publishing.correct(event, by=chief, correction_class=CorrectionClass.SUBSTANTIVE, note="A name left out.")
    redaction = publishing.redact(first, by=chief, reason="A court's order.")
    assert "redacted" in get(f"events/{event.slug}/?revision={first}", status=410)["detail"]
    # The redaction itself is no state of the event.
    assert get(f"events/{event.slug}/?revision={redaction.seq}")["summary"] == "Without the name."
    history = get(f"events/{event.slug}/history/")["results"]
    assert [change["action"] for change in history] == ["redacted", "corrected", "published"]
    assert history[0]["note"] == "A court's order."
    assert history[2]["document"] is None


def test_history_is_newest_first_and_paged(get, chief):
    event = published_event()
    for number in range(4):
        event.title = f"Title {number}"
        event.save()
        publishing.correct(event, by=chief, correction_class=CorrectionClass.CLERICAL, note=f"Note {number}")
    everything = get(f"events/{event.slug}/history/")["results"]
    assert [change["note"] for change in everything] == ["Note 3", "Note 2", "Note 1", "Note 0", ""]
    assert everything[0]["document"] == get(f"events/{event.slug}/")
    first = get(f"events/{event.slug}/history/?page_size=2")
    second = get(first["next"].removeprefix("http://testserver"))
    third = get(second["next"].removeprefix("http://testserver"))
    assert first["results"] + second["results"] + third["results"] == everything
    assert third["next"] is None
    assert get(third["previous"].removeprefix("http://testserver"))["results"] == second["results"]


@pytest.mark.parametrize("query", ["", "?kind=announcement&from=2024-01-01", "?q=number", "?fields=slug&count=true"])
def test_list_asks_as_much_for_one_as_for_fifty(client: Client, many, django_assert_num_queries, query):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    numbers = []
    for events in (1, 50):
        many(events)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(f"/api/v1/events/{query}").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 6


def test_one_event_takes_two_queries(client, django_assert_num_queries, db):
    event = published_event()
    with django_assert_num_queries(2):  # the head of the log, the document
        client.get(f"/api/v1/events/{event.slug}/")
