"""How often a client may ask."""

import pytest
import time_machine
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError

from tests.factories import published_event
from tracker.cache import Dispensable
from tracker.client import client_of
from tracker.limits import Limit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ten_a_minute(settings):
    settings.RATE_LIMIT = 10
    with time_machine.travel("2026-11-22 12:00:15+00:00", tick=False) as traveller:
        yield traveller


def rate(response) -> tuple[str | None, str | None]:
    return response.headers.get("RateLimit-Policy"), response.headers.get("RateLimit")


def test_answers_tell_what_is_left(client):
    assert rate(client.get("/api/v1/events/")) == ('"default";q=10;w=60', '"default";r=9;t=45')
    assert rate(client.get("/api/v1/events/?a=b")) == ('"default";q=10;w=60', '"default";r=8;t=45')
    assert rate(client.get("/api/v1/nothing/"))[1] == '"default";r=7;t=45'
    assert rate(client.post("/api/v1/access/batch/", {}, content_type="application/json"))[1] == '"default";r=6;t=45'


def test_one_too_many_is_refused_until_the_minute_is_over(client, ten_a_minute):
    for _ in range(10):
        assert client.get("/api/v1/status/").status_code == 200
    for _ in range(2):
        response = client.get("/api/v1/status/", headers={"Origin": "https://elsewhere.example"})
        assert (response.status_code, response.headers["Retry-After"]) == (429, "45")
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["detail"] == "At most 10 requests in 60 seconds: come again in 45."
        assert rate(response)[1] == '"default";r=0;t=45'
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    ten_a_minute.shift(45)
    assert rate(client.get("/api/v1/status/"))[1] == '"default";r=9;t=60'


def test_clients_are_counted_apart(client):
    for _ in range(10):
        client.get("/api/v1/status/")
    assert client.get("/api/v1/status/", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/api/v1/status/").status_code == 429


def test_address_is_that_which_our_proxies_saw(client, settings):
    for n in range(10):
        client.get("/api/v1/status/", headers={"X-Forwarded-For": f"192.0.2.{n}"})
    assert client.get("/api/v1/status/", headers={"X-Forwarded-For": "192.0.2.99"}).status_code == 429
    settings.PROXIES = 1
    assert client.get("/api/v1/status/", headers={"X-Forwarded-For": "192.0.2.99"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (":", "unknown"),
    ],
)
def test_a_client_of_ipv6_is_its_network(rf, address, expected):
    assert client_of(rf.get("/", REMOTE_ADDR=address)) == expected


def test_what_is_not_new_is_free_and_says_nothing(client):
    published_event()
    etag = client.get("/api/v1/events/").headers["ETag"]
    for _ in range(20):
        response = client.get("/api/v1/events/", headers={"If-None-Match": etag})
        assert response.status_code == 304
        assert rate(response) == (None, None)
    assert rate(client.get("/api/v1/status/"))[1] == '"default";r=8;t=45'


def test_asking_whether_anything_is_new_has_its_ceiling(client):
    etag = client.get("/api/v1/events/").headers["ETag"]
    for _ in range(100):
        assert client.get("/api/v1/events/", headers={"If-None-Match": etag}).status_code == 304
    assert client.get("/api/v1/events/", headers={"If-None-Match": etag}).status_code == 429


def test_an_etag_that_is_wrong_saves_nothing(client):
    for left in range(9, -1, -1):
        response = client.get("/api/v1/events/", headers={"If-None-Match": '"x"'})
        assert rate(response)[1] == f'"default";r={left};t=45'
    assert client.get("/api/v1/events/", headers={"If-None-Match": '"x"'}).status_code == 429


def test_pages_are_not_limited(client):
    for _ in range(12):
        response = client.get("/healthz")
    assert (response.status_code, rate(response)) == (200, (None, None))


def test_no_limit_is_no_header(client, settings):
    settings.RATE_LIMIT = 0
    assert rate(client.get("/api/v1/status/")) == (None, None)


def test_processes_share_one_count():
    processes = [Limit("default", 600, 60) for _ in range(3)]
    allowed = sum(limit.spend("192.0.2.1", 1000.0) is not None for _ in range(700) for limit in processes)
    assert allowed == 600
    assert processes[0].spend("192.0.2.1", 1020.0) is not None  # the next minute


def test_few_requests_ask_the_cache(monkeypatch):
    asked = []
    monkeypatch.setattr(cache, "add", lambda *args: asked.append(args) or True)
    limit = Limit("default", 600, 60)
    for _ in range(30):
        limit.spend("192.0.2.1", 1000.0)
    assert len(asked) == 1


def test_a_cache_that_fails_refuses_nobody(monkeypatch):
    class Failing(LocMemCache):
        def add(self, *args, **kwargs):
            raise DatabaseError

        incr = touch = add

    class Cache(Dispensable, Failing):
        pass

    monkeypatch.setattr("tracker.limits.cache", Cache("", {}))
    limit = Limit("default", 10, 60)
    assert [limit.spend("192.0.2.1", 1000.0) for _ in range(11)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, None]
