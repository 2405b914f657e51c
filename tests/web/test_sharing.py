"""What the heads of pages say to search engines and to sites where they are shared, and the pictures beside it."""

import datetime as dt
import json
import re
from html import unescape
from io import BytesIO

import pytest
from django.db import connection
from django.test import SimpleTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from events.choices import AccessStatus, PlaceRole
from events.models import LogHead
from events.services import publishing
from events.web import share_image, structured
from events.web.share_image import Line, Picture
from tests.factories import CompanyFactory, EffectFactory, EventCountryFactory, EventFactory, country, published_event
from tests.web.test_feeds import corrected

pytestmark = pytest.mark.django_db


def page(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def link(content: str, rel: str, kind: str = "") -> str:
    is_of = f' type="{re.escape(kind)}"' if kind else ""
    found = re.search(rf'<link rel="{rel}"{is_of}[^>]*? href="([^"]*)"', content)
    assert found, (rel, kind)
    return unescape(found[1])


def meta(content: str, name: str) -> str:
    found = re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)"', content)
    assert found, name
    return unescape(found[1])


def things(content: str) -> dict[str, dict]:
    """The things of a page's JSON-LD by their type."""
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', content, re.DOTALL)
    said = json.loads(text)
    assert said["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in said["@graph"]}


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/", "/"),
        ("/?utm_source=x", "/"),
        ("/?kind=ruling&q=chips&fbclid=1", "/?q=chips&kind=ruling"),
        ("/about/?q=buy", "/about/"),
        ("/changes/?action=corrected&type=event&x=1", "/changes/?type=event&action=corrected"),
        ("/access/cn/?on=2024-07-10", None),
        ("/access/CN/?on=2024-07-10&revision=1", "/access/CN/?on=2024-07-10"),
    ],
)
def test_page_has_one_canonical_address(client, asked, canonical):
    response = client.get(asked)
    if canonical is None:
        assert response.status_code == 301
        return
    content = response.content.decode()
    assert link(content, "canonical") == meta(content, "og:url") == f"http://testserver{canonical}"


def test_feeds_of_a_page_carry_its_filters(client):
    company = CompanyFactory()
    published_event(actor=company)
    for address in (f"/?company={company.slug}", company.get_absolute_url()):
        content = page(client, address)
        assert link(content, "alternate", "application/atom+xml") == f"/feed.atom?company={company.slug}"
        assert link(content, "alternate", "application/feed+json") == f"/feed.json?company={company.slug}"
        assert link(content, "alternate", "text/calendar") == f"/calendar.ics?company={company.slug}"
    assert link(page(client, "/about/"), "alternate", "application/atom+xml") == "/feed.atom"


def test_event_is_shared_with_its_title_its_summary_and_its_picture(client):
    event = published_event(title='Chips & "models" are <blocked>', summary="It is so.")
    content = page(client, event.get_absolute_url())
    assert meta(content, "og:title") == event.title
    assert meta(content, "og:description") == "It is so."
    assert meta(content, "og:type") == "article"
    assert meta(content, "twitter:card") == "summary_large_image"
    address = meta(content, "og:image")
    assert address == f"http://testserver{event.get_absolute_url()}share.png?revision={LogHead.objects.get().seq}"
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert "immutable" in response["Cache-Control"]
    assert Image.open(BytesIO(response.content)).size == (1200, 630)


def test_other_pages_are_shared_with_the_picture_of_the_site(client):
    content = page(client, "/about/")
    assert meta(content, "og:title") == "About"
    address = meta(content, "og:image")
    assert Image.open(BytesIO(client.get(address).content)).size == (1200, 630)


def test_picture_is_drawn_once_a_revision(client, monkeypatch):
    drawn = []
    monkeypatch.setattr(share_image, "drawn", lambda picture: drawn.append(picture.title) or b"PNG")
    event = published_event(title="One")
    first = f"{event.get_absolute_url()}share.png"
    newest = client.get(first)["Location"]
    for _ in range(3):
        client.get(newest)
    corrected(event, "Two")
    assert client.get(newest).status_code == 302  # what was shared before leads to what holds now
    client.get(newest, follow=True)
    published_event()
    client.get(newest, follow=True)
    assert drawn == ["One", "Two"]


def test_picture_of_what_is_not_public_is_not_there(client):
    assert client.get(f"{EventFactory().get_absolute_url()}share.png").status_code == 404


def test_picture_known_already_is_not_sent_again(client):
    event = published_event()
    address = client.get(f"{event.get_absolute_url()}share.png")["Location"]
    etag = client.get(address)["ETag"]
    with CaptureQueriesContext(connection) as counted:
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert len(counted) == 1


def test_picture_says_what_was_blocked_where_and_that_it_was_retracted():
    event = EventFactory(certainty="reported")
    effect = EffectFactory(event=event)
    publishing.publish(event, by=None)
    document = json.loads(publishing.retract(event, by=None, reason="It did not happen.").document)
    picture = share_image.picture_of(document)
    assert picture.warning == "Retracted"
    assert picture.kicker == "July 9, 2024  ·  Announcement"
    assert [each.text for each in picture.lines] == [f"{effect.product.name}: blocked in China from July 9, 2024"]


def test_picture_has_room_for_where_and_since_when(monkeypatch):
    texts = []
    monkeypatch.setattr(share_image, "write", lambda draw, left, top, text, *more: texts.append(text))
    said = "OpenAI API: blocked in China, Hong Kong, Macao, Russia, and 5 more from July 9, 2024"
    lines = [Line(AccessStatus.BLOCKED, said), Line(AccessStatus.LIMITED, f"Any {'thing ' * 60}")]
    share_image.drawn(Picture("July 9, 2024", "A title", lines))
    assert " ".join(texts[2:4]) == said
    assert len(texts) == 6
    assert texts[-1].endswith("…")


def boxes_in(text):
    return [
        letter for letter in text if share_image.letters_of(letter, share_image.font(share_image.SERIF, 50)) is None
    ]


@pytest.mark.parametrize("has_fallback", [True, False])
def test_picture_has_no_boxes_for_letters_that_its_font_lacks(monkeypatch, has_fallback):
    if not has_fallback:
        monkeypatch.setattr(share_image, "fallback", lambda size: None)
    event = EventFactory(slug="china-bars-exports", title="商务部公告2024年第46号: China bars exports 出口管制")
    document = json.loads(publishing.publish(event, by=None).document)
    title = share_image.picture_of(document).title
    assert boxes_in(title) == []
    assert "China bars exports" in title
    if not has_fallback:
        assert title == "202446: China bars exports"
        assert share_image.picture_of(document | {"title": "出口管制"}).title == "China bars exports"


class AnyText(SimpleTestCase):
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=110))
    @settings(max_examples=8)
    def test_any_title_is_drawn(self, title):
        drawn = share_image.drawn(Picture("July 9, 2024", title, warning="Disputed"))
        assert Image.open(BytesIO(drawn)).size == (1200, 630)
        assert len(drawn) < 100_000

    @given(st.text())
    def test_no_text_ends_the_block_of_json(self, text):
        try:
            text.encode()
        except UnicodeEncodeError:
            return
        written = structured.written([{"name": text + "</script><!--"}])
        assert not set(written) & set("<>&")
        assert json.loads(written)["@graph"][0]["name"] == text + "</script><!--"


@pytest.mark.parametrize("address", ["/", "/data/"])
def test_record_is_a_data_set(client, address):
    published_event()
    found = things(page(client, address))
    assert set(found) == {"WebSite", "Dataset"}
    assert found["Dataset"]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    for each in found["Dataset"]["distribution"]:
        response = client.get(each["contentUrl"])
        assert response["Content-Type"].startswith(each["encodingFormat"])


def test_filtered_timeline_is_no_data_set(client):
    assert "ld+json" not in page(client, "/?kind=ruling")


def test_event_says_what_happened_when_where_and_who_says_so(client):
    event = EventFactory(title="</script><script>alert(1)</script>", date=dt.date(2024, 7, 1), date_precision="month")
    EffectFactory(event=event)
    EventCountryFactory(event=event, country=country("US"), role=PlaceRole.ACTING)
    publishing.publish(event, by=None)
    found = things(page(client, event.get_absolute_url()))
    assert set(found) == {"WebPage", "Event", "BreadcrumbList"}
    said = found["Event"]
    assert (said["name"], said["startDate"]) == (event.title, "2024-07")
    assert [(each["@type"], each["name"]) for each in said["organizer"]] == [
        ("Organization", event.companies.get().name), ("GovernmentOrganization", "United States"),
    ]  # fmt: skip
    assert said["subjectOf"][0]["url"] == event.citations.get().source.url
    steps = found["BreadcrumbList"]["itemListElement"]
    assert [(step["position"], step["name"]) for step in steps] == [(1, "Timeline"), (2, "July 2024"), (3, event.title)]
    assert steps[-1]["item"] == f"http://testserver{event.get_absolute_url()}"


@pytest.mark.parametrize(
    ("precision", "date", "said"),
    [("day", "2024-07-09", "2024-07-09"), ("quarter", "2024-10-01", "2024"), ("year", "2024-01-01", "2024")],
)
def test_date_is_no_more_exact_than_known(precision, date, said):
    assert structured.start_of({"date": date, "date_precision": precision}) == said


def test_retracted_event_is_not_said_to_have_happened(client):
    event = published_event()
    publishing.retract(event, by=None, reason="It did not happen.")
    found = things(page(client, event.get_absolute_url()))
    assert set(found) == {"WebPage", "BreadcrumbList"}
    assert found["WebPage"]["creativeWorkStatus"] == "Retracted"


def test_pages_of_records_lie_below_their_lists(client):
    event = published_event()
    company = event.companies.get()
    steps = things(page(client, company.get_absolute_url()))["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Timeline", "Companies", company.name]
    steps = things(page(client, reverse("event-history", args=[event.slug])))["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Timeline", event.title, "History"]
    for step in steps:
        assert client.get(step["item"]).status_code == 200


def test_answer_lies_below_its_country(client):
    event = EventFactory()
    effect = EffectFactory(event=event)
    publishing.publish(event, by=None)
    steps = things(page(client, f"/access/CN/{effect.product.slug}/"))["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Timeline", "Access", "China", effect.product.name]


def test_heads_cost_no_query(client):
    event = published_event()
    with CaptureQueriesContext(connection) as counted:
        client.get(event.get_absolute_url())
    assert not any("LIKE" in query["sql"] for query in counted)
    assert len(counted) <= 6
