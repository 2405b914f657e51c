"""Every link within the site leads somewhere, down to the place on the page that it names."""

import re
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from tests.browser.making import PAGES, everything

pytestmark = pytest.mark.django_db
PLACES = ("CN", "IR", "US")
MOST = 300  # pages; the small record has fewer
HREF = re.compile(r'\shref="([^"]*)"')


def shape(address):
    """What tells apart the addresses that are worth a visit: of answers on other days or elsewhere one is enough."""
    parts = urlsplit(address)
    path = re.sub(rf"^/access/(?!{'|'.join(PLACES)})[A-Z][A-Z]/", "/access/elsewhere/", parts.path)
    return path, tuple(sorted(name for name, _ in parse_qsl(parts.query)))


def test_every_link_within_the_site_answers(client):
    everything()
    waiting, seen, broken, targets = ["/", *PAGES], {}, [], []
    asked = set()  # each name of a query on each path: of their combinations, which are hundreds, those met first do
    while waiting:
        address = waiting.pop()
        path, names = shape(address)
        if shape(address) in seen or (
            address not in PAGES and asked.issuperset((path, name) for name in names or [""])
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
        content = response.content.decode()
        seen[shape(address)] = set(re.findall(r'\sid="([^"]+)"', content))
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
    assert {shape(page) for page in PAGES} <= seen.keys()
