import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from events.services import publishing
from events.services.exports import building
from events.web.views import site
from tests.factories import AgencyFactory, PolicyFactory, ProductFactory, published_event

pytestmark = pytest.mark.django_db
PAGES = ("timeline", "company-list", "country-list", "policy-list", "product-list", "agency-list", "change-list",
         "correction-list", "about", "coverage", "data", "design", "report-error")  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_on_an_empty_record(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    policy = {each.strip() for each in response["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= policy


def public_pages(client):
    event = published_event()
    records = [AgencyFactory(), PolicyFactory(), ProductFactory()]
    for record in records:
        publishing.publish_record(record, by=None)
    addresses = [reverse(name) for name in PAGES]
    addresses += [event.get_absolute_url(), reverse("event-history", args=[event.slug])]
    addresses += [each.get_absolute_url() for each in (*records, event.companies.get())]
    return {address: client.get(address).content.decode() for address in addresses}


def test_no_page_has_inline_styles_or_scripts_or_loads_anything_from_elsewhere(client):
    for address, content in public_pages(client).items():
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", content), address
        assert not re.search(r'<script(?! type="application/ld\+json">|[^>]*\ssrc=)', content), address
        loads = re.sub(r'<link rel="(?:canonical|alternate)"[^>]*>', "", content)
        loaded = re.findall(r'<(?:link|script|img|iframe)\b[^>]*?\s(?:href|src)="([^"]*)"', loads)
        assert loaded, address
        assert all(each.startswith("/static/") for each in loaded), address


def test_every_page_has_one_h1_a_title_landmarks_and_labels(client):
    for address, content in public_pages(client).items():
        assert len(re.findall(r"<h1[ >]", content)) == 1, address
        assert re.search(r"<title>\s*\S", content), address
        assert content.count("<main") == 1, address
        assert 'href="#main"' in content, address
        ids = re.findall(r'\sid="([^"]+)"', content)
        assert len(ids) == len(set(ids)), address
        for field in re.findall(r'<(?:input|select)[^>]*\sid="([^"]+)"', content):
            assert f'for="{field}"' in content, (address, field)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_reads_no_revision_is_not_kept_for_ever(client, name):
    revision = publishing.publish_record(ProductFactory(), by=None).seq
    response = client.get(reverse(name), {"revision": revision, "on": "2024-07-10"})
    assert "immutable" not in response["Cache-Control"]


def test_readyz_says_ready(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "checks": {"database": True, "migrations": True, "log": True}}
    assert "no-store" in response["Cache-Control"]


def test_readyz_says_503_without_a_database(client, monkeypatch):
    def gone():
        raise OperationalError("no route to host db-7.internal")

    monkeypatch.setattr(site.connection, "ensure_connection", gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "db-7" not in response.content.decode()


def test_readyz_says_503_where_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(site, "migrated", set())
    monkeypatch.setattr(site.MigrationExecutor, "migration_plan", lambda self, targets: ["something"])
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, False)


def test_robots_may_read_all_but_the_admin(client):
    text = client.get("/robots.txt").content.decode()
    assert text.partition("\n\n")[0] == "User-agent: *\nDisallow: /admin/\nDisallow: /report/"


def test_an_error_has_a_page_of_its_own(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("events.web.views.log.shown", broken)
    response = Client(raise_request_exception=False).get(reverse("change-list"))
    assert response.status_code == 500
    assert "Something went wrong here" in response.content.decode()


def test_every_fragment_says_what_context_it_needs():
    fragments = [path for path in Path(settings.BASE_DIR / "templates").rglob("_*.html") if "admin" not in path.parts]
    assert fragments
    for path in fragments:
        assert re.match(r"({% load [^%]*%}|{% extends [^%]*%}|\s)*({#|{% comment %})", path.read_text()), path


def test_browsers_find_an_icon_where_they_look_for_one(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].startswith("/static/img/icon")


def in_our_frame(response) -> str:
    content = response.content.decode()
    assert '<header class="site">' in content
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)", content)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    return re.findall(r"<h1>(.*?)</h1>", content)[0]


def test_form_without_its_token_is_refused_in_our_frame():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "jane", "password": "x"})
    assert (response.status_code, in_our_frame(response)) == (403, "The form was not accepted")


def test_strange_host_is_refused_in_our_frame():
    response = Client(raise_request_exception=False).get("/companies/", headers={"host": "evil.example"})
    assert (response.status_code, in_our_frame(response)) == (400, "This could not be understood")


def test_what_is_forbidden_is_refused_in_our_frame():
    from django.test import RequestFactory
    from django.views.defaults import permission_denied

    response = permission_denied(RequestFactory().get("/"), Exception())
    assert response.status_code == 403
    assert "<h1>You may not do this</h1>" in response.content.decode()


def test_data_page_lists_the_files_of_the_newest_package(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    published_event()
    before = client.get(reverse("data"))
    assert "come again" in before.content.decode()
    export = building.build().export
    after = client.get(reverse("data"), headers={"If-None-Match": before["ETag"]})  # at the same revision
    content = after.content.decode()
    for name in ("log.ndjson.gz", "tracker.sqlite", "csv/events.csv.gz", "parquet/event_effects.parquet"):
        file = export.file(name)
        assert f'<a href="{export.base}{name}" download>' in content
        assert file["hash"].removeprefix("sha256:") in content or "/" in name
    again = client.get(reverse("data"), headers={"If-None-Match": after["ETag"]})
    assert again.status_code == 304
