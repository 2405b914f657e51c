"""The feeds keep to Atom (RFC 4287) and JSON Feed 1.1, and tell new, corrected and retracted events apart."""

import datetime as dt
import re
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.models import Company
from events.services import publishing, reissue
from tests.factories import CompanyFactory, EventFactory, published_event

pytestmark = pytest.mark.django_db
A = "{http://www.w3.org/2005/Atom}"
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"


def atom(client, **filters) -> ET.Element:
    response = client.get(reverse("feed-atom"), filters)
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = ET.fromstring(response.content)
    check_atom(feed)
    return feed


def text(holder: ET.Element, name: str) -> str:
    found = holder.findtext(f"{A}{name}")
    assert found is not None, name
    return found


def check_atom(feed: ET.Element) -> None:
    """What RFC 4287 demands of a feed and of each entry (sections 4.1.1 and 4.1.2), and of each construct."""
    assert feed.tag == f"{A}feed"
    for holder in (feed, *feed.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            [one] = holder.findall(f"{A}{name}")
            assert one.text, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", text(holder, "id"))
        for name in ("updated", "published"):
            assert all(re.fullmatch(RFC3339, each.text or "") for each in holder.findall(f"{A}{name}"))
        kinds = [(link.get("rel"), link.get("type")) for link in holder.findall(f"{A}link")]
        assert len(kinds) == len(set(kinds))
        assert all(re.match(r"https?://", link.get("href") or "") for link in holder.findall(f"{A}link"))
    assert feed.findtext(f"{A}author/{A}name")  # so entries need none
    assert len(feed.findall(f"{A}link[@rel='self']")) == 1
    ids = [text(entry, "id") for entry in feed.findall(f"{A}entry")]
    assert len(ids) == len(set(ids))
    for entry in feed.findall(f"{A}entry"):
        assert len(entry.findall(f"{A}content")) == 1
        assert len(entry.findall(f"{A}summary")) <= 1
        assert all(category.get("term") for category in entry.findall(f"{A}category"))
    order = [text(entry, "updated") for entry in feed.findall(f"{A}entry")]
    assert order == sorted(order, reverse=True)


def json_feed(client, **filters) -> dict:
    response = client.get(reverse("feed-json"), filters)
    assert (response.status_code, response["Content-Type"]) == (200, "application/feed+json")
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    for item in feed["items"]:
        assert item["content_html"]
        assert all(re.fullmatch(RFC3339, item[name]) for name in ("date_published", "date_modified"))
        assert item["url"].startswith("http://testserver/events/")
    known = {"version", "title", "home_page_url", "feed_url", "description", "language", "authors", "items", "next_url"}
    assert set(feed) <= known
    return feed


def entries(client, **filters) -> list[tuple[str, list[str]]]:
    """Title and categories of each entry: the same in both formats."""
    from_json = [(item["title"], item["tags"]) for item in json_feed(client, **filters)["items"]]
    from_atom = [
        (text(entry, "title"), [each.get("term") for each in entry.findall(f"{A}category")])
        for entry in atom(client, **filters).findall(f"{A}entry")
    ]
    assert from_atom == from_json
    return from_json


def corrected(event, title: str):
    event.title = title
    event.save()
    return publishing.correct(event, by=None, correction_class="substantive", note="The order was another one.")


def test_an_empty_record_has_feeds_too(client):
    assert entries(client) == []


def test_new_corrected_and_retracted_are_told_apart(client):
    _, mended, gone = (published_event(title=title) for title in ("One", "Two", "Three"))
    corrected(mended, "Two, mended")
    publishing.retract(gone, by=None, reason="It did not happen.")
    assert entries(client) == [
        ("Retracted: Three", ["retracted", "announcement"]),
        ("Corrected: Two, mended", ["corrected", "announcement"]),
        ("One", ["new", "announcement"]),
    ]
    withdrawn, again, first = json_feed(client)["items"]
    assert "It did not happen." in withdrawn["content_html"]
    assert "The order was another one." in again["content_html"]
    assert first["date_published"] == first["date_modified"]
    assert again["date_published"] < again["date_modified"]


def test_an_event_keeps_its_id_and_is_in_the_feed_once(client):
    event = published_event()
    [before] = json_feed(client)["items"]
    corrected(event, "Another title")
    corrected(event, "Yet another title")
    [after] = json_feed(client)["items"]
    publishing.retract(event, by=None, reason="It did not happen.")
    [at_last] = json_feed(client)["items"]
    assert before["id"] == after["id"] == at_last["id"]


def test_a_reissue_moves_nothing(client):
    company = CompanyFactory(name="Open AI")
    published_event(actor=company)
    newer = published_event()
    before = json_feed(client)["items"]
    company.name = "OpenAI"
    company.save()
    publishing.correct(company, by=None, correction_class="clerical", note="Its own spelling.")
    reissue.run_outstanding()
    after = json_feed(client)["items"]
    assert [item["title"] for item in after] == [newer.title, before[1]["title"]]
    assert [item["date_modified"] for item in after] == [item["date_modified"] for item in before]
    assert after[1]["_tracker"]["revision"] > before[1]["_tracker"]["revision"]


def test_filters_of_the_timeline_apply_to_what_is_retracted_too(client):
    ours, other = CompanyFactory(), CompanyFactory()
    kept = published_event(actor=ours, title="Kept")
    gone = published_event(actor=ours, title="Gone")
    elsewhere = published_event(actor=other, title="Elsewhere")
    for event in (gone, elsewhere):
        publishing.retract(event, by=None, reason="It did not happen.")
    assert [title for title, _ in entries(client, company=ours.slug)] == ["Retracted: Gone", kept.title]
    assert [title for title, _ in entries(client, q="elsewhere")] == ["Retracted: Elsewhere"]
    feed = json_feed(client, company=ours.slug)
    assert feed["title"] == f"AI Access Tracker: {Company.objects.get(pk=ours.pk).name}"
    assert feed["home_page_url"] == f"http://testserver/?company={ours.slug}"


def test_long_feed_goes_on_on_pages(client, monkeypatch):
    monkeypatch.setattr("events.web.feeds.PAGE", 2)
    titles = [published_event().title for _ in range(5)][::-1]
    found, address = [], reverse("feed-json")
    while address:
        feed = client.get(address).json()
        found += [item["title"] for item in feed["items"]]
        address = feed.get("next_url")
    assert found == titles
    assert len(atom(client).findall(f"{A}link[@rel='next']")) == 1


@pytest.mark.parametrize("name", ["feed-atom", "feed-json", "calendar"])
def test_bad_filter_is_named(client, name):
    for query, said in (
        (
            {"company": "nobody"},
            "company: There is no company “nobody” in the record. Valid are the slugs that /api/v1/companies/ lists.",
        ),
        ({"from": "July"}, "from: Write a date such as 2024-07-09."),
        ({"match": "maybe"}, "match: Select a valid choice. maybe is not one of the available choices. "
                             "Valid are possible, certain."),
    ):  # fmt: skip
        response = client.get(reverse(name), query)
        assert response.status_code == 400
        assert response.content.decode() == f"{said}\n"
    assert client.get(reverse(name), {"utm_source": "x"}).status_code == 200


@pytest.mark.parametrize("place", ["x", "-", "1-2-3", "ffffffffffffffffffff-1", "-1-1", "1-ffffffffffffffffffff", "1"])
def test_bad_place_is_refused(client, place):
    assert client.get(reverse("feed-atom"), {"before": place}).status_code == 400


@pytest.mark.parametrize("name", ["feed-atom", "feed-json", "calendar"])
def test_feed_that_has_not_changed_is_not_sent_again(client, name):
    published_event()
    first = client.get(reverse(name))
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Set-Cookie" not in first
    with CaptureQueriesContext(connection) as counted:
        again = client.get(reverse(name), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, len(counted)) == (304, 1)
    published_event()
    assert client.get(reverse(name), headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_feed_makes_as_many_queries_for_five_events_as_for_one(client):
    corrected(published_event(), "Again")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("feed-atom"))
    for _ in range(4):
        corrected(published_event(), "Again")
    with CaptureQueriesContext(connection) as five:
        client.get(reverse("feed-atom"))
    assert len(five) == len(one)


def test_draft_is_in_no_feed(client):
    EventFactory()
    published_event(title="Public")
    assert [title for title, _ in entries(client)] == ["Public"]


class AnyText(TestCase):
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=80).filter(str.strip))
    @settings(max_examples=10)
    def test_any_title_is_read_back_from_both_feeds(self, title):
        published_event(title=title, summary=title, date=dt.date(2024, 7, 9))
        [item] = json_feed(self.client)["items"]
        assert item["title"] == title
        [entry] = atom(self.client).findall(f"{A}entry")
        readable = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", title)
        assert text(entry, "title").split() == readable.split() or not readable.strip()
