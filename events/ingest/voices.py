"""Who says so: the speakers of what is quoted, and the publishers whose reports a text repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from events.ingest.called import Found
from events.ingest.names import Vocabulary, without_article
from events.ingest.text import Text

# "told somebody to do something" is an order, not a statement.
SAID = r"(?:said|says|wrote|writes|stated|joked|told(?!\s+[^.;,]{2,60}?\bto\s+[a-z]))"
WORD = r"(?:U\.S\.|[A-Z]\.(?=\s)|[A-Z][\w&'-]*(?:\.\w+)*)"
NAME = rf"{WORD}(?:\s+(?:{WORD}|of|de|van|von|al)){{0,6}}"
COMMON = r"(?:an?|the|two|three|four|five|several|its|their|his|her)\s+(?:(?:U\.S\.|[\w&'-]+)\s+){0,5}?[\w&-]+"
MANY = r"\b[A-Za-z][a-z]+s(?=(?:\s+(?:in|at|from)\s+[A-Z][\w\s]{1,25}?)?\s+(?:said|told|wrote|joked))"
PLACED = r"(?:\s+(?:in|at|from)\s+[A-Z]\w+(?:\s+[A-Z]\w+)?)?"
BEFORE = re.compile(rf"(?P<who>{MANY}|{COMMON}|{NAME}){PLACED}(?:,[^,]{{3,60}},)?\s+(?:has\s+)?{SAID}(?=\W)")
AFTER = re.compile(rf"[,”\"]\s*(?:said|says|wrote|added)\s+(?P<who>{NAME}|{COMMON})")
TITLES = re.compile(
    r"^(?:(?:the|U\.?S\.?|President|Vice|Prime|Minister|Secretary|Judge|Justice|Senator|Sen\.|Rep\.|Representative|"
    r"Chairman|Chairwoman|Chair|Commissioner|Chief|Executive|CEO|Director|Governor|Ambassador|General|Mr\.?|Ms\.?|Mrs\.?|"
    r"Dr\.?|Defense|Commerce|Economic|Affairs|Trade|Foreign|State|of|for|Under|Republican|Democratic|Attorney)\s+)+"
)
OUTLET = r"(?:the\s+)?(?:[A-Z][\w&.'-]*|\d+)(?:\s+(?:[A-Z][\w&.'-]*|of|and|the)){0,4}"
REPORTED = r"(?:first\s+|has\s+|have\s+|had\s+|also\s+|later\s+)*reported"
REPORTS = re.compile(
    rf"(?P<who>{OUTLET})\s+{REPORTED}\b(?:\s+(?:on|last|this|late|early)?\s*(?:[A-Z][a-z]+day|week|month))?"
    rf"(?:\s+that\b[^.]*?)?(?:,?\s+citing\s+(?P<cited>[^.,;]+))?"
)
BY_REPORT = re.compile(
    rf"according to (?:an?|the)\s+(?:\w+\s+)?report\s+(?:by|from|in|of)\s+(?P<who>{OUTLET})|"
    rf"(?:first\s+)?reported\s+by\s+(?P<by>{OUTLET})|according to (?P<to>{OUTLET})|\btold\s+(?P<told>{OUTLET})|"
    rf"citing a report (?:by|from|in)\s+(?P<citing>{OUTLET})"
)
QUOTED = re.compile(r"[“\"]([^“”\"]{10,300}?)[,.;]?[”\"]")
NOT_OUTLETS = re.compile(
    r"^(?:people|sources?|an?\b|internal|two|three|four|several|officials|documents|it\b|he\b|she\b)", re.I
)


@dataclass(frozen=True)
class Voice:
    """A name in the words of the text, and its place."""

    name: str
    start: int


@dataclass(frozen=True)
class Relay:
    """`publisher` repeats what `relays` reported; an empty publisher is that of the text itself."""

    publisher: str
    relays: str
    start: int
    end: int


def relays(text: Text, vocabulary: Vocabulary, found: list[Found]) -> list[Relay]:
    """Whose reports the text repeats, each pair once."""
    seen: dict[tuple[str, str], Relay] = {}
    for relay in sorted(_relays(text, vocabulary, found), key=lambda each: each.start):
        seen.setdefault((relay.publisher, relay.relays), relay)
    chained = {relay.publisher for relay in seen.values() if relay.publisher}
    return [relay for relay in seen.values() if relay.publisher or relay.relays not in chained]


def _relays(text: Text, vocabulary: Vocabulary, found: list[Found]) -> Iterator[Relay]:
    for match in REPORTS.finditer(text.plain):
        who = outlet(match["who"], vocabulary, match.start("who"), found, known_only=False)
        if who is None:
            continue
        cited = match["cited"]
        source = outlet(cited, vocabulary, match.start("cited"), found, known_only=True) if cited else None
        if source:
            yield Relay(who, source, match.start(), match.end())
        else:
            yield Relay("", who, match.start(), match.end("who"))
    for match in BY_REPORT.finditer(text.plain):
        group = next(name for name in ("who", "by", "to", "told", "citing") if match[name])
        known_only = group in ("to", "told")
        if who := outlet(match[group], vocabulary, match.start(group), found, known_only=known_only):
            yield Relay("", who, match.start(), match.end())


def outlet(said: str, vocabulary: Vocabulary, start: int, found: list[Found], *, known_only: bool) -> str | None:
    """The name of the publisher that the words begin or end with; None where they name no publisher."""
    said = " ".join(said.split())
    if NOT_OUTLETS.match(said):
        return None
    parts = said.split()
    for length in range(len(parts), 0, -1):
        for some in (" ".join(parts[:length]), " ".join(parts[-length:])):
            if known := vocabulary.publisher(some.rstrip(".'")):
                return known
    if known_only or any(each.start >= start and each.end <= start + len(said) for each in found):
        return None
    name = without_article(said)
    return name if name[:1].isupper() and name.lower() not in ("company", "it", "he", "she", "they") else None


def speakers(text: Text) -> list[Voice]:
    """Who is quoted or said to have said something, without titles, each once."""
    seen: dict[str, Voice] = {}
    for pattern in (AFTER, BEFORE):
        for match in pattern.finditer(text.plain):
            name = untitled(match["who"])
            if name and name.lower() not in ("it", "he", "she", "they", "we", "who", "that"):
                seen.setdefault(name.casefold(), Voice(name, match.start("who")))
    return sorted(seen.values(), key=lambda voice: voice.start)


def quoted(sentence: str) -> str:
    """The longest of what stands between quotation marks in a sentence; "" where nothing of some length does."""
    return max((found.strip() for found in QUOTED.findall(sentence)), key=len, default="")


def untitled(who: str) -> str:
    """The name of a person without titles; what is no person stays as it is said."""
    who = " ".join(who.split()).rstrip(",")
    bare = TITLES.sub("", who)
    if re.fullmatch(r"[A-Z][\w.'-]+(?:\s+[A-Z][\w.'-]+){1,3}", bare):
        return bare
    person = re.search(r"(?:[a-z]\s+)((?:[A-Z][\w'-]+\s+)[A-Z][\w'-]+)$", who)
    return person[1] if person else who
