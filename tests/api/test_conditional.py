"""Answers that a client has already are not sent again."""

import pytest
from django.test import Client

from events.api.views.about import job_status
from events.models import LogHead
from events.queries.jobs import job_health
from tests.factories import published_event

PATHS = [
    "events/",
    "events/the-event/",
    "events/the-event/history/",
    "companies/",
    "changes/",
    "changes/1/",
    "changes/head/",
]


@pytest.fixture(autouse=True)
def event(db):
    return published_event(slug="the-event")


@pytest.mark.parametrize("path", PATHS)
def test_304_by_revision_costs_one_query(client: Client, path, django_assert_num_queries):
    response = client.get(f"/api/v1/{path}")
    etag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert {"Accept", "Accept-Encoding"} <= {name.strip() for name in response.headers["Vary"].split(",")}
    assert not response.cookies
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
        with django_assert_num_queries(1):
            again = client.get(f"/api/v1/{path}", headers=headers)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": '"x"'}).status_code == 200
    published_event()
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_head_tells_what_get_would(client, path):
    got, head = client.get(f"/api/v1/{path}"), client.head(f"/api/v1/{path}")
    assert head.content == b""
    assert (head.status_code, head.headers) == (200, got.headers)


def test_etag_names_the_form_and_the_build(client, settings):
    def etag(**headers: str) -> str:
        return client.get("/api/v1/events/", headers=headers).headers["ETag"]

    tags = [etag(), etag(Accept="application/json")]
    settings.BUILD = "another"
    tags.append(etag())
    assert len(set(tags)) == 3


def test_answer_to_whoever_shows_a_token_is_private(client):
    response = client.get("/api/v1/events/", headers={"Authorization": "Token x"})
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")
    assert "ETag" not in response.headers


@pytest.mark.parametrize("path", ["events/", "events/the-event/", "changes/head/", "status/"])
def test_options_and_preflight(client, path):
    response = client.options(f"/api/v1/{path}", headers={"If-None-Match": "*"})
    assert (response.status_code, response.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")
    asks = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    preflight = client.options(f"/api/v1/{path}", headers=asks | {"Access-Control-Request-Headers": "if-none-match"})
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "if-none-match" in preflight.headers["Access-Control-Allow-Headers"]
    got = client.get(f"/api/v1/{path}", headers={"Origin": "https://elsewhere.example"})
    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in got.headers["Access-Control-Expose-Headers"]


def test_status_is_never_cached(client, settings):
    head = LogHead.objects.get()
    response = client.get("/api/v1/status/")
    assert response.json() == {
        "revision": head.seq,
        "last_change_at": client.get("/api/v1/changes/head/").json()["at"],
        "head_hash": head.hash,
        "outstanding_reissues": 0,
        "build": settings.BUILD,
        "api_version": "1",
        "jobs": [job_status(each) for each in job_health()],
        "feeds": [],
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
