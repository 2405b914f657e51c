"""Atom (RFC 4287) and RSS (0.9 to 2.0), by feedparser."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from html import unescape
from typing import Any

import nh3

from events.ingest.entry import AT_MOST, BadFeed, Batch, Entry, absolute, plausible, with_characters
from events.ingest.webpage import cleaned, line

LONGEST_SUMMARY = 5000


def parse(body: bytes, *, url: str, cursor: str = "") -> Batch:
    """The entries of a feed, in its order. Raises BadFeed."""
    import feedparser  # only workers read feeds

    try:
        read = feedparser.parse(with_characters(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as problem:  # feedparser promises to raise nothing, and some input proves it wrong
        raise BadFeed(f"It cannot be read as a feed ({type(problem).__name__}).") from problem
    if not read.entries and (read.bozo or not read.get("version")):
        raise BadFeed("It is not a feed: neither Atom nor RSS.")
    publisher = line(plain(read.feed.get("title", "")))
    language = line(str(read.feed.get("language", "")))[:35]
    entries = [entry(item, publisher, language, url) for item in read.entries[:AT_MOST]]
    return Batch([each for each in entries if each.url and each.title])


def entry(item: Any, publisher: str, language: str, base: str) -> Entry:
    source = item.get("source") or {}
    moment = item.get("published_parsed") or item.get("updated_parsed")
    address = str(item.get("link") or (item.get("id") if str(item.get("id", "")).startswith("http") else "") or "")
    authors = [line(plain(each.get("name", ""))) for each in item.get("authors", ()) if isinstance(each, dict)]
    published = None
    with suppress(ValueError):  # feedparser makes of 0000-00-00 the year -1
        published = plausible(dt.date(*moment[:3])) if moment else None
    return Entry(
        url=absolute(base, address.strip()) if address else "",
        title=line(plain(item.get("title", ""))),
        summary=cleaned(plain(item.get("summary", "")))[:LONGEST_SUMMARY],
        publisher=line(plain(source.get("title", ""))) or publisher,
        authors=tuple(name for name in dict.fromkeys(authors) if name),
        published=published,
        language=language,
    )


def plain(html: Any) -> str:
    """A text of a feed without markup, whatever it is declared as."""
    text = nh3.clean(str(html), tags=set(), clean_content_tags={"script", "style"})
    return re.sub(r"\s+", " ", unescape(text)).strip()
