"""News sitemaps: the sitemap protocol 0.9 with Google's news extension.

A plain sitemap is read too: a page is then called by the words of its address, and dated by its last change.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from events.ingest.entry import AT_MOST, BadFeed, Batch, Entry, absolute, plausible, with_characters
from events.ingest.webpage import line

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
LOOKED_THROUGH = 50_000  # entries; the protocol allows no more in a file


def parse(body: bytes, *, url: str, cursor: str = "") -> Batch:
    """The newest entries that have a title, the newest first. Raises BadFeed."""
    from lxml import etree  # only workers read feeds

    found: list[Entry] = []
    looked = 0
    try:
        # No entities, no network: what a hostile file may name is not read.
        tree = etree.iterparse(
            io.BytesIO(with_characters(body)),
            tag=f"{SITEMAP}url",
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        )
        for _, node in tree:
            looked += 1
            if looked > LOOKED_THROUGH:
                break
            if entry := read(node, url):
                found.append(entry)
            node.clear()
            while node.getprevious() is not None:
                del node.getparent()[0]
    except etree.XMLSyntaxError as problem:
        raise BadFeed(f"It is no well-formed XML: line {problem.lineno}.") from None
    if not looked:
        raise BadFeed("It is not a sitemap: it lists no pages.")
    found.sort(key=lambda entry: entry.published or dt.date.min, reverse=True)
    return Batch(found[:AT_MOST])


def read(node: Any, base: str) -> Entry | None:
    def text(path: str) -> str:
        return line(node.findtext(path) or "")

    said = text(f"{SITEMAP}loc")
    address = absolute(base, said) if said else ""
    title = text(f"{NEWS}news/{NEWS}title") or words_of(address)
    if not title or not address:
        return None
    published = None
    with suppress(ValueError):  # a day, or a moment with its zone: the day where it was published
        moment = text(f"{NEWS}news/{NEWS}publication_date") or text(f"{SITEMAP}lastmod")
        published = plausible(dt.date.fromisoformat(moment[:10]))
    return Entry(
        url=address,
        title=title,
        publisher=text(f"{NEWS}news/{NEWS}publication/{NEWS}name"),
        published=published,
        language=text(f"{NEWS}news/{NEWS}publication/{NEWS}language")[:35],
        details={"keywords": words} if (words := text(f"{NEWS}news/{NEWS}keywords")) else {},
    )


def words_of(address: str) -> str:
    """What the last part of an address says, where that is words: "/news/new-terms-of-service"."""
    last = unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2]
    words = re.findall(r"[^\W_]+", last.partition(".")[0])
    return line(" ".join(words).capitalize()) if len(words) >= 3 else ""
