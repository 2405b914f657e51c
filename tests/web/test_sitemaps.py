"""Sitemaps name every public page, and no other; llms.txt and robots.txt lead there."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from events.services import publishing
from events.web import sitemaps
from tests.factories import AgencyFactory, EventFactory, PolicyFactory, ProductFactory, published_event

pytestmark = pytest.mark.django_db
S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(client, address: str) -> list[str]:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
    root = ET.fromstring(response.content)
    assert root.tag in (f"{S}sitemapindex", f"{S}urlset")
    return [each.text or "" for each in root.iter(f"{S}loc")]


def every_page(client) -> list[str]:
    found = [
        address
        for section in locations(client, reverse("sitemap"))
        for address in locations(client, section.removeprefix("http://testserver"))
    ]
    assert len(found) == len(set(found))
    return [address.removeprefix("http://testserver") for address in found]


def test_every_public_page_is_listed_and_answers(client):
    event = published_event()
    others = [AgencyFactory(), PolicyFactory(), ProductFactory()]
    for record in others:
        publishing.publish_record(record, by=None)
    found = every_page(client)
    expected = {event.get_absolute_url(), event.companies.get().get_absolute_url()}
    expected |= {each.get_absolute_url() for each in others}
    assert expected | {"/about/", "/coverage/", "/data/"} <= set(found)
    for address in found:
        assert client.get(address).status_code == 200, address


def test_drafts_and_what_was_retracted_or_merged_are_left_out(client):
    draft = EventFactory()
    gone, merged, kept = published_event(), published_event(), published_event()
    publishing.retract(gone, by=None, reason="It did not happen.")
    publishing.merge(merged, into=kept, by=None, note="The same.")
    found = [address for address in every_page(client) if address.startswith("/events/")]
    assert found == [kept.get_absolute_url()]
    assert draft.get_absolute_url() not in found


def test_page_says_when_it_last_changed(client):
    event = published_event()
    content = client.get(reverse("sitemap-section", args=["event-0"])).content.decode()
    at = event.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"<loc>http://testserver{event.get_absolute_url()}</loc><lastmod>{at}</lastmod>" in content


def test_sections_are_bounded_and_a_page_stays_in_its_own(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "ROOM", 2)
    monkeypatch.setattr(sitemaps, "STEP", 1)
    events = [published_event() for _ in range(5)]
    highest = max(event.pk for event in events)
    assert f"http://testserver/sitemap-event-{highest // 2}.xml" in locations(client, reverse("sitemap"))
    section = reverse("sitemap-section", args=[f"event-{events[0].pk // 2}"])
    before = locations(client, section)
    assert 0 < len(before) <= 2
    published_event()
    assert locations(client, section)[: len(before)] == before
    assert {event.get_absolute_url() for event in events} <= set(every_page(client))


def test_index_asks_for_one_number_a_type_and_a_section_for_its_own_rows(client):
    for _ in range(3):
        published_event()
    with CaptureQueriesContext(connection) as counted:
        client.get(reverse("sitemap"))
    assert len(counted) <= 8
    with CaptureQueriesContext(connection) as counted:
        client.get(reverse("sitemap-section", args=["event-0"]))
    assert len(counted) <= 5
    rows = Event.objects.filter(pk__gte=0, pk__lt=10_000).order_by("pk")
    assert "event_by_state_and_date" not in rows.explain()


@pytest.mark.parametrize("section", ["event-99", "event-x", "source-0", "nothing", "event", "event--1"])
def test_there_is_no_other_section(client, section):
    assert client.get(f"/sitemap-{section}.xml").status_code == 404


def test_robots_find_the_sitemap(client):
    [address] = re.findall(r"^Sitemap: (.*)$", client.get("/robots.txt").content.decode(), re.MULTILINE)
    assert locations(client, address)


def test_language_models_find_the_data_its_terms_and_how_to_cite_it(client):
    published_event()
    response = client.get("/llms.txt")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("# AI Access Tracker\n\n> ")
    assert "CC BY 4.0" in text
    assert "## How to cite" in text
    addresses = re.findall(r"\]\(http://testserver([^)]*)\)", text)
    assert len(addresses) > 8
    for address in addresses:
        status = client.get(address).status_code
        assert status == 200 or "models_from" in address, address
