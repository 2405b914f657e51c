"""Bulk files over HTTP."""

import base64
import csv
import hashlib
import json

import pytest
from django.test import Client

from events.services.exports import building
from tests.api.test_schema import schema, validator
from tests.factories import published_event

__all__ = ["schema"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def export():
    published_event()
    return building.build().export


def ask(client, path: str, **headers: str):
    response = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return response, b"".join(response.streaming_content) if response.streaming else response.content


def test_before_there_is_one_the_answer_says_when_there_will_be(client, get):
    for path in ("exports/latest/manifest.json", "exports/latest/log.ndjson.gz"):
        assert "empty" in get(path, status=404)["detail"]
    assert get("exports/")["results"] == []
    published_event()
    response = client.get("/api/v1/exports/latest/manifest.json")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert (response["Retry-After"], response["Cache-Control"]) == ("60", "no-store")
    assert "come again in 60 seconds" in response.json()["detail"]


def test_manifest_of_the_newest_has_a_stable_address(client, export):
    response, content = ask(client, "/api/v1/exports/latest/manifest.json", Accept="text/html")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert content == (export.folder / "datapackage.json").read_bytes()
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    again, _ = ask(client, "/api/v1/exports/latest/manifest.json", If_None_Match=response["ETag"])
    assert again.status_code == 304
    published_event()
    building.build()
    later, _ = ask(client, "/api/v1/exports/latest/manifest.json", If_None_Match=response["ETag"])
    assert later.status_code == 200


def test_every_file_of_the_manifest_can_be_had(client, export):
    manifest = json.loads(ask(client, "/api/v1/exports/latest/manifest.json")[1])
    for resource in manifest["resources"]:
        moved = client.get(f"/api/v1/exports/latest/{resource['path']}")
        assert (moved.status_code, moved["Location"]) == (302, f"{manifest['base']}{resource['path']}")
    for resource in manifest["resources"][::9]:
        response, content = ask(client, f"{manifest['base']}{resource['path']}", Accept_Encoding="gzip")
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == resource["hash"]
        assert (len(content), int(response["Content-Length"])) == (resource["bytes"], resource["bytes"])
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["ETag"] == f'"{resource["hash"].removeprefix("sha256:")}"'
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert response["Repr-Digest"] == f"sha-256=:{digest}:"
        assert "Content-Encoding" not in response


def test_downloads_resume(client, export):
    path, whole = f"{export.base}log.ndjson.gz", (export.folder / "log.ndjson.gz").read_bytes()
    size = len(whole)
    etag = ask(client, path)[0]["ETag"]
    for asked, start, end in (
        ("bytes=0-9", 0, 10), ("bytes=10-", 10, size), ("bytes=-7", size - 7, size), (f"bytes=5-{size * 2}", 5, size),
        (f"bytes=-{size * 2}", 0, size),
    ):  # fmt: skip
        response, content = ask(client, path, Range=asked, If_Range=etag)
        assert (response.status_code, content) == (206, whole[start:end])
        assert response["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert int(response["Content-Length"]) == end - start
    for asked, condition in (
        ("bytes=0-9", '"another"'), ("bytes=0-1,5-6", etag), ("lines=0-9", etag), ("bytes=9-0", etag),
        ("bytes=-", etag),
    ):  # fmt: skip
        response, content = ask(client, path, Range=asked, If_Range=condition)
        assert (response.status_code, content) == (200, whole), asked
    for asked in (f"bytes={size}-", "bytes=-0"):
        response, content = ask(client, path, Range=asked)
        assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{size}")
        assert json.loads(content)["status"] == 416
    head = client.head(path, headers={"Range": "bytes=0-9"})
    assert (head["Accept-Ranges"], head["Content-Length"], head.content) == ("bytes", "10", b"")


def test_scripts_of_other_sites_may_ask_for_ranges():
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    response = Client().options("/api/v1/exports/1/tracker.sqlite", headers={"Origin": "https://a.example"} | asked)
    assert "range" in response["Access-Control-Allow-Headers"]


OUTSIDE = (
    "../../secret_key", "..%2f..%2fsecret_key", ".lock", "csv", "csv/", "csv/../log.ndjson.gz", "/etc/passwd", "a%00",
)  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_of_the_package(client, export, path):
    for folder in (export.base, "/api/v1/exports/latest/"):
        response = client.get(f"{folder}{path}")
        assert response.status_code == 404, response.headers


def test_list_and_detail_are_as_the_schema_says(get, export, schema):
    published_event()
    newer = building.build().export
    listed = get("exports/")
    validator(schema, "ExportList").validate(listed)
    assert [each["id"] for each in listed["results"]] == [newer.pk, export.pk]
    assert get("exports/?page_size=1")["next"].endswith(f"before={newer.pk}")
    assert get(f"exports/{newer.pk}/") == listed["results"][0]
    [log] = (each for each in listed["results"][0]["files"] if each["name"] == "log")
    assert (log["rows"], log["url"]) == (newer.revision, f"{newer.base}log.ndjson.gz")
    assert listed["results"][0]["previous"] == export.pk


def test_list_comes_as_a_table(client, get, export):
    published_event()
    building.build()
    response, content = ask(client, "/api/v1/exports/?format=csv")
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert response["X-Row-Count"] == "2"
    listed = [{name: str(value or "") for name, value in each.items()} for each in get("exports/")["results"]]
    assert rows == [{name: each[name] for name in rows[0]} for each in listed]
    assert set(listed[0]) - set(rows[0]) == {"files"}
    assert "page_size" in str(get("exports/?format=csv&page_size=1", status=400)["errors"])


def test_what_is_gone_says_why(get, export, settings):
    settings.EXPORTS_KEPT = 1
    newer = building.build(again=True).export
    assert "removed" in get(f"{export.base}log.ndjson.gz", status=410)["detail"]
    assert "removed" in get(export.base, status=410)["detail"]
    building.withdraw(1)
    assert "redacted" in get(f"{newer.base}log.ndjson.gz", status=410)["detail"]
    assert "withdrawn" in get("exports/latest/manifest.json", status=404)["detail"]
    assert get("exports/")["results"] == []
    get("exports/99/", status=404)
    get(f"exports/{2**70}/", status=404)


def test_a_file_that_this_machine_lacks_is_a_404(get, export):
    (export.folder / "log.ndjson.gz").unlink()
    assert "This machine" in get(f"{export.base}log.ndjson.gz", status=404)["detail"]
