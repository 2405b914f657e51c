import datetime as dt
import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from events.ingest import IMPORTERS, atom, federal_register, sitemap
from events.ingest.entry import BadFeed, Entry, are_alike, content_hash, title_words, with_characters

SAMPLES = Path(__file__).parent / "samples"
URL = "https://example.com/feed"
API = "https://www.federalregister.gov/api/v1/documents.json?conditions[agencies][]=industry-and-security-bureau"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_federal_register_maps_its_fields():
    batch = federal_register.parse(sample("federal_register.json"), url=API, cursor="2022-10-01")
    first, second = batch.entries
    assert (first.title, first.publisher, first.published) == (
        "Implementation of Additional Export Controls: Certain Advanced Computing Items",
        "Federal Register",
        dt.date(2022, 10, 13),
    )
    assert first.summary.startswith("The Bureau of Industry and Security (BIS) amends")
    assert first.details == {
        "document_number": "2022-21658",
        "type": "Rule",
        "action": "Interim final rule; request for comments.",
        "citation": "87 FR 62186",
        "effective_on": "2022-10-07",
        "comments_close_on": "2022-12-12",
        "dates": "This rule is effective in stages.",
        "pdf_url": "https://www.govinfo.gov/content/pkg/FR-2022-10-13/pdf/2022-21658.pdf",
        "agencies": ["Commerce Department", "Industry and Security Bureau"],
        "docket_ids": ["Docket No. 220930-0204"],
        "cfr": ["15 CFR 734", "15 CFR 744"],
    }
    assert second.details["agencies"] == ["Bureau of Industry and Security"]
    assert batch.cursor == "2022-12-19"


def test_federal_register_is_asked_from_the_last_day_seen():
    asked = parse_qs(urlsplit(federal_register.request(API, "2022-12-19")).query)
    assert asked["conditions[publication_date][gte]"] == ["2022-12-16"]
    assert asked["conditions[agencies][]"] == ["industry-and-security-bureau"]
    assert (asked["order"], asked["per_page"]) == (["oldest"], ["100"])
    assert "effective_on" in asked["fields[]"]


@time_machine.travel(dt.datetime(2024, 7, 9, 12, tzinfo=dt.UTC))
def test_federal_register_is_looked_back_at_for_a_month_or_as_the_search_says():
    def since(url: str, cursor: str) -> list[str]:
        return parse_qs(urlsplit(federal_register.request(url, cursor)).query)["conditions[publication_date][gte]"]

    named = API + "&conditions[publication_date][gte]=2022-10-01"
    assert since(API, "") == ["2024-06-09"]
    assert since(named, "") == ["2022-10-01"]
    assert since(named, "2022-10-02") == ["2022-10-01"]
    assert since(named, "2023-03-04") == ["2023-03-01"]


def test_federal_register_goes_on_at_its_own_host_only():
    answer = b'{"count": 1, "results": [], "next_page_url": "https://%s/api/v1/documents.json?page=2"}'
    assert federal_register.parse(answer % b"www.federalregister.gov", url=API).more.endswith("page=2")
    assert federal_register.parse(answer % b"elsewhere.example", url=API).more == ""


def test_atom_is_read_without_markup():
    [first, second] = atom.parse(sample("feed.atom"), url=URL).entries
    assert first == Entry(
        url="https://example.com/news/export-rule?utm_source=atom",
        title="New export rule & what it means",
        summary="A rule on chips.",
        publisher="Example Newsroom",
        authors=("Ada Example",),
        published=dt.date(2024, 7, 9),
        language="en-US",
    )
    assert second.published == dt.date(2024, 7, 7)


@pytest.mark.parametrize("said", ["utf-8", "us-ascii", "no-such-charset", "punycode", "idna"])
def test_rss_in_another_encoding_than_it_says_is_read(said: str):
    body = sample("feed.rss").replace(b"iso-8859-1", said.encode(), 1)
    assert said.encode() in body
    with suppress(BadFeed):
        [item] = atom.parse(body, url=URL).entries
        assert item.title.startswith("Ausfuhrgenehmigung f")


def test_rss_is_read_in_its_own_encoding():
    [item] = atom.parse(sample("feed.rss"), url=URL).entries
    assert (item.title, item.publisher, item.language) == ("Ausfuhrgenehmigung für Chips", "Andere Quelle", "de")


def test_news_sitemap_is_read_newest_first_and_plain_pages_by_their_address():
    first, second = sitemap.parse(sample("sitemap.xml"), url=URL).entries
    assert (first.title, first.published) == ("Updates to our terms of service", dt.date(2024, 7, 9))
    assert (second.title, second.publisher, second.published) == (
        "Chips are held at the border", "The Example Times", dt.date(2024, 7, 8),
    )  # fmt: skip
    assert second.details == {"keywords": "chips, export"}


@pytest.mark.parametrize("kind", list(IMPORTERS))
@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Sorry</body></html>", b'{"results": [{"title"', b"\xff\xfe\0x", b"[]"]
)
def test_what_is_no_feed_is_said(kind: str, body: bytes):
    with pytest.raises(BadFeed):
        IMPORTERS[kind](body, url=URL)


@pytest.mark.parametrize("kind", list(IMPORTERS))
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(kind: str, body: bytes):
    with suppress(BadFeed):
        IMPORTERS[kind](body, url=URL)


def test_entities_of_a_sitemap_are_not_followed():
    body = sample("sitemap.xml").replace(
        b"<urlset", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset', 1
    ).replace(b"Chips are held", b"Chips &f; held")  # fmt: skip
    titles = [entry.title for entry in sitemap.parse(body, url=URL).entries]
    assert not any("root:" in title for title in titles)


@pytest.mark.parametrize("said", ["&#xD83D;&#xDE00;", "&#xD800", "&#x110000;", "&#99999999999999;", "&#0;", "&#xFFFE;"])
def test_reference_to_what_is_no_character_costs_a_feed_nothing(said: str):
    shown = "\ufffd" * max(said.count(";"), 1)
    items = "".join(
        f"<item><title>Rule {title}!</title><link>/{number}</link></item>" for number, title in enumerate(["a", said])
    )
    body = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()
    assert [entry.title for entry in atom.parse(body, url=URL).entries] == ["Rule a!", f"Rule {shown}!"]
    page = sample("sitemap.xml").decode().replace("Chips are held", f"Chips {said} held")
    titles = [entry.title for entry in sitemap.parse(page.encode(), url=URL).entries]
    assert len(titles) == 2
    assert any(title.startswith(f"Chips {shown} held") for title in titles)


@pytest.mark.parametrize("said", ["&#10;", "&#x9;", "&#8217;", "&#x1F600;", "&#xfffd;", "&#x0000041;", "&#00065;"])
def test_reference_to_a_character_stays(said: str):
    assert with_characters(said.encode()) == said.encode()


def test_bad_link_costs_a_feed_its_entry_alone():
    """urllib refuses brackets that hold no IPv6 address, and characters that turn into a slash."""
    for link in ("http://[::1", "http://a\N{ACCOUNT OF}.example/some-other-page"):
        item = f"<item><title>T</title><link>{link}</link></item>"
        body = sample("feed.rss").decode("latin-1").replace("</channel>", f"{item}</channel>")
        assert (
            atom.parse(body.encode("latin-1", "xmlcharrefreplace"), url=URL).entries
            == atom.parse(sample("feed.rss"), url=URL).entries
        )
        body = sample("sitemap.xml").decode().replace("</urlset>", f"<url><loc>{link}</loc></url></urlset>")
        assert sitemap.parse(body.encode(), url=URL).entries == sitemap.parse(sample("sitemap.xml"), url=URL).entries
        answer = json.loads(sample("federal_register.json")) | {"next_page_url": link}
        assert federal_register.parse(json.dumps(answer).encode(), url=API).more == ""


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00Z", "9999-12-31", "0000-00-00"])
def test_date_on_which_nothing_is_published_is_none(said: str):
    """Of Go's zero time no "yesterday" could be told; of the calendar's last day no later document would be asked."""
    page = sample("sitemap.xml").decode().replace("2024-07-09", said)
    assert None in [entry.published for entry in sitemap.parse(page.encode(), url=URL).entries]
    entry = f'<entry><title>T</title><link href="/a"/><published>{said}</published></entry>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'
    assert [entry.published for entry in atom.parse(feed.encode(), url=URL).entries] == [None]
    answer = sample("federal_register.json").decode().replace('"2022-12-19"', f'"{said[:10]}"')
    assert federal_register.parse(answer.encode(), url=API, cursor="2022-10-01").cursor == "2022-10-13"


@time_machine.travel(dt.datetime(2022, 12, 18, 12, tzinfo=dt.UTC))
def test_federal_register_is_not_passed_over_up_to_a_day_to_come():
    batch = federal_register.parse(sample("federal_register.json"), url=API, cursor="2022-10-01")
    assert [entry.published for entry in batch.entries] == [dt.date(2022, 10, 13), dt.date(2022, 12, 19)]
    assert batch.cursor == "2022-10-13"


NO_DOCUMENTS: list[Any] = [7, None, "x", [], {}, {"title": "A rule"}, {"title": "A rule", "html_url": None}]


def test_federal_register_loses_no_document_for_a_bad_one_beside_it():
    answer = json.loads(sample("federal_register.json"))
    first, second = answer["results"]
    first |= {"agencies": [None, {"name": "Commerce Department"}], "docket_ids": 7, "cfr_references": "15 CFR"}
    second |= {"title": None, "agencies": "Commerce", "docket_ids": ["A", None], "cfr_references": [[]]}
    answer["results"] = [*NO_DOCUMENTS, first, *NO_DOCUMENTS, second]
    with capture_logs() as logged:
        one, other = federal_register.parse(json.dumps(answer).encode(), url=API).entries
    assert (one.title, one.details["agencies"]) == (first["title"], ["Commerce Department"])
    assert (other.url, other.title, other.details["docket_ids"]) == (second["html_url"], "", ["A"])
    assert not any("cfr" in entry.details for entry in (one, other))
    assert [each["number"] for each in logged] == [2 * len(NO_DOCUMENTS)]
    with pytest.raises(BadFeed, match="nothing in it has an address"):
        federal_register.parse(json.dumps(answer | {"results": NO_DOCUMENTS}).encode(), url=API)


def test_federal_register_holds_no_character_that_no_database_holds():
    answer = json.loads(sample("federal_register.json"))
    answer["results"][0] |= {"cfr_references": [{"title": "15\0", "part": "734"}], "docket_ids": ["A\0"]}
    entry = federal_register.parse(json.dumps(answer).encode(), url=API).entries[0]
    assert (entry.details["cfr"], entry.details["docket_ids"]) == (["15 CFR 734"], ["A"])


def test_endless_feeds_are_cut():
    item = b"<item><title>T</title><link>https://example.com/1</link></item>"
    body = b'<rss version="2.0"><channel><title>x</title>' + item * 5000 + b"</channel></rss>"
    assert len(atom.parse(body, url=URL).entries) == 500


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("OpenAI to block API access in China", "OpenAI to block API access from China - Reuters", True),
        ("OpenAI to block API access in China", "Nvidia to sell H20 chips in China again", False),
        ("Statement", "Statement", False),
        ("BIS adds 140 entities to the Entity List", "BIS adds 12 entities to the Entity List", True),
    ],
)
def test_titles_that_tell_the_same_are_alike(one: str, other: str, alike: bool):
    assert are_alike(title_words(one), title_words(other)) is alike


def test_content_hash_is_of_the_words():
    assert content_hash("A  title", "Some text.") == content_hash("a title", "some\ntext")
    assert content_hash("A title", "Some text") != content_hash("A title", "Other text")
