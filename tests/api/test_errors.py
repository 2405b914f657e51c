"""Every error is a problem document that names what is wrong."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.exceptions import Throttled

from events.api.views.events import EventList
from tests.factories import published_event

pytestmark = pytest.mark.django_db


def problem_of(response, status: int) -> dict:
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == response.request["PATH_INFO"]
    return problem


@pytest.mark.parametrize("name", [
    "event-list", "company-list", "country-list", "group-list", "agency-list", "policy-list", "product-list",
    "publisher-list", "source-list", "change-list", "change-head", "status", "schema",
])  # fmt: skip
def test_unknown_parameter_is_named_with_the_valid_ones(client, name):
    problem = problem_of(client.get(reverse(f"api:{name}"), {"colour": "red", "page_sise": "3"}), 400)
    assert [error["parameter"] for error in problem["errors"]] == ["colour", "page_sise"]
    if name == "event-list":
        assert problem["errors"][0]["detail"] == (
            "There is no such parameter. Valid are page_size, before, after, fields, count, format, agency, certainty, "
            "company, country, from, group, kind, match, policy, product, q, relation, role, tier, to."
        )


@pytest.mark.parametrize(
    ("path", "parameter", "detail"),
    [
        ("events/?page_size=0", "page_size", "A whole number from 1 to 200."),
        ("events/?page_size=201", "page_size", "A whole number from 1 to 200."),
        ("events/?page_size=ten", "page_size", "A whole number from 1 to 200."),
        ("events/?page_size=+1", "page_size", "A whole number from 1 to 200."),
        ("events/?page_size=1&page_size=2", "page_size", "It may be given once only."),
        ("events/?count=yes", "count", "One of true, false."),
        ("events/?before=nonsense", "before", "It is no cursor: take those that `next` and `previous` give."),
        ("events/?after=", "after", "It is no cursor: take those that `next` and `previous` give."),
        ("events/?kind=war", "kind", "Select a valid choice. war is not one of the available choices. Valid are "),
        ("events/?kind=", "kind", "It is empty: leave it out."),
        ("events/?from=", "from", "It is empty: leave it out."),
        ("events/?match=maybe", "match", "Select a valid choice. maybe is not one of the available choices. Valid "),
        (
            "events/?company=nobody",
            "company",
            "There is no company “nobody” in the record. Valid are the slugs that /api/v1/companies/ lists.",
        ),
        ("events/?company=a%00b", "company", "Null characters are not allowed."),
        (
            "events/?country=Atlantis",
            "country",
            "There is no country “Atlantis” in the record. Valid are codes of ISO 3166-1 alpha-2, such as CN.",
        ),
        ("events/?q=a%00b", "q", "Null characters are not allowed."),
        ("events/?from=2024", "from", "Write a date such as 2024-07-09."),
        ("events/?from=2024-13-01", "from", "Write a date such as 2024-07-09."),
        ("events/?from=2024-02-01&to=2024-01-01", "to", "The range ends before it starts."),
        ("events/?from=2024-01-01&from=2024-02-01", "from", "It may be given once only."),
        ("events/?from=2024-7-9", "from", "Write a date such as 2024-07-09."),
        ("events/?from=٢٠٢٤-07-09", "from", "Write a date such as 2024-07-09."),
        ("events/?to=2024-02-30", "to", "Write a date such as 2024-07-09."),
        ("events/?q=%25", "q", "There is no word in it to look for."),
        ("events/?q=%F0%9F%A4%96", "q", "There is no word in it to look for."),
        ("events/?role=actor", "role", "A role is one of a company"),
        ("companies/?after=No Slug", "after", "A slug or code."),
        ("companies/?before=a&after=b", "after", "A page lies before or after a cursor: give one of the two."),
        ("changes/?after=-1", "after", "A whole number from 0 to 9007199254740991."),
        ("changes/?type=events", "type", "One of event, company, agency, "),
        ("changes/?page_size=1001", "page_size", "A whole number from 1 to 1000."),
        ("changes/head/?at=1", "at", "The newest change is 0."),
    ],
)  # fmt: skip
def test_malformed_value_is_named(client, path, parameter, detail):
    problem = problem_of(client.get(f"/api/v1/{path}"), 400)
    assert [error["parameter"] for error in problem["errors"]] == [parameter]
    assert problem["errors"][0]["detail"].startswith(detail)


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing/", "/api/v1/events/a/b/", "/api/", "/api/v2/events/", "/api/v1/events/a%00b/"]
)
def test_unknown_address(client, path):
    problem_of(client.get(path), 404)


def test_address_outside_the_api_has_its_page(client):
    assert client.get("/nothing/").headers["Content-Type"].startswith("text/html")


def test_address_without_its_slash_leads_to_the_one_with(client):
    response = client.get("/api/v1/events?page_size=2")
    assert (response.status_code, response.headers["Location"]) == (301, "/api/v1/events/?page_size=2")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods(client, method):
    response = getattr(client, method)("/api/v1/events/")
    problem_of(response, 405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_form_that_there_is_not(client):
    problem_of(client.get("/api/v1/events/", headers={"Accept": "image/png"}), 406)
    assert client.get("/api/v1/events/", headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200


def test_throttled_says_when_to_come_again(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise Throttled(wait=12.3)

    monkeypatch.setattr(EventList, "check_throttles", refuse)
    response = client.get("/api/v1/events/")
    problem_of(response, 429)
    assert response.headers["Retry-After"] == "13"


def test_error_of_ours_is_logged_and_says_nothing(monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("a secret")

    monkeypatch.setattr(EventList, "get", fail)
    response = Client(raise_request_exception=False).get("/api/v1/events/")
    problem_of(response, 500)
    assert b"secret" not in response.content
    assert "Internal Server Error: /api/v1/events/" in caplog.text


def test_problem_is_open_to_other_sites_too(client):
    published_event()
    for path, status in (("/api/v1/events/", 200), ("/api/v1/events/?a=b", 400), ("/api/v1/nothing/", 404)):
        response = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (status, "*")
