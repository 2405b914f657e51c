"""The short way past Django's handler: what it answers is what the long way answers, byte for byte."""

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from django.middleware.gzip import GZipMiddleware

from events.api.short_way import ShortWay
from events.api.urls import urlpatterns
from events.api.views.events import EventList
from events.api.views.records import RecordDetail
from events.models import Country
from events.services import publishing
from tests.factories import CompanyFactory, EventFactory, published_event
from tests.wsgi import get

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connections_stay_open")]

API = "/api/v1"
PLAIN = [
    "events/", "events/?page_size=1", "events/?count=true", "events/?kind=listing", "events/?fields=slug,title",
    "events/?kind=listing&to=2100-01-01", "events/?q=müller", "events/?tier=secondary", "events/first/",
    "events/first/?fields=title", "events/second/", "companies/", "companies/?page_size=1", "companies/heir/",
    "countries/CN/", "sources/?page_size=2", "changes/", "changes/?after=3&page_size=2", "changes/?type=company",
    "changes/head/", "changes/head/?at=2",
]  # fmt: skip
NOT_PLAIN = [
    "events/?country=cn&from=2020-01-01", "events/?company=ghost",
    "events/?kind=nothing", "events/?unknown=1", "events/?page_size=0", "events/?before=x", "events/?format=csv",
    "events/nobody/", "events/first/?revision=5", "events/first/?revision=99999", "companies/ghost/", "countries/cn/",
    "changes/head/?at=99999", "companies/heir/history/", "events/facets/", "access/?country=CN", "events", "nothing/",
]  # fmt: skip
CLIENTS = [
    {},
    {"HTTP_ACCEPT": "application/json", "HTTP_ACCEPT_ENCODING": "gzip, br"},
    {"HTTP_ORIGIN": "https://elsewhere.example"},
    {"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_ENCODING": "gzip"},
    {"HTTP_ACCEPT": "image/png"},
]


class Counting:
    """The application, which remembers what it was asked."""

    def __init__(self):
        self.application = get_wsgi_application()
        self.asked = 0

    def __call__(self, environ, start_response):
        self.asked += 1
        return self.application(environ, start_response)


@pytest.fixture
def long_way():
    return Counting()


@pytest.fixture
def short_way(long_way):
    return ShortWay(long_way, urlpatterns)


@pytest.fixture
def record():
    published_event(slug="first", title="First, by Müller")
    published_event(slug="second", kind="listing")
    long_enough = "A name long enough for its document to be worth compressing, " * 3
    ghost, heir = CompanyFactory(slug="ghost"), CompanyFactory(slug="heir", name=long_enough.strip())
    for row in (ghost, heir, Country.objects.get(code="CN")):
        publishing.publish_record(row, by=None)
    publishing.merge(ghost, into=heir, by=None, note="The same.")


@pytest.fixture(autouse=True)
def nothing_by_chance(monkeypatch):
    """Compressed bodies are padded by some random bytes."""
    monkeypatch.setattr(GZipMiddleware, "max_random_bytes", 0)
    monkeypatch.setattr("events.api.short_way.MOST_PADDING", 0)


@pytest.mark.parametrize("client", CLIENTS)
def test_both_ways_answer_the_same(short_way, long_way, record, client):
    for path in [*PLAIN, *PLAIN, *NOT_PLAIN]:
        assert get(short_way, f"{API}/{path}", **client) == get(long_way, f"{API}/{path}", **client), path


@pytest.mark.parametrize("client", CLIENTS[:3])
def test_plain_requests_take_the_short_way_once_their_view_has_answered(short_way, long_way, record, client):
    for path in PLAIN:
        get(short_way, f"{API}/{path}", **client)
    long_way.asked = 0
    for path in PLAIN:
        if "fields=" not in path:  # too short to be compressed, as the others are
            get(short_way, f"{API}/{path}", **client)
            assert long_way.asked == 0, path


@pytest.mark.parametrize(
    "special",
    [
        {"HTTP_AUTHORIZATION": "Token x"},
        {"HTTP_IF_NONE_MATCH": '"x"'},
        {"HTTP_IF_MODIFIED_SINCE": "Wed, 25 Nov 2026 00:00:00 GMT"},
        {"method": "HEAD"},
        {"method": "OPTIONS"},
    ],
)
def test_what_is_more_than_plain_goes_the_long_way(short_way, long_way, record, special):
    path = f"{API}/events/first/"
    get(short_way, path)
    assert get(short_way, path, **special) == get(long_way, path, **special)
    assert long_way.asked == 3


def test_a_new_revision_is_told_by_the_long_way_first(short_way, long_way, record):
    path = f"{API}/events/first/"
    before = get(short_way, path)
    event = published_event(slug="third")
    after = get(short_way, path)
    assert long_way.asked == 2
    assert (before[2], before[1]["ETag"] == after[1]["ETag"]) == (after[2], False)
    publishing.retract(event, by=None, reason="It did not happen.")
    assert b'"retracted"' in get(short_way, f"{API}/events/third/")[2]


def test_now_and_then_the_long_way_is_taken_again(short_way, long_way, record, monkeypatch):
    path = f"{API}/events/first/"
    get(short_way, path)
    monkeypatch.setattr("events.api.short_way.GOOD_FOR_SECONDS", -1)
    short_way.known.clear()
    for _ in range(2):
        get(short_way, path)
    assert long_way.asked == 3


@pytest.mark.parametrize("error", [OperationalError("The connection has gone."), RuntimeError("A mistake of ours.")])
def test_what_fails_on_the_short_way_is_left_to_the_long_one(short_way, long_way, record, monkeypatch, error):
    path = f"{API}/events/first/"
    get(short_way, path)
    read = RecordDetail.get
    failures = [error]

    def fails_once(*args, **kwargs):
        if failures:
            raise failures.pop()
        return read(*args, **kwargs)

    monkeypatch.setattr(RecordDetail, "get", fails_once)
    assert get(short_way, path)[0] == 200
    assert long_way.asked == 2


def test_requests_are_counted_once_on_either_way(long_way, record, settings):
    settings.RATE_LIMIT = 8
    long_way.application = get_wsgi_application()
    short_way = ShortWay(long_way, urlpatterns)
    told = []
    for path in ["events/first/", "events/first/", "events/nobody/", "events/second/", "events/?page_size=x"] * 2:
        status, headers, _ = get(short_way, f"{API}/{path}")
        told.append((status, headers["RateLimit"].partition(";t=")[0]))
    assert [each for each, _ in told] == [200, 200, 404, 200, 400, 200, 200, 404, 429, 429]
    assert told[7][1] == '"default";r=0'


def test_drafts_stay_out(short_way, record):
    EventFactory(slug="draft")
    get(short_way, f"{API}/events/first/")
    assert get(short_way, f"{API}/events/draft/")[0] == 404


def test_every_view_of_the_record_that_depends_on_nothing_else_has_a_short_way(short_way):
    assert {"events/", "events/<slug:key>/", "changes/", "changes/head/", "sources/<slug:key>/"} <= set(
        short_way.routes
    )
    assert "access/" not in short_way.routes  # it depends on the day
    assert short_way.routes["events/"].view is EventList
