"""Whole answers kept in memory: given again while the revision stands, and never a moment longer."""

import pytest
import time_machine
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events import caching
from events.caching import Front
from events.services import publishing
from tests.factories import published_event
from tests.wsgi import get

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connections_stay_open")]
MEGABYTE = 1 << 20


@pytest.fixture
def front(monkeypatch):
    monkeypatch.setattr(caching, "recent_revision", caching.RecentRevision())
    application = get_wsgi_application()
    asked = []

    def counting(environ, start_response):
        asked.append(environ["PATH_INFO"])
        # The handler would close the test's connection at the end of a request.
        return application(environ, start_response)

    found = Front(counting, room=4 * MEGABYTE)
    found.asked = asked
    return found


def test_an_answer_is_given_again_from_memory(front):
    published_event()
    first = get(front, "/api/v1/events/")
    assert get(front, "/api/v1/events/") == first
    assert front.asked == ["/api/v1/events/"]


def test_an_answer_from_memory_asks_the_database_for_the_revision_alone(front):
    published_event()
    get(front, "/api/v1/events/")
    with CaptureQueriesContext(connection) as counted:
        assert get(front, "/api/v1/events/")[0] == 200
    assert len(counted) == 0  # the one question goes past the ORM's cursors


def test_a_new_revision_ends_every_kept_answer(front):
    event = published_event()
    get(front, "/api/v1/events/")
    publishing.retract(event, by=None, reason="It did not happen.")
    _, _, body = get(front, "/api/v1/events/")
    assert event.slug.encode() not in body


def test_an_answer_from_memory_relies_on_a_revision_that_was_asked_a_moment_ago(front, settings):
    event = published_event()
    get(front, "/api/v1/events/")
    before = get(front, "/api/v1/events/")
    settings.REVISION_SECONDS = 60  # longer than any test: by default it is 5 ms
    publishing.retract(event, by=None, reason="It did not happen.")
    assert get(front, "/api/v1/events/") == before
    settings.REVISION_SECONDS = 0
    assert event.slug.encode() not in get(front, "/api/v1/events/")[2]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/changes/head/", {}),
        ("/api/v1/changes/", {}),
        ("/api/v1/changes/1/", {}),
        ("/api/v1/events/", {"HTTP_IF_NONE_MATCH": '"of-a-newer-revision"'}),
        ("/api/v1/events/", {"HTTP_IF_MODIFIED_SINCE": "Thu, 26 Nov 2026 12:00:00 GMT"}),
        ("/api/v1/events/", {"HTTP_COOKIE": "sessionid=an-editor"}),
    ],
    ids=["head of the log", "the log", "a change", "another version is known", "one of a day is known", "an editor"],
)
def test_who_would_notice_gets_no_answer_older_than_the_log(front, settings, path, headers):
    settings.REVISION_SECONDS = 60
    event = published_event()
    get(front, path)
    get(front, path)
    publishing.retract(event, by=None, reason="It did not happen.")
    get(front, path, **headers)
    assert front.asked == [path, path]


def test_whoever_was_told_the_head_is_not_answered_from_before_it(front, settings):
    settings.REVISION_SECONDS = 60
    event = published_event()
    for path in ("/api/v1/events/", "/api/v1/changes/head/") * 2:
        get(front, path)
    publishing.retract(event, by=None, reason="It did not happen.")
    get(front, "/api/v1/changes/head/")
    assert event.slug.encode() not in get(front, "/api/v1/events/")[2]


def test_addresses_and_headers_of_any_length_count_in_the_room_that_answers_have(front):
    published_event()
    get(front, "/api/v1/events/?page_size=1", HTTP_ACCEPT=f"application/json, text/{'x' * 100_000}")
    assert front.held > 100_000


def test_a_known_etag_is_answered_304_from_memory(front):
    published_event()
    _, headers, _ = get(front, "/api/v1/events/")
    status, again, body = get(front, "/api/v1/events/", HTTP_IF_NONE_MATCH=headers["ETag"])
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    assert front.asked == ["/api/v1/events/"]


def test_a_304_is_given_again_from_memory_and_a_whole_answer_made_once_somebody_asks_for_it(front):
    published_event()
    etag = get(front.application, "/api/v1/events/")[1]["ETag"]
    front.asked.clear()
    once, again = (get(front, "/api/v1/events/", HTTP_IF_NONE_MATCH=etag) for _ in range(2))
    assert [(status, headers["ETag"], body) for status, headers, body in (once, again)] == [(304, etag, b"")] * 2
    assert len(front.asked) == 1
    whole = get(front, "/api/v1/events/")
    assert (whole[0], len(front.asked)) == (200, 2)
    assert get(front, "/api/v1/events/") == whole
    assert get(front, "/api/v1/events/", HTTP_IF_NONE_MATCH=etag)[0] == 304
    assert len(front.asked) == 2


def test_an_answer_from_memory_tells_nobody_what_another_one_has_left(front, settings):
    settings.RATE_LIMIT = 10
    application = get_wsgi_application()
    front.application = lambda environ, start_response: application(environ, start_response)
    assert "RateLimit" in get(front, "/api/v1/events/")[1]
    status, headers, _ = get(front, "/api/v1/events/")
    assert (status, "RateLimit" in headers, "RateLimit-Policy" in headers) == (200, False, False)


def test_what_depends_on_the_day_is_made_anew_the_next_day(front):
    with time_machine.travel("2026-11-22 23:59:00+00:00", tick=False):
        get(front, "/")
    with time_machine.travel("2026-11-23 00:01:00+00:00", tick=False):
        get(front, "/")
    assert front.asked == ["/", "/"]


@pytest.mark.parametrize(
    "other",
    [
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_HOST": "localhost"},
        {"HTTP_HX_REQUEST": "true"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
    ],
)
def test_another_form_of_an_answer_is_another_answer(front, other):
    get(front, "/")
    get(front, "/", **other)
    assert front.asked == ["/", "/"]


def test_what_carries_authorization_is_neither_kept_nor_public(front):
    for _ in range(2):
        status, headers, _ = get(front, "/api/v1/events/", HTTP_AUTHORIZATION="Token x")
        assert (status, headers["Cache-Control"]) == (200, "private, no-store")
    assert len(front.asked) == 2


@pytest.mark.parametrize("path", ["/api/v1/status/", "/healthz", "/api/v1/events/?company=nobody", "/events/nothing/"])
def test_what_is_no_answer_of_the_record_is_not_kept(front, path):
    get(front, path)
    get(front, path)
    assert len(front.asked) == 2


def test_head_is_left_to_the_application(front):
    get(front, "/api/v1/events/")
    get(front, "/api/v1/events/", method="HEAD")
    assert len(front.asked) == 2


def test_the_oldest_answers_make_room(front):
    published_event()
    front.room = MEGABYTE // 8
    for number in range(1, 80):
        get(front, f"/api/v1/events/?page_size={number}")
    assert 0 < front.held <= front.room
    assert front.held == sum(kept.size for kept in front.kept.values())
