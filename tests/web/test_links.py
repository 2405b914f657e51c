"""Every link within the site leads somewhere, down to the place on the page that it names."""

import re
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.urls import resolve

from events.web.urls import urlpatterns
from tests.browser.making import NOWHERE, PAGES, everything, report

pytestmark = pytest.mark.django_db
PLACES = ("CN", "IR", "US")
MOST = 300  # pages; the small record has fewer
# Addresses that lead to no page of the public.
NO_PAGES = {
    "event-image", "share-image", "event-preview", "event-preview-proposal", "feed-atom", "feed-json", "calendar",
    "oembed", "sitemap", "sitemap-section", "llms", "readyz", "favicon", "robots",
}  # fmt: skip
HREF = re.compile(r'\shref="([^"]*)"')


def shape(address):
    """What tells apart the addresses that are worth a visit: of answers on other days or elsewhere one is enough."""
    parts = urlsplit(address)
    path = re.sub(rf"^/access/(?!{'|'.join(PLACES)})[A-Z][A-Z]/", "/access/elsewhere/", parts.path)
    return path, tuple(sorted(name for name, _ in parse_qsl(parts.query)))


def test_there_is_a_page_of_every_kind_among_those_that_are_looked_at():
    everything()
    addresses = [page.partition("?")[0] for page in (*PAGES, report()) if page != NOWHERE]
    kinds = {resolve(address).url_name for address in addresses}
    # What changed is shown by one view and template, whatever the record.
    missing = {pattern.name for pattern in urlpatterns if not pattern.name.endswith("-history")} - kinds - NO_PAGES
    assert missing == set()


def test_every_link_within_the_site_answers_and_no_page_allows_anything_unsafe(client):
    everything()
    given = [*(page for page in PAGES if page != NOWHERE), report()]
    waiting, seen, broken, targets = [*given], {}, [], []
    asked = set()  # each name of a query on each path: of their combinations, which are hundreds, those met first do
    while waiting:
        address = waiting.pop()
        path, names = shape(address)
        if shape(address) in seen or (
            address not in given and asked.issuperset((path, name) for name in names or [""])
        ):
            continue
        asked.update((path, name) for name in names or [""])
        assert len(seen) < MOST
        response = client.get(address, follow=True)
        seen[shape(address)] = None
        if response.status_code != 200:
            broken.append((address, response.status_code))
            continue
        if not response["Content-Type"].startswith("text/html") or address.startswith(("/api/", "/admin/")):
            continue
        assert "default-src 'none'" in (policy := response["Content-Security-Policy"]), address
        assert "unsafe" not in policy, address
        content = response.content.decode()
        is_indexed = "noindex" not in content + response.get("X-Robots-Tag", "")
        assert content.count('<meta name="description"') == 1 or not is_indexed, address
        seen[shape(address)] = set(re.findall(r'\sid="([^"]+)"', content))
        if path == "/design/":  # of records that are made up
            continue
        for href in map(unescape, HREF.findall(content)):
            target = urlsplit(urljoin(address, href))
            if target.netloc or target.path.startswith(("/static/", "/admin/")):
                continue
            there = target._replace(fragment="").geturl()
            waiting.append(there)
            if target.fragment:
                targets.append((address, there, target.fragment))
    assert broken == []
    assert [each for each in targets if (ids := seen[shape(each[1])]) is not None and each[2] not in ids] == []
    assert {shape(page) for page in PAGES if page != NOWHERE} <= seen.keys()
