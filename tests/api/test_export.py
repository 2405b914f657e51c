"""Everything that matches, as one file."""

import codecs
import csv
import io
import json

import openpyxl
import pytest

from tests.factories import EventFactory, published_event


def content(client, query: str) -> bytes:
    response = client.get(f"/api/v1/events/export/?{query}")
    assert (response.status_code, response.streaming) == (200, True)
    return b"".join(response.streaming_content)


def test_ndjson_has_every_document_and_ends_with_their_number(client, many, monkeypatch):
    monkeypatch.setattr("events.api.tables.BATCH", 2)
    events = many(5)
    EventFactory()  # a draft
    *documents, end = [json.loads(line) for line in content(client, "format=ndjson").splitlines()]
    assert [each["slug"] for each in documents] == [event.slug for event in events]
    assert documents == client.get("/api/v1/events/").json()["results"]
    revision = documents[0]["revision"]
    assert end["end"]["rows"] == 5
    assert end["end"]["from_revision"] == end["end"]["to_revision"] >= revision


def test_filters_and_fields_narrow_it(client, many):
    many(4)
    wanted = published_event(kind="ruling")
    lines = content(client, "format=ndjson&kind=ruling&fields=slug,date").splitlines()
    assert [json.loads(line) for line in lines[:-1]] == [{"slug": wanted.slug, "date": "2024-07-09"}]
    assert json.loads(lines[-1])["end"]["rows"] == 1


def test_nothing_that_matches_is_a_file_that_says_so(client, many):
    many(1)
    [end] = content(client, "format=ndjson&kind=ruling").splitlines()
    assert json.loads(end)["end"]["rows"] == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_csv_holds_nothing_that_a_spreadsheet_takes_for_a_formula(client, db, start):
    event = published_event(title=f'{start}HYPERLINK("http://evil.example")', summary="a -1 = b")
    text = content(client, "format=csv").decode("utf-8-sig")
    head, row, end = csv.reader(io.StringIO(text, newline=""))
    said = dict(zip(head, row, strict=True))
    assert said["title"] == f"'{event.title}"
    assert said["summary"] == "a -1 = b"
    assert end[0].startswith("#end rows=1 from_revision=")
    assert len(end) == len(head)


def test_csv_is_the_default_and_has_the_columns_of_the_list(client, many):
    many(2)
    listed = b"".join(client.get("/api/v1/events/?format=csv").streaming_content).splitlines()
    assert content(client, "").removeprefix(codecs.BOM_UTF8).splitlines()[:-1] == listed


def test_csv_opens_in_a_spreadsheet_with_its_letters(client, db):
    """Excel takes a file without the mark for one in the machine's own encoding. Tables for programs have none."""
    published_event(title="出口管制 für Müller")
    assert content(client, "format=csv&fields=title").startswith("\ufefftitle\r\n出口管制 für Müller\r\n".encode())
    assert b"".join(client.get("/api/v1/events/?format=csv&fields=title").streaming_content).startswith(b"title\r\n")


def test_workbook_has_typed_dates_and_says_how_many_rows_it_has(client, many):
    events = many(3)
    response = client.get("/api/v1/events/export/?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    head, *rows = book["Events"].values
    days = [row[head.index("date")].date() for row in rows]
    assert days == [event.date for event in events]
    assert dict(list(book["About"].values)[:1]) == {"rows": 3}
    assert response["Content-Disposition"].endswith('.xlsx"')


@pytest.mark.parametrize("form", ["csv", "ndjson", "xlsx"])
def test_reads_nothing_before_it_is_asked_to(client, many, form, django_assert_num_queries):
    many(5)
    with django_assert_num_queries(3):  # the head, for the ETag, the name and the first line
        response = client.get(f"/api/v1/events/export/?format={form}")
    with django_assert_num_queries(2):  # all events, and the head again
        b"".join(response.streaming_content)


def test_is_not_sent_twice(client, many):
    many(1)
    response = client.get("/api/v1/events/export/?format=ndjson")
    again = client.get("/api/v1/events/export/?format=ndjson", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    published_event()
    later = client.get("/api/v1/events/export/?format=ndjson", headers={"If-None-Match": response["ETag"]})
    assert later.status_code == 200


def test_head_reads_nothing(client, many):
    many(1)
    response = client.head("/api/v1/events/export/?format=csv")
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")


@pytest.mark.parametrize("query", ["format=pdf", "page_size=9", "kind=x"])
def test_what_it_does_not_know_is_an_error_by_name(get, query):
    [error] = get(f"events/export/?{query}", status=400)["errors"]
    assert error["parameter"] == query.partition("=")[0]
    assert error["detail"]


def test_any_accept_will_do(client, many):
    many(1)
    for accept in ("text/csv", "application/x-ndjson", "text/html"):
        assert client.get("/api/v1/events/export/?format=csv", headers={"Accept": accept}).status_code == 200


def test_workbooks_are_not_compressed_twice(client, many):
    many(3)
    for form, packed in {"xlsx": None, "csv": "gzip"}.items():
        response = client.get(f"/api/v1/events/export/?format={form}", headers={"Accept-Encoding": "gzip"})
        assert response.headers.get("Content-Encoding") == packed
