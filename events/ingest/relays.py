"""The publishers whose reports a text repeats: "X reported, citing Y", "according to Y, as relayed by X"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from events.ingest.called import Found, Named
from events.ingest.names import Vocabulary, without_article
from events.ingest.text import LONGEST_SENTENCE, Text

OUTLET = r"(?<!\w)(?:the\s+)?(?:[A-Z][\w&.'-]*|\d+)(?:\s+(?:[A-Z][\w&.'-]*|of|and|the)){0,4}"
OFTEN = r"(?:first\s+|has\s+|have\s+|had\s+|also\s+|later\s+|earlier\s+|previously\s+|separately\s+)*"
# A company that "reported record revenue" reports of itself.
OWN = (
    r"(?!\s+(?:an?|its|their|no|net|record|quarterly|annual|strong|weak|revenues?|earnings|sales|profits?|losses|"
    r"results)\b)"
)
CITED = r"(?:(?:(?!reported|\bsaid\b).)*?\b(?:citing|which\s+cited)\s+(?P<cited>[^.,;:]+))?"
REPORTED = re.compile(
    rf"(?P<who>{OUTLET}),?\s+{OFTEN}(?P<verb>reported|reports|said|says|wrote|writes|revealed){OWN}\b{CITED}"
)
CITING = re.compile(rf"(?P<who>{OUTLET}),\s+citing\s+(?P<cited>[^.,;:]+),\s+{OFTEN}(?:reported|said|says|wrote)\b")
STORY = r"(?:reports?|reporting|story|stories|article|account|investigation)"
# Those of the second group count for publishers that are known to be of the press alone.
FORMS = tuple(
    (re.compile(form), known_only)
    for known_only, forms in (
        (
            False,
            (
                rf"\b(?:[Aa]ccording to|[Cc]iting|[Ii]n|by) (?:an?|the)\s+(?:\w+\s+)?{STORY}\s+(?:by|from|in|"
                rf"of)\s+(?P<who>{OUTLET})",
                rf"\b{OFTEN}reported\s+(?:earlier\s+|first\s+)?(?:on\s+\w+day\s+)?(?:by|in)\s+(?P<who>{OUTLET})",
            ),
        ),
        (
            True,
            (
                rf"\b(?:[Aa]ccording to|[Cc]iting|[Ii]n|[Pp]er|by|[Aa]fter|said) (?:an?\s+|"
                rf"the\s+)?(?P<who>{OUTLET}?)(?:'s?)?\s+{STORY}\b",
                rf"\b(?:[Aa]ccording to|[Cc]iting|[Pp]er|[Vv]ia|told|interview with|"
                rf"interviewed by)\s+(?P<who>{OUTLET})",
                rf"\b(?:seen|reviewed|obtained|viewed|reported on|published|confirmed) by\s+(?P<who>{OUTLET})",
                rf"(?:^|[.;,]\s)(?:An?|The|an?)\s+(?P<who>{OUTLET}?)\s+{STORY}\b",
                rf"\b(?P<who>{OUTLET}?)\s+was (?:the )?first to report\b",
            ),
        ),
    )
    for form in forms
)
REPEATED = re.compile(
    rf"\b(?:as\s+)?(?:relayed|cited|quoted|carried|republished|picked up|summarized|as reported|"
    rf"as noted)\s+(?:\w+day\s+)?"
    rf"(?:by|in)\s+(?P<who>{OUTLET})"
)
CALENDAR = re.compile(
    r"^(?:(?:On|In|Last|Late|Early|\w+day|[A-Z]\w+ber|January|February|March|April|May|June|July|August)\s+)+"
)
DATELINE = re.compile(r"\((?P<who>[A-Z][\w.' ]{1,40})\)\s*[-–—:]")
LEAD = re.compile(
    rf"^(?:an?|the|its|earlier)?\s*(?:\w+\s+)?{STORY}\s+(?:by|from|in|of)\s+|^(?:an?|earlier)\s+", re.IGNORECASE
)
NOT_OUTLETS = re.compile(
    r"^(?:people|persons?|sources?|an?\b|internal|two|three|four|several|officials|documents|users|developers|researchers|"
    r"customers|media|analysts|it\b|he\b|she\b|they\b|we\b|company\b)",
    re.I,
)
# What the press itself is called in short.
SHORT = {"FT": "Financial Times", "WSJ": "Wall Street Journal", "NYT": "New York Times", "AP": "Associated Press",
         "SCMP": "South China Morning Post", "Yonhap": "Yonhap News Agency", "Kyodo": "Kyodo News"}  # fmt: skip
PRESS = frozenset({"news", "trade_press", "aggregator"})  # kinds of publishers that report what others do
ACTORS = frozenset({"company", "official", "other"})  # and those that tell of themselves


@dataclass(frozen=True)
class Relay:
    """`publisher` repeats what `relays` reported; an empty publisher is that of the text itself."""

    publisher: str
    relays: str
    start: int
    end: int


def relays(text: Text, vocabulary: Vocabulary, found: list[Found]) -> list[Relay]:
    """Whose reports the text repeats, each pair once; of a chain ("X, citing Y") the pair and not its ends."""
    seen: dict[tuple[str, str], Relay] = {}
    for relay in sorted(_relays(text, vocabulary, found), key=lambda each: each.start):
        seen.setdefault((relay.publisher, relay.relays), relay)
    chained = {name for relay in seen.values() if relay.publisher for name in (relay.publisher, relay.relays)}
    return [relay for relay in seen.values() if relay.publisher or relay.relays not in chained]


def _relays(text: Text, vocabulary: Vocabulary, found: list[Found]) -> Iterator[Relay]:
    for number in range(len(text.starts)):
        start, end = text.span(number)
        sentence = text.plain[start : min(end, start + LONGEST_SENTENCE)]
        here = [each for each in found if start <= each.start < end]
        reader = Reader(sentence, start, vocabulary, here)
        yield from reader.read()


@dataclass
class Reader:
    """One sentence; `found` is what the record knows in it."""

    sentence: str
    start: int
    vocabulary: Vocabulary
    found: list[Found]

    def read(self) -> Iterator[Relay]:
        said: list[Relay] = []
        for pattern in (CITING, REPORTED):
            for match in pattern.finditer(self.sentence):
                known_only = pattern is CITING or not match["verb"].startswith("report")
                if who := self.outlet(match["who"], match.start("who"), known_only=known_only):
                    cited = match["cited"] and self.outlet(
                        LEAD.sub("", match["cited"]), match.start("cited"), known_only=True
                    )
                    end = match.end() if cited else match.end("who")
                    said.append(self.relay(who if cited else "", cited or who, match.start(), end))
        for pattern, known_only in FORMS:
            said += [
                self.relay("", who, match.start(), match.end())
                for match in pattern.finditer(self.sentence)
                if (who := self.outlet(match["who"], match.start("who"), known_only=known_only))
            ]
        for match in REPEATED.finditer(self.sentence):
            repeats = [each for each in said if each.end <= self.start + match.start() and not each.publisher]
            if repeats and (who := self.outlet(match["who"], match.start("who"), known_only=False)):
                said.append(Relay(who, repeats[-1].relays, repeats[-1].start, self.start + match.end()))
        yield from said

    def relay(self, publisher: str, relays: str, start: int, end: int) -> Relay:
        return Relay(publisher, relays, self.start + start, self.start + end)

    def outlet(self, said: str, start: int, *, known_only: bool) -> str | None:
        """The name of the publisher that the words begin or end with; None where they name no publisher."""
        said = " ".join(said.split())
        if NOT_OUTLETS.match(said):
            return None
        parts = said.split()
        for length in range(len(parts), 0, -1):
            for some in (" ".join(parts[:length]), " ".join(parts[-length:])):
                bare = re.sub(r"'s$", "", some).rstrip(".'")
                if known := publisher_of(bare, self.vocabulary):
                    counts = known.sort in PRESS or not (known_only or known.sort in ACTORS)
                    return known.names[0] if counts else None
        start += self.start
        if known_only or any(each.start >= start and each.end <= start + len(said) for each in self.found):
            return None
        name = CALENDAR.sub("", without_article(said))
        return name if name[:1].isupper() and not NOT_OUTLETS.match(name) else None


def publisher_of(name: str, vocabulary: Vocabulary) -> Named | None:
    return vocabulary.publisher(name) or vocabulary.publisher(SHORT.get(without_article(name), ""))


def is_press(name: str, vocabulary: Vocabulary) -> bool:
    """Whether it is a publisher that reports what others do."""
    known = publisher_of(name, vocabulary)
    return known is not None and known.sort in PRESS


def datelines(text: Text, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Where a text names the agency whose report it is: "WASHINGTON (Reuters) -"."""
    for match in DATELINE.finditer(text.plain):
        if vocabulary.publisher(match["who"]):
            yield match.span()
