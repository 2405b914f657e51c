"""A page of the web, or a plain text, as what it says and what it says of itself. Reads HTML by trafilatura."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from contextlib import suppress

from events.ingest.findings import Page
from events.ingest.text import LONGEST

NOT_IN_TEXT = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # what JSON and the databases do not hold
HTML = re.compile(rb"<!doctype html|<html|<head|<body|<article|<p[\s>]", re.IGNORECASE)
LONGEST_LINE = 500
# What Python decodes by, and no page is written in.
NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
# How files begin that hold no text as such, and what they are.
SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP file or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
}
BYTE_ORDER = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Unreadable(ValueError):
    """There is no text in it; the message says so to editors."""


def read(body: bytes, *, media_type: str = "", charset: str = "", url: str = "") -> Page:
    """What the bytes of an HTML page or of a plain text say. Raises Unreadable."""
    refuse_what_is_no_text(body)
    if media_type == "text/plain" or (not media_type and not HTML.search(body[:4096])):
        page = Page(cleaned(decoded(body, charset)))
    else:
        page = read_html(body, charset=charset, url=url)
    if not page.text.strip():
        raise Unreadable(
            "No text was found on the page. It may be made by scripts, or ask for a log-in: paste its text."
        )
    return page


def refuse_what_is_no_text(body: bytes) -> None:
    """Raises Unreadable for what is no text in any charset that is read here."""
    for signature, kind in SIGNATURES.items():
        if body.startswith(signature):
            raise Unreadable(f"It is {kind}, which is not read here: paste its text.")
    beginning = body[:4096]
    controls = sum(byte < 9 or 13 < byte < 27 for byte in beginning)
    if body[:2] not in BYTE_ORDER and controls > max(5, len(beginning) / 20):
        raise Unreadable("It is no text, and what else it is cannot be told: paste its text.")


def read_html(body: bytes, *, charset: str = "", url: str = "") -> Page:
    import trafilatura  # only workers and commands read pages: it takes 60 MB

    html: bytes | str = body
    if charset:
        with suppress(LookupError, UnicodeError):  # what the server says of it is wrong: let it be guessed
            told = body.decode(known(charset))
            html = told if "<" in told else body
    found = trafilatura.bare_extraction(
        html, url=url or None, with_metadata=True, include_comments=False, include_tables=True, favor_precision=False
    )
    if found is None:
        return Page("")
    said = found if isinstance(found, dict) else found.as_dict()
    published = None
    with suppress(ValueError, TypeError):
        published = dt.date.fromisoformat(said.get("date") or "")
    authors = [line(name) for name in (said.get("author") or "").split(";") if name.strip()]
    return Page(
        text=cleaned(said.get("text") or ""),
        title=line(said.get("title") or ""),
        publisher=line(said.get("sitename") or ""),
        authors=list(dict.fromkeys(authors)),
        published=published,
        language=line(said.get("language") or "")[:35],
    )


def decoded(body: bytes, charset: str = "") -> str:
    """Text by the charset that is told, else its byte order mark, UTF-8, or Windows-1252, which takes any byte."""
    for name in (charset, BYTE_ORDER.get(body[:2], ""), "utf-8-sig"):
        with suppress(LookupError, UnicodeError):
            if name:
                return body.decode(known(name))
    return body.decode("cp1252", "replace")


def known(charset: str) -> str:
    """The charset, if pages may be in it. Raises LookupError."""
    if codecs.lookup(charset).name in NO_CHARSETS:
        raise LookupError(charset)
    return charset


def cleaned(text: str) -> str:
    return NOT_IN_TEXT.sub("", text)[:LONGEST]


def line(text: str) -> str:
    """One line that a title or a name may be."""
    return " ".join(cleaned(text).split())[:LONGEST_LINE]
