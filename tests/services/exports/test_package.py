"""What a package holds, read by the tools of those who will use it."""

import asyncio
import csv
import datetime as dt
import gc
import gzip
import hashlib
import io
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from datasette.app import Datasette
from django.db import transaction
from django.test import Client, override_settings
from frictionless import Package

from events.choices import RecordType
from events.models import Change, Export, LogHead
from events.queries.history import documents_at
from events.services.exports import building, package
from events.services.exports.tables import TABLES
from tests.services.exports.conftest import full_record, lines

pytestmark = pytest.mark.filterwarnings("ignore")  # other people's


class Made:
    """Two packages of one revision, and what the record says of it."""

    def __init__(self) -> None:
        full_record()
        old = Change.objects.of("event", "wrong").last()
        assert old
        Change.objects.filter(pk=old.pk).update(document=None)
        self.redacted = old.seq
        self.first, self.export = building.build().export, building.build(again=True).export
        self.folder = self.export.folder
        self.head = LogHead.objects.get()
        self.known = {kind: documents_at(self.head.seq, kind) for kind in RecordType}
        self.changes = Client().get("/api/v1/changes/?page_size=1000").content

    def lines(self, path: str) -> list[dict]:
        return lines(self.folder / path)

    def manifest(self, export: Export | None = None) -> dict:
        return json.loads((self.folder.with_name(str((export or self.export).pk)) / "datapackage.json").read_text())


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Made]:
    """Made once: the tests only read them."""
    root = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=root), transaction.atomic():
        yield Made()
        transaction.set_rollback(True)


def test_manifest_says_what_the_package_is(made):
    manifest, head = made.manifest(), made.head
    assert manifest["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert (manifest["name"], manifest["title"]) == ("ai-access-tracker", "AI Access Tracker")
    assert (manifest["revision"], manifest["head"]["seq"], manifest["head"]["hash"]) == (head.seq, head.seq, head.hash)
    assert manifest["previous"] == {"id": made.first.pk, "revision": head.seq}
    assert made.manifest(made.first)["previous"] is None
    assert manifest["base"] == f"/api/v1/exports/{made.export.pk}/"
    assert dt.datetime.fromisoformat(manifest["created"]).tzinfo == dt.UTC
    assert [each["name"] for each in manifest["licenses"]] == ["CC-BY-4.0"]
    [log] = (each for each in manifest["resources"] if each["name"] == "log")
    assert (log["path"], log["compression"], log["format"], log["rows"]) == ("log.ndjson.gz", "gz", "ndjson", head.seq)
    for each in manifest["resources"]:
        assert each["hash"].startswith("sha256:")
        assert all(field["description"] for field in each.get("schema", {"fields": ()})["fields"])


def test_texts_of_third_parties_are_marked(made):
    marked = {
        (each["name"], field["name"])
        for each in made.manifest()["resources"]
        for field in each.get("schema", {"fields": ()})["fields"]
        if field.get("rights") == "third-party"
    }
    tables = {"event_citations": "quote", "sources": "title"}
    forms = ("csv", "ndjson", "parquet")
    assert marked == {(f"{table}-{form}", field) for table, field in tables.items() for form in forms}


def test_package_is_valid_to_the_frictionless_library(made):
    manifest = made.manifest()
    data = {each["name"]: each for each in manifest["resources"]}
    # What the library cannot look at: Parquet, whose bytes it does not count, and NDJSON without a line.
    blind = {name for name, each in data.items() if each["format"] == "parquet" or each.get("rows") == 0}
    assert blind == {"delta", *(f"{table.name}-parquet" for table in TABLES)}
    manifest["resources"] = [each for name, each in data.items() if name not in blind]
    report = Package.from_descriptor(manifest, basepath=str(made.folder)).validate()
    gc.collect()  # files that the library leaves open are closed in this test, or another is told of them
    problems = [(task.name, error.message) for task in report.tasks for error in task.errors]
    assert (report.valid, problems, [error.message for error in report.errors]) == (True, [], [])
    for name in blind:
        content = (made.folder / data[name]["path"]).read_bytes()
        sums = (data[name]["bytes"], data[name]["hash"])
        assert (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") == sums


def test_sums_are_right(made):
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS.txt"]
    assert subprocess.run(command, cwd=made.folder, check=False).returncode == 0
    summed = {line.split("  ")[1] for line in (made.folder / "SHA256SUMS.txt").read_text().splitlines()}
    there = {str(each.relative_to(made.folder)) for each in made.folder.rglob("*") if each.is_file()}
    assert there == summed | {"SHA256SUMS.txt"} == {each["path"] for each in made.export.files}


def test_log_holds_each_change_as_the_api_gives_it(made):
    written = gzip.decompress((made.folder / "log.ndjson.gz").read_bytes()).splitlines()
    assert made.changes.endswith(b'"results":[%s]}' % b",".join(written))
    changes = [orjson.loads(line) for line in written]
    assert [each["seq"] for each in changes] == list(range(1, made.head.seq + 1))
    assert [each["seq"] for each in changes if each["document"] is None] == [made.redacted]


def test_documents_are_the_newest_of_what_is_listed(made):
    for record_type in RecordType:
        known = made.known[record_type].values()
        listed = [each for each in known if each.get("state", "published") == "published"]
        assert listed
        assert made.lines(package.documents_path(record_type)) == listed
    [retracted] = made.lines("ndjson/retracted_events.ndjson.gz")
    assert (retracted["slug"], retracted["reason"]) == ("wrong", "It never happened.")
    [merged] = made.lines("ndjson/merged_records.ndjson.gz")
    assert merged == {"type": "event", "slug": "double", "merged_into": "founding"}


def test_every_table_says_the_same_in_all_forms(made):
    database = sqlite3.connect(made.folder / "tracker.sqlite")
    for table in TABLES:
        names = [column.name for column in table.columns]
        rows = made.lines(package.path_of(table, "ndjson"))
        assert rows, table.name
        columns = ", ".join(f'"{name}"' for name in names)
        in_sql = database.execute(f"SELECT {columns} FROM {table.name} ORDER BY rowid").fetchall()
        assert in_sql == [tuple(row[name] for name in names) for row in rows]
        arrow = pq.read_table(made.folder / package.path_of(table, "parquet"))
        assert arrow.column_names == names
        assert [{name: plain(value) for name, value in row.items()} for row in arrow.to_pylist()] == rows
        text = gzip.decompress((made.folder / package.path_of(table, "csv")).read_bytes()).decode()
        head, *cells = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert head == names
        assert cells == [[spelled(row[name]) for name in names] for row in rows]
        assert text.endswith("\r\n")


def plain(value):
    """A value of Parquet as JSON has it."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, dt.date) else value


def spelled(value) -> str:
    """A value as CSV has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_tables_hold_what_the_documents_hold(made):
    [event] = (each for each in made.known["event"].values() if each["slug"] == "founding")
    [effect] = event["access_effects"]
    assert made.lines("ndjson/event_effect_exceptions.ndjson.gz") == [
        {"event": "founding", "effect": effect["id"], "country": "DE"}
    ]
    cited = [each for each in made.lines("ndjson/event_citations.ndjson.gz") if each["event"] == "founding"]
    assert [(each["source"], each["quote"]) for each in cited] == [
        (each["source"]["slug"], each["quote"]) for each in event["citations"]
    ]
    assert [each["author"] for each in made.lines("ndjson/source_authors.ndjson.gz")] == ["Ann Lee", "Bo Müller"]
    members = made.lines("ndjson/group_members.ndjson.gz")
    assert {each["country"] for each in members if each["group"] == "club"} == {"DE", "FR"}


def test_parquet_is_typed(made):
    schema = pq.read_schema(made.folder / "parquet/events.parquet")
    assert schema.field("date").type == pa.date32()
    assert schema.field("published_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("revision").type == pa.int64()
    events = pd.read_parquet(made.folder / "parquet/events.parquet")
    assert events.set_index("slug").loc["founding", "date"] == dt.date(2024, 7, 9)


def test_texts_in_csv_stand_as_they_are(made):
    aliases = pd.read_csv(made.folder / "csv/company_aliases.csv.gz", keep_default_na=False)
    assert aliases.alias.tolist() == ["=ACME()"]
    events = pd.read_csv(made.folder / "csv/events.csv.gz", keep_default_na=False).set_index("slug")
    assert events.loc["founding", "summary"] == "Line one\nline two, with “quotation marks”"


def test_sqlite_file_opens_in_datasette(made):
    async def ask(*paths: str):
        served = Datasette([str(made.folder / "tracker.sqlite")], settings={"num_sql_threads": 1})
        await served.invoke_startup()
        return [await served.client.get(path) for path in paths]

    paths = ("/tracker/events.json?_shape=array&_search=quotation", "/tracker/event_companies?event=founding")
    with ThreadPoolExecutor(1) as elsewhere:  # a browser test before may have left its event loop in this thread
        found, page = elsewhere.submit(asyncio.run, ask(*paths)).result()
    assert [each["slug"] for each in found.json()] == ["founding"]
    assert page.status_code == 200
    assert '<a href="/tracker/companies/acme">' in page.text
    database = sqlite3.connect(made.folder / "tracker.sqlite")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert dict(database.execute("SELECT * FROM about"))["revision"] == str(made.head.seq)


def test_citation_and_readme_name_the_revision(made):
    said = yaml.safe_load((made.folder / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "license", "date-released", "version"} <= set(said)
    assert (said["version"], said["license"], said["type"]) == (str(made.head.seq), "CC-BY-4.0", "dataset")
    assert f"revision {made.head.seq}" in (made.folder / "README.md").read_text()


def test_same_revision_gives_the_same_bytes(made):
    for path in ("log.ndjson.gz", "csv/events.csv.gz", "documents/events.ndjson.gz", "parquet/events.parquet"):
        assert made.first.file(path)["hash"] == made.export.file(path)["hash"], path
