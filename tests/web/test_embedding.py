"""The timeline in other sites' frames, and oEmbed."""

import datetime as dt
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from events.services import publishing
from tests.factories import CompanyFactory, EventFactory, published_event
from tests.web.test_sharing import link, page

pytestmark = pytest.mark.django_db
EMBED, OEMBED = reverse("embed-timeline"), reverse("oembed")


def directives(response) -> dict[str, str]:
    parts = (each.strip().partition(" ") for each in response["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_the_embedded_timeline_alone_may_be_framed(client):
    published_event()
    framed = client.get(EMBED)
    assert directives(framed)["frame-ancestors"] == "*"
    assert "X-Frame-Options" not in framed
    assert directives(framed)["default-src"] == "'none'"
    for address in ("/", "/data/", OEMBED, reverse("report-error")):
        other = client.get(address)
        assert directives(other)["frame-ancestors"] == "'none'"
        assert other["X-Frame-Options"] == "DENY"


def test_embedded_timeline_is_small_sets_no_cookie_and_opens_pages_of_their_own(client):
    publishing.publish_many(EventFactory.create_batch(25), by=None)
    response = client.get(EMBED)
    content = response.content.decode()
    assert "Set-Cookie" not in response
    assert len(content) < 10_000
    assert "<script" not in content
    links = re.findall(r"<a [^>]*>", content)
    assert len(links) == 1 + 20 + 3
    assert all('target="_blank"' in each and "noopener" in each for each in links)
    assert response["X-Robots-Tag"] == "noindex"


def test_filters_apply_to_the_embedded_timeline(client):
    company = CompanyFactory()
    published_event(actor=company, title="Ours")
    published_event(title="Another")
    content = page(client, f"{EMBED}?company={company.slug}")
    assert "Ours" in content
    assert "Another" not in content
    assert "There is no company “nobody”" in page(client, f"{EMBED}?company=nobody")
    assert "No event on record matches" in page(client, f"{EMBED}?kind=ruling")


def test_embedded_event_says_its_kind_and_that_it_is_still_to_come(client, time_machine):
    time_machine.move_to("2024-07-08T12:00:00Z")
    company = CompanyFactory()
    for day, title in ((8, "Today"), (9, "Tomorrow")):
        published_event(actor=company, title=title, date=dt.date(2024, 7, day), kind="report")
    content = page(client, f"{EMBED}?company={company.slug}")
    said = [" ".join(re.sub("<[^>]+>", "", each).split()) for each in re.findall(r'<p class="when">.*?</p>', content)]
    assert said == ["July 9, 2024 Report Scheduled", "July 8, 2024 Report"]


def test_what_is_retracted_or_a_draft_is_not_embedded(client):
    event = published_event(title="Gone")
    publishing.retract(event, by=None, reason="It did not happen.")
    EventFactory(title="Draft")
    content = page(client, EMBED)
    assert "Gone" not in content
    assert "Draft" not in content


def test_snippet_of_the_data_page_shows_the_embedded_timeline(client):
    published_event(title="Something")
    shown = re.search(r'<pre class="snippet"><code>(.*?)</code></pre>', page(client, "/data/"))
    snippet = unescape(shown[1])
    address = unescape(re.fullmatch(r'<iframe src="http://testserver([^"]*)" [^<]*></iframe>', snippet)[1])
    assert "Something" in page(client, address)


def oembed(client, url: str, **more: str):
    return client.get(f"{OEMBED}?{urlencode({'url': url} | more)}")


def test_timeline_is_found_and_embedded_with_its_filters(client):
    company = CompanyFactory()
    published_event(actor=company)
    for address in (f"/?company={company.slug}&kind=announcement", company.get_absolute_url()):
        answer = client.get(link(page(client, address), "alternate", "application/json+oembed"))
        assert answer["Content-Type"] == "application/json"
        said = answer.json()
        assert (said["version"], said["type"], said["width"], said["height"]) == ("1.0", "rich", 600, 640)
        source = unescape(re.search(r'src="http://testserver([^"]*)"', said["html"])[1])
        assert f"company={company.slug}" in source
        assert client.get(source).status_code == 200


def test_event_is_a_link_with_its_picture(client):
    event = published_event(title="Something")
    said = client.get(link(page(client, event.get_absolute_url()), "alternate", "application/json+oembed")).json()
    assert (said["type"], said["title"], said["thumbnail_width"]) == ("link", "Something", 1200)
    assert client.get(said["thumbnail_url"])["Content-Type"] == "image/png"


def test_frame_is_no_larger_than_asked_for(client):
    said = oembed(client, "http://testserver/", maxwidth="320", maxheight="9999").json()
    assert (said["width"], said["height"]) == (320, 640)
    assert 'width="320" height="640"' in said["html"]


@pytest.mark.parametrize(
    ("url", "more", "status"),
    [
        ("", {}, 404),
        ("https://elsewhere.example/", {}, 404),
        ("http://testserver/about/", {}, 404),
        ("http://testserver/nothing/", {}, 404),
        ("http://testserver/companies/nobody/", {}, 404),
        ("http://[", {}, 404),
        ("http://testserver/", {"format": "xml"}, 501),
        ("http://testserver/", {"maxwidth": "wide"}, 400),
    ],
)
def test_what_cannot_be_embedded_is_refused(client, url, more, status):
    assert oembed(client, url, **more).status_code == status


def test_other_sites_scripts_may_ask(client):
    headers = {"Origin": "https://elsewhere.example"}
    for address in (reverse("feed-json"), f"{OEMBED}?url=http://testserver/", reverse("calendar")):
        assert client.get(address, headers=headers)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=headers)
