"""Every list as a table: all rows, whatever their number, and nothing that a page would not have."""

import csv
import io
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.api import tables
from events.api.tables import cell
from events.choices import RecordType
from events.documents import COLLECTIONS, MODELS, SERIALIZERS
from events.models import Change
from events.queries import timeline
from tests.api.test_records import one_of_each
from tests.factories import CompanyFactory, published_event

__all__ = ["one_of_each"]


@pytest.fixture
def rows(client, db):
    def rows(path: str) -> list[dict[str, str]]:
        response = client.get(f"/api/v1/{path}")
        assert response.status_code == 200, response.content
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(response.streaming_content).decode()
        found = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        assert response.headers["X-Row-Count"] == str(len(found))
        return found

    return rows


@pytest.mark.parametrize("record_type", RecordType)
def test_tables_hold_what_the_lists_hold(get, rows, one_of_each, record_type):
    collection = COLLECTIONS[MODELS[record_type]]
    documents = get(f"{collection}/")["results"]
    names = [name for name in SERIALIZERS[record_type]().fields if name not in ("body", "retraction")]
    assert rows(f"{collection}/?format=csv") == [
        {name: str(cell(name, document[name])) for name in names} for document in documents
    ]


def test_table_of_events_has_all_that_the_filters_match_in_batches(rows, many):
    events = many(12)
    with mock.patch.object(tables, "BATCH", 5):
        assert [row["slug"] for row in rows("events/?format=csv")] == [event.slug for event in events]
        assert [row["slug"] for row in rows("events/?format=csv&to=2024-01-02&fields=slug")] == [
            event.slug for event in events[-4:]
        ]
        assert len(rows("sources/?format=csv")) == 1


@pytest.mark.parametrize("number", [4, 5, 6, 10])
def test_tables_of_records_and_changes_end_with_the_last_row(rows, db, number):
    event = published_event()
    companies = CompanyFactory.create_batch(number - 1)
    for company in companies:
        published_event(actor=company)
    with mock.patch.object(tables, "BATCH", 5):
        assert len(rows("companies/?format=csv")) == number
        assert len(rows("changes/?format=csv")) == Change.objects.count()
    assert event


def test_table_of_changes_lies_between_its_cursors(get, rows, one_of_each):
    found = rows("changes/?format=csv&after=1")
    assert [row["seq"] for row in found] == [str(seq) for seq in range(2, Change.objects.count() + 1)]
    assert [row["seq"] for row in rows("changes/?format=csv&before=3")] == ["1", "2"]
    change = get("changes/2/")
    del change["document"]
    assert found[0] == {name: str(cell(name, value)) for name, value in change.items()}
    assert [row["key"] for row in rows("changes/?format=csv&type=event")] == [one_of_each.slug]
    assert [row["action"] for row in rows(f"events/{one_of_each.slug}/history/?format=csv")] == ["published"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("title", None, ""),
        ("title", "=1+1", "=1+1"),
        ("partial", True, "true"),
        ("aliases", ["A, B", "C"], "A, B; C"),
        ("publisher", {"slug": "reuters", "name": "Reuters"}, "reuters"),
        ("region", {"code": "030", "name": "Eastern Asia"}, "030"),
        ("companies", [{"slug": "a", "role": "actor"}, {"slug": "b", "role": "target"}], "a:actor b:target"),
        ("members", [{"code": "FR"}, {"code": "DE"}], "FR DE"),
        ("citations", [{"source": {"url": "https://a.example/"}}], "https://a.example/"),
        ("stages", [{"stage": "in_force", "date": "2024-07-09"}], "in_force:2024-07-09"),
        ("owns", [{"company": {"slug": "b"}, "kind": "parent"}], "b:parent"),
    ],
)
def test_cells_are_flat(name, value, expected):
    assert cell(name, value) == expected


@pytest.mark.parametrize("path", ["events/", "companies/", "changes/"])
def test_paging_a_table_is_refused(get, db, path):
    [error] = get(f"{path}?format=csv&page_size=5", status=400)["errors"]
    assert error["parameter"] == "page_size"
    get(f"{path}?format=xml", status=400)


def test_a_table_is_given_to_who_accepts_tables(client, db):
    assert client.get("/api/v1/events/?format=csv", headers={"Accept": "text/csv"}).status_code == 200
    for path in ("events/", "changes/", "companies/", "access/?country=CN"):
        refused = client.get(f"/api/v1/{path}", headers={"Accept": "text/csv"})
        assert refused.status_code == 406
        assert refused.json()["detail"] == (
            "Could not satisfy the request Accept header. There is application/json, text/html. With format=csv the "
            "same address gives all rows as text/csv; /api/v1/events/export/ gives events as CSV for spreadsheets."
        )
    refused = client.get("/api/v1/changes/head/", headers={"Accept": "text/csv"})
    assert refused.json()["detail"].endswith(" There is application/json, text/html.")


def test_a_table_that_is_known_is_not_sent_again(client, db):
    published_event()
    etag = client.get("/api/v1/events/?format=csv").headers["ETag"]
    assert client.get("/api/v1/events/?format=csv", headers={"If-None-Match": etag}).status_code == 304


def test_a_table_takes_a_query_a_batch(client, many):
    many(20)
    client.get("/api/v1/events/?format=csv")  # the count is kept
    numbers = []
    for batch in (20, 5):
        with mock.patch.object(tables, "BATCH", batch), CaptureQueriesContext(connection) as queries:
            b"".join(client.get("/api/v1/events/?format=csv").streaming_content)
        numbers.append(len(queries))
    assert numbers[1] == numbers[0] + 3


def test_the_first_rows_are_sent_before_the_rest_is_read(client, many):
    many(20)
    with mock.patch.object(tables, "BATCH", 5):
        lines = iter(client.get("/api/v1/events/?format=csv").streaming_content)
        assert next(lines).startswith(b"slug,")
        next(lines)
        with mock.patch.object(timeline, "page", side_effect=EOFError), pytest.raises(EOFError):
            next(lines)
