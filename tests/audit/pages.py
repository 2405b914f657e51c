"""Which pages are looked at: some of each kind that the sitemap lists, and those that it leaves out."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.serving import Server, get

OF_EACH_KIND = 4
LOC = re.compile(r"<loc>([^<]+)</loc>")
# What no sitemap lists: other views, filters, forms that were filled wrongly, what is not there.
BESIDES = (
    "/?view=lanes",
    "/?view=lanes&lanes=country&zoom=month",
    "/?country=CN&kind=enforcement&from=2023-01-01",
    "/?q=export+license",
    "/?q=Opnai",
    "/?from=nonsense&country=XX&role=actor",
    "/?view=lanes&from=nonsense",
    "/?before=nonsense",
    "/access/?product=openai-api&on=2024-07-10",
    "/access/?on=nonsense",
    "/access/CN/?on=2024-07-10&known=2024-07-08&from=2024-01-01",
    "/access/CN/?on=nonsense&from=nonsense",
    "/access/CN/openai-api/?on=2024-07-10",
    "/access/CN/openai-api/?on=2024-07-10&known=2024-07-08&revision=5",
    "/access/FR/openai-api/?known=nonsense",
    "/events/openai-api-block-takes-effect/history/",
    "/companies/openai/history/",
    "/policies/?q=chips",
    "/companies/?after=nonsense",
    "/changes/?type=event&action=published",
    "/coverage/",
    "/design/",
    "/embed/timeline/?country=CN",
    "/report/?page=/events/openai-api-block-takes-effect/&revision=5",
    "/events/never-happened/",
    "/nothing/here/",
    "/report/nobody/",
    "/admin/login/",
    "/api/v1/docs/",
)
REPORT = {"page": "/events/openai-api-block-takes-effect/", "message": "The audit looks at this form.", "address": ""}


@dataclass(frozen=True)
class Answer:
    """A page's address, with the method where that is not GET, and its HTML."""

    address: str
    status: int
    html: str


def addresses(server: Server, *, every: bool = False) -> list[str]:
    """Paths from the sitemap, by kind, and those that it leaves out."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for section in located(server, "/sitemap.xml"):
        for path in located(server, section):
            kinds[kind_of(path)].append(path)
    found = []
    for paths in kinds.values():
        step = 1 if every else max(1, -(-len(paths) // OF_EACH_KIND))
        found += paths[::step]
    return [*found, *BESIDES]


def located(server: Server, path: str) -> list[str]:
    text = get(server.url(path))[0].decode()
    return [urllib.parse.urlsplit(address).path for address in LOC.findall(text)]


def kind_of(path: str) -> str:
    """ "/events/x/" for all events."""
    parts = path.strip("/").split("/")
    return f"/{parts[0]}/" if len(parts) == 1 else f"/{parts[0]}/{'x/' * (len(parts) - 1)}"


def answers(server: Server, *, every: bool = False) -> Iterator[Answer]:
    for address in addresses(server, every=every):
        yield fetched(server, address)
    yield fetched(server, "/report/", REPORT | {"message": "", "address": "nobody"})
    yield fetched(server, "/report/", REPORT)


def fetched(server: Server, address: str, form: dict[str, str] | None = None) -> Answer:
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(server.url(address), data, {"Accept": "text/html"})
    name = f"POST {address}" if form else address
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(name, response.status, response.read().decode())
    except urllib.error.HTTPError as problem:
        return Answer(name, problem.code, problem.read().decode())
