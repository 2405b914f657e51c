"""Finding what the record knows in a text: companies, agencies, products, policies, countries and groups.

All names of all kinds are looked for at once and the longest of those that overlap wins, so that "Azure OpenAI Service"
names a product and not a company, and "Applied Materials Korea" no country. A name is compared word by word without
case, and possessives are no part of it; but where the name has a capital the text needs one too, unless the name is of
three words or more, so that neither "us" nor an apple is taken for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from events.ingest.authorities import Authorities
from events.ingest.called import Found, Named, called, numbered
from events.ingest.places import AMBIGUOUS, EU_SAID, WORLD_SAID, said_of_countries
from events.ingest.text import Text, Word, words

KINDS = ("company", "agency", "product", "policy", "country", "group", "publisher")
ANY_CASE_FROM = 3  # words

BESIDE = 6  # characters between two countries of a list
GROUP_CODE = re.compile(r"\b([ADE]):([1-6])\b")
ROW = re.compile(
    r"\b(Announcement|Notice|Direction|Decree|Order)s (?:Nos?\. )?(\d+(?:(?:, and |, | and |-)\d+)+)(?: of (\d{4}))?"
)
# How others spell what is American here, as single words.
SPELLED = {
    "defence": "defense", "licence": "license", "licences": "licenses", "programme": "program", "catalogue": "catalog",
    "organisation": "organization", "centre": "center", "authorisation": "authorization", "labour": "labor",
}  # fmt: skip
# What rules are called in the singular and in the plural alike.
COUNTED = frozenset(
    "rule control order regulation measure list act provision framework system tool license requirement api".split()  # noqa: SIM905
)


@dataclass
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[str, str, tuple[str, ...], bool]] = field(default_factory=list)  # kind, key, words, needs "the"


class Vocabulary:
    """All that is looked for, made once for many texts."""

    def __init__(self, records: Iterable[Named]) -> None:
        self.root = _Node()
        self.records = {(record.kind, record.key): record for record in records}
        self.publishers: dict[str, Named] = {}
        companies = {
            name.casefold() for (kind, _), record in self.records.items() if kind == "company" for name in record.names
        }
        for code, names in said_of_countries().items():
            for name in names:
                self.add("country", code, name)
        forms = [(record, *form) for record in self.records.values() for form in called(record)]
        owners: dict[tuple[str, str], set[str]] = {}
        for record, name, _ in forms:
            owners.setdefault((record.kind, name.casefold()), set()).add(record.key)
        for record, name, needs_the in forms:
            is_its_own = len(owners[record.kind, name.casefold()]) == 1
            if record.kind == "product" and name.casefold() in companies:
                is_its_own = False
            if is_its_own or name in record.names:
                self.add(record.kind, record.key, name, needs_the=needs_the)
        self.notices = numbered(self.records.values())
        for number, key in self.notices.items():
            self.add("policy", key, number)
        for record in self.records.values():  # a publisher's company knows more of its names: "Bloomberg News"
            if record.kind == "company" and (paper := self.records.get(("publisher", record.key))):
                for name in record.names:
                    self.publishers.setdefault(without_article(name).casefold(), paper)
        for key, called_so in (("eu", EU_SAID), ("world", WORLD_SAID)):
            if ("group", key) in self.records:
                for name in called_so:
                    self.add("group", key, name)
        self.makers = {key: record.maker for (kind, key), record in self.records.items() if kind == "product"}
        self.authorities = Authorities(record for record in self.records.values() if record.kind == "agency")

    def add(self, kind: str, key: str, name: str, *, needs_the: bool = False) -> None:
        if kind == "publisher":
            self.publishers.setdefault(without_article(name).casefold(), self.records[kind, key])
            return
        node = self.root
        said = words(name)
        if not said:
            return
        for word in said:
            node = node.next.setdefault(SPELLED.get(word.folded, word.folded), _Node())
        entry = (kind, key, tuple(word.text for word in said), needs_the)
        if all(known[:2] != (kind, key) for known in node.ends):
            node.ends.append(entry)

    def publisher(self, name: str) -> Named | None:
        """The publisher of that name, with or without its article."""
        return self.publishers.get(without_article(name).casefold())

    def find(self, text: Text) -> list[Found]:
        """Everything named, in order; what stands within a longer name is left out, but for countries of agencies."""
        found: list[Found] = []
        place, said = 0, text.words
        while place < len(said):
            length, ends = self.longest(text, said, place)
            for inner in range(place + 1, place + length):  # "Microsoft's [Azure OpenAI Service]"
                if self.longest(text, said, inner)[0] > length:
                    length, ends = self.longest(text, said, place, before=inner)
                    break
            for kind, key, _, _ in ends:
                here = Found(kind, key, said[place].start, said[place + length - 1].end)
                found.append(here)
                found += self.within(text, here, said[place : place + length])
            place += max(length, 1)
        told = list(self.authorities.find(text, found))
        covered = {place for each in told for place in range(each.start, each.end)}
        found = [
            each for each in found if each.kind != "agency" or each.start not in covered or each.end - 1 not in covered
        ]
        found += told
        found += self.codes(text)
        found += self.in_a_row(text)
        return sorted(drop_ambiguous(found), key=lambda each: (each.start, each.end))

    def longest(
        self, text: Text, said: list[Word], place: int, *, before: int | None = None
    ) -> tuple[int, list[tuple[str, str, tuple[str, ...], bool]]]:
        """How many words the longest name that begins at a place has (and ends `before` another), and whose it is."""
        node, best = self.root, (0, [])  # type: ignore[var-annotated]
        for offset in range((len(said) if before is None else before) - place):
            word = said[place + offset]
            following = next((node.next[form] for form in forms_of(word) if form in node.next), None)
            if following is None or (offset and apart(text.plain, said[place + offset - 1], word)):
                break
            node = following
            here = said[place : place + offset + 1]
            if ends := [end for end in node.ends if fits(text, here, end[2], end[3], said, place)]:
                best = (offset + 1, [end for end in ends if end[0] != "company" or not has_product(ends)])
        return best

    def within(self, text: Text, outer: Found, said: list[Word]) -> Iterator[Found]:
        """The country that an agency's name names, and the company whose name begins that of what is its own."""
        if outer.kind == "agency":
            for place in range(len(said)):
                for length in range(min(3, len(said) - place), 0, -1):
                    node = self.node_of(said[place : place + length])
                    for kind, key, *_ in node.ends if node else ():
                        if kind == "country":
                            yield Found("country", key, said[place].start, said[place + length - 1].end)
        elif outer.kind in ("product", "policy"):
            maker = self.makers.get(outer.key) if outer.kind == "product" else None
            for length in range(1, len(said)):
                node = self.node_of(said[:length])
                for kind, key, *_ in node.ends if node else ():
                    end = said[length - 1].end
                    # "Anthropic's supported countries" names the company, "OpenAI usage policies" does not.
                    if kind == "company" and (key == maker or (outer.kind == "policy" and owns(text, end))):
                        yield Found("company", key, outer.start, end)

    def node_of(self, said: list[Word]) -> _Node | None:
        node: _Node | None = self.root
        for word in said:
            node = node.next.get(word.folded) if node else None
        return node

    def codes(self, text: Text) -> Iterator[Found]:
        """Country groups of the EAR by their codes."""
        for match in GROUP_CODE.finditer(text.plain):
            key = f"ear-{match[1].lower()}{match[2]}"
            if ("group", key) in self.records:
                yield Found("group", key, match.start(), match.end())

    def in_a_row(self, text: Text) -> Iterator[Found]:
        """Notices that are named together: "Announcements Nos. 55, 56 and 61 of 2025"."""
        for match in ROW.finditer(text.plain):
            year = f" of {match[3]}" if match[3] else ""
            for number in re.findall(r"\d+", match[2]):
                if key := self.notices.get(f"{match[1]} No. {number}{year}"):
                    yield Found("policy", key, match.start(), match.end())


def forms_of(word: Word) -> Iterator[str]:
    """What a word may stand for in a name: itself, or in the other number ("H20s", "chip rules")."""
    said = SPELLED.get(word.folded, word.folded)
    yield said
    bare = said.removesuffix("s")
    if bare in COUNTED:
        yield bare if bare != said else f"{said}s"
    elif bare != said and len(bare) > 1 and any(letter.isdigit() for letter in said):
        yield bare


def owns(text: Text, place: int) -> bool:
    return text.plain.startswith("'s", place)


def apart(text: str, before: Word, after: Word) -> bool:
    """Whether what stands between two words keeps them from being one name; "No. 61" is one."""
    between = text[before.end : after.start]
    if before.folded in ("no", "nos", "fed", "reg") and between == ". ":
        return False
    return len(between) > 4 or any(mark in between for mark in ";!?\n") or ". " in between


def has_product(ends: list[tuple[str, str, tuple[str, ...], bool]]) -> bool:
    """A name that a company shares with what it offers ("Azure China") is that of what it offers."""
    return any(end[0] == "product" for end in ends)


def fits(text: Text, here: list[Word], name: tuple[str, ...], needs_the: bool, said: list[Word], place: int) -> bool:
    if needs_the and not (place and said[place - 1].folded == "the"):
        return False
    if len(name) >= ANY_CASE_FROM:
        return True
    for word, wanted in zip(here, name, strict=True):
        if wanted.isupper() and len(wanted) <= 4 and word.text.rstrip("s") != wanted:
            return False  # EU, US, TEL: never what is written small
    if name[0][0].isupper() and not here[0].text[0].isupper():
        return False
    if len(name) == 1 and name[0].isalpha() and text.begins_sentence(here[0].start):
        # A word that the text elsewhere writes small is an ordinary one that begins a sentence.
        return here[0].folded not in text.small
    return True


def drop_ambiguous(found: list[Found]) -> Iterator[Found]:
    """Without what is a country beside another country only, and stands beside none ("Turkey, Georgia and Jordan")."""
    countries = sorted((each for each in found if each.kind == "country"), key=lambda each: each.start)
    unsure = set()
    for row in (countries, countries[::-1]):
        before: Found | None = None
        for each in row:
            if each.key in AMBIGUOUS and (
                before is None or min(abs(each.start - before.end), abs(before.start - each.end)) > BESIDE
            ):
                unsure.add((each, row is countries))
            else:
                before = each
    return (each for each in found if not {(each, True), (each, False)} <= unsure)


def without_article(name: str) -> str:
    return name[4:] if name[:4].lower() == "the " else name
