"""A text as sentences and as words that know their places."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

LONGEST = 200_000  # characters that are read of a text; a long law is 300,000
LONGEST_SENTENCE = 2_000  # characters of one that are read for who says what: longer is none
# What ends with a period and does not end a sentence, though a capital follows.
ABBREVIATIONS = (
    "Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Lt|Col|Sgt|St|Jr|Sr|Inc|Corp|Co|Ltd|No|Nos|Art|Sec|vs|v|cf|e\\.g|i\\.e|etc|approx|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|U\\.S|U\\.K|E\\.U|U\\.N|D\\.C|N\\.D|[A-Z]"
)
SENTENCE_END = re.compile(r"[.!?][”\"'\)\]]*(?=\s+[“\"'(\[]?[A-Z0-9À-Þ])|\n+")
ENDS_ABBREVIATED = re.compile(rf"(?:^|[\s(“\"])(?:{ABBREVIATIONS})$")
PLAINER = str.maketrans({"’": "'", "‘": "'", "\u00a0": " "})
BEGINS = re.compile(r"\s+(?:The|It|In|On|A|But|They|He|She|Its|This|That)\b")  # a sentence, after an abbreviation too
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Word:
    """`folded` is what is compared; `start` and `end` are places in the text."""

    text: str
    folded: str
    start: int
    end: int


@dataclass
class Text:
    """What a page says: its words, and the sentence of each place."""

    plain: str
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.plain = self.plain[:LONGEST].translate(PLAINER).replace("\r\n", "\n")
        self.starts = [0, *self._ends()]

    def _ends(self) -> list[int]:
        found = []
        for end in SENTENCE_END.finditer(self.plain):
            before = self.plain[max(0, end.start() - 12) : end.start()]
            after = self.plain[end.end() : end.end() + 12]
            if self.plain[end.start()] == "." and ENDS_ABBREVIATED.search(before) and not BEGINS.match(after):
                continue
            found.append(end.end())
        return found

    def sentence_at(self, place: int) -> int:
        """The number of the sentence that a place lies in."""
        return bisect_right(self.starts, place) - 1

    def sentence(self, place: int) -> str:
        """The sentence that a place lies in, in one line."""
        return self.sentences[self.sentence_at(place)]

    def span(self, number: int) -> tuple[int, int]:
        return self.starts[number], (self.starts[number + 1] if number + 1 < len(self.starts) else len(self.plain))

    @cached_property
    def sentences(self) -> list[str]:
        spans = (self.span(number) for number in range(len(self.starts)))
        return [" ".join(self.plain[start:end].split()) for start, end in spans]

    @cached_property
    def words(self) -> list[Word]:
        return words(self.plain)

    @cached_property
    def small(self) -> frozenset[str]:
        """The words that the text somewhere writes without capitals."""
        return frozenset(word.text for word in self.words if word.text.islower())

    def begins_sentence(self, place: int) -> bool:
        start = self.starts[self.sentence_at(place)]
        return not WORD.search(self.plain, start, place)


def words(text: str) -> list[Word]:
    """The words of a text; a possessive "'s" is none, and dotted capitals ("U.S.") are one."""
    found = []
    for match in re.finditer(r"(?:[A-Z]\.){2,}|[^\W_]+", text):
        if match[0] in ("s", "S") and match.start() and text[match.start() - 1] == "'":
            continue
        said = match[0].replace(".", "")
        found.append(Word(said, said.casefold(), match.start(), match.end()))
    return found


def digest(folded: Iterable[str]) -> str:
    """SHA-256 (hex) of words: of a text whatever its spacing and, its words being folded, their case."""
    return hashlib.sha256(" ".join(folded).encode()).hexdigest()
