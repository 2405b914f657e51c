"""Counts of events by the values of each filter, and over time."""

import datetime as dt
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from events.choices import EventKind
from events.queries import bearing, facets
from events.services import publishing
from tests.api.test_schema import schema
from tests.factories import (
    CompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    MembershipFactory,
    published_event,
)

__all__ = ["schema"]


def counts(facet) -> dict[str, int | None]:
    return {each["value"]: each["count"] for each in facet["values"]}


@pytest.fixture
def three(db):
    acme, other = CompanyFactory(slug="acme", name="Acme"), CompanyFactory(slug="other", name="Other")
    return [
        published_event(date=dt.date(2024, 1, 1), kind=EventKind.LISTING, actor=acme),
        published_event(date=dt.date(2024, 5, 3), kind=EventKind.REPORT, actor=acme),
        published_event(date=dt.date(2025, 5, 3), kind=EventKind.REPORT, actor=other),
    ]


def test_each_facet_answers_to_the_other_filters_alone(get, three):
    found = get("events/facets/?company=acme&kind=report")
    assert (found["count"], found["exact"]) == (1, True)
    assert counts(found["company"]) == {"acme": 1, "other": 1}
    kinds = counts(found["kind"])
    assert (kinds["listing"], kinds["report"], kinds["ruling"]) == (1, 1, 0)
    assert found["company"]["values"][0] == {"value": "acme", "name": "Acme", "count": 1}
    assert found["company"]["complete"]


def test_facets_of_records_hold_the_most_frequent_and_what_is_asked_for(get, three):
    found = get("events/facets/?limit=1")
    assert counts(found["company"]) == {"acme": 2}
    assert not found["company"]["complete"]
    assert counts(get("events/facets/?limit=1&company=other")["company"]) == {"acme": 2, "other": 1}
    assert counts(get("events/facets/?company=other&kind=listing")["company"]) == {"acme": 1, "other": 0}


def test_a_country_counts_through_groups_on_the_days_of_its_membership(get, db):
    direct = EventFactory(date=dt.date(2024, 6, 1))
    EventCountryFactory(event=direct)
    group = MembershipFactory(country_id="CN", since=dt.date(2024, 5, 15)).group
    publishing.publish(direct, by=None)
    for day in (1, 20):
        event = EventFactory(date=dt.date(2024, 5, day))
        EventGroupFactory(event=event, group=group)
        publishing.publish(event, by=None)
    for query in ("", "?from=2024-05-01&to=2024-06-30", "?country=CN", "?q=number"):
        assert counts(get(f"events/facets/{query}")["country"]) == {"CN": 2}, query
    assert counts(get("events/facets/?from=2024-05-20")["country"]) == {"CN": 2}
    assert get("events/facets/?country=CN")["count"] == get("events/?country=CN&count=true")["count"] == 2
    assert [each["count"] for each in get("events/histogram/?country=CN")["intervals"]] == [1, 1]


def test_counts_of_too_many_events_are_absent_and_the_answer_says_so(get, three):
    with mock.patch.object(bearing, "MOST_READ", 1):
        found = get("events/facets/?q=number")
        histogram = get("events/histogram/?q=number")
    assert (found["count"], found["exact"]) == (None, False)
    assert found["company"] == {
        "exact": False,
        "complete": False,
        "values": [
            {"value": "acme", "name": "Acme", "count": None},
            {"value": "other", "name": "Other", "count": None},
        ],
    }
    assert set(counts(found["kind"]).values()) == {None}
    assert histogram == {"interval": "month", "count": None, "exact": False, "intervals": None}


def test_histogram_counts_months_quarters_and_years(get, three):
    found = get("events/histogram/?interval=quarter&company=acme")
    assert (found["interval"], found["count"], found["exact"]) == ("quarter", 2, True)
    assert found["intervals"][0] == {
        "interval": "2024-Q1", "from": "2024-01-01", "to": "2024-03-31",
        "count": 1, "restricts": 1, "relaxes": 0, "mixed": 0, "neither": 0,
    }  # fmt: skip
    assert [each["interval"] for each in get("events/histogram/")["intervals"]] == ["2024-01", "2024-05", "2025-05"]
    years = get("events/histogram/?interval=year")["intervals"]
    assert [(each["interval"], each["to"], each["count"]) for each in years] == [
        ("2024", "2024-12-31", 2),
        ("2025", "2025-12-31", 1),
    ]


def test_an_empty_record_has_counts_too(get, db):
    found = get("events/facets/")
    assert (found["count"], found["exact"], found["company"]["values"]) == (0, True, [])
    assert get("events/histogram/")["intervals"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "kind=war", "page_size=3", "interval=week"])
def test_bad_parameters_are_refused(get, db, query):
    get(f"events/facets/?{query}", status=400)
    get(f"events/histogram/?{query}", status=400)


def test_counts_are_as_the_schema_says(get, three, schema):
    for name, path in (("EventFacets", "facets"), ("EventHistogram", "histogram")):
        Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]}).validate(
            get(f"events/{path}/")
        )


@pytest.mark.parametrize("path", ["facets/", "facets/?kind=announcement", "histogram/?q=number", "facets/?q=number"])
def test_counts_ask_as_much_for_one_event_as_for_fifty(client, many, path):
    numbers = []
    for number in (1, 50):
        many(number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/events/{path}").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 12


def test_counts_are_made_once_a_revision(client, three, django_assert_num_queries):
    assert client.get("/api/v1/events/facets/?q=number").status_code == 200
    with mock.patch.object(facets, "facets", side_effect=AssertionError):
        assert client.get("/api/v1/events/facets/?q=number&limit=7").status_code == 200
