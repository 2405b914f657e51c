"""Answers as pages, for browsers."""

import re
from html import unescape

import orjson
import pytest

from events.api.pages import linked
from tests.factories import published_event

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def shown(response) -> str:
    """The text of the answer in a page."""
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    [pre] = re.findall(r"<pre[^>]*>(.*?)</pre>", response.content.decode(), re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", pre))


@pytest.fixture
def open_page(client, db):
    return lambda path: client.get(f"/api/v1/{path}", headers=BROWSER)


@pytest.mark.parametrize(
    "path",
    ["events/", "events/?count=true&fields=slug", "companies/", "changes/", "changes/1/", "changes/head/",
     "access/?country=CN", "events/facets/", "events/histogram/", "status/", "sources/lookup/?url=https://a.example/"],
)  # fmt: skip
def test_browser_gets_the_same_answer_as_a_page(client, open_page, path):
    published_event()
    response = open_page(path)
    assert response.status_code == 200
    assert orjson.loads(shown(response)) == client.get(f"/api/v1/{path}").json()
    assert "Accept" in response.headers["Vary"]


def test_addresses_in_an_answer_are_links(open_page):
    event = published_event()
    page = open_page("events/").content.decode()
    for address in (f"/api/v1/events/{event.slug}/", f"/events/{event.slug}/", "https://news.example/"):
        assert f'<a href="{address}' in page


def test_only_whole_addresses_become_links_and_nothing_gets_out_of_its_string():
    said = {
        "a": "/events/x/?a=1&b=2", "b": "//evil.example/", "c": "see https://a.example/", "d": "javascript:alert(1)",
        "e": 'https://a.example/"><script>', "f": "<b>", "g": "/",
    }  # fmt: skip
    html = linked(orjson.dumps(said))
    assert re.findall(r'<a href="([^"]*)"', html) == ["/events/x/?a=1&amp;b=2"]
    assert "<script" not in html
    assert "<b>" not in html
    assert orjson.loads(unescape(re.sub(r"<[^>]*>", "", html))) == said


def test_page_allows_nothing_unsafe(open_page):
    response = open_page("events/")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert b"<script" not in response.content
    assert b"style=" not in response.content
    assert not response.cookies


def test_page_lists_the_parameters_filled_with_what_is_asked_for(open_page):
    page = open_page("events/?kind=ruling&q=chips&count=true").content.decode()
    assert "<option selected>ruling</option>" in page
    assert re.search(r'name="q" value="chips"', page)
    for name in ("page_size", "company", "from", "fields", "format"):
        assert f'name="{name}"' in page
    assert '<details class="query">' in page
    assert 'type="date" name="from"' in page
    assert re.search(r'<select id="id_count"[^>]*>\s*<option value=""></option><option selected>true</option>', page)


def test_what_the_form_sends_empty_is_left_out_of_the_address(open_page):
    response = open_page("events/?q=&kind=ruling&from=&company=")
    assert (response.status_code, response.headers["Location"]) == (302, "/api/v1/events/?kind=ruling")
    assert open_page("events/?q=").headers["Location"] == "/api/v1/events/"


def test_problems_are_pages_too(client, open_page):
    response = open_page("events/?kind=war")
    assert response.status_code == 400
    assert orjson.loads(shown(response)) == client.get("/api/v1/events/?kind=war").json()
    assert '<details class="query" open>' in response.content.decode()
    assert open_page("events/nothing/").status_code == 404


def test_problems_stand_at_their_parameters(open_page):
    page = open_page("events/?page_size=0&colour=red").content.decode()
    message = re.search(r'<div class="message" role="alert">.*?</div>', page, re.DOTALL)[0]
    assert "<code>colour</code>: There is no such parameter." in message
    assert "<code>page_size</code>: A whole number from 1 to 200." in message
    assert re.search(r'id="help_page_size">[^<]*<strong class="error">A whole number from 1 to 200\.</strong>', page)
    assert 'role="alert"' not in open_page("events/").content.decode()


def test_names_in_descriptions_are_code(open_page):
    assert "older than this cursor, which <code>next</code> gives" in open_page("events/").content.decode()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("companies/", "Public companies in the order of their keys. Merged ones are left out."),
        ("countries/", "Public countries in the order of their keys.</p>"),
        ("countries/CN/", "The newest document of one country, or that of an earlier revision.</p>"),
        (
            "policies/x/",
            "or that of an earlier revision. A merged one&#x27;s address leads to its successor.",
        ),
        ("groups/x/history/", "All changes of one country group with their documents, newest first."),
        ("events/", "Published events, newest first."),
    ],
)
def test_page_says_what_is_there(open_page, path, says):
    assert says in open_page(path).content.decode()


def test_programs_get_json(client, db):
    for accept in ("*/*", "application/json", "application/json, text/html", "application/json, text/plain, */*"):
        response = client.get("/api/v1/events/", headers={"Accept": accept})
        assert response.headers["Content-Type"] == "application/json", accept


def test_page_that_is_known_is_not_sent_again_and_is_no_answer_in_json(client, open_page):
    published_event()
    etag = open_page("events/").headers["ETag"]
    assert etag != client.get("/api/v1/events/").headers["ETag"]
    again = client.get("/api/v1/events/", headers={**BROWSER, "If-None-Match": etag})
    assert again.status_code == 304


def test_table_that_a_form_asks_for_is_a_file(open_page):
    response = open_page("events/?format=csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
