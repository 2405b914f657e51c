"""Finding what the record knows in a text: companies, agencies, products, policies, countries and groups.

All names of all kinds are looked for at once and the longest that begins at a word wins, so that "Azure OpenAI Service"
names a product and not a company, and "Applied Materials Korea" no country. A name is compared word by word without
case, and possessives are no part of it; but where the name has a capital the text needs one too, unless the name is of
three words or more, so that neither "us" nor an apple is taken for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from events.ingest.places import AMBIGUOUS, EU_SAID, WORLD_SAID, said_of_countries
from events.ingest.text import Text, Word, words

KINDS = ("company", "agency", "product", "policy", "country", "group", "publisher")
ANY_CASE_FROM = 3  # words

# What a country's authority is called by those who do not name it; a name of the record says which one it is.
ROLES = (
    (r"(?:data protection|privacy) (?:authority|watchdog|regulator)", {"IT": "garante", "FR": "cnil", "IE": "irish-dpc",
        "KR": "korea-pipc", "BR": "brazil-anpd"}),
    (r"(?:market|antitrust|anti-monopoly|competition) (?:regulator|watchdog|authority)", {"CN": "samr", "IT": "agcm",
        "BR": "brazil-cade"}),
    (r"(?:cyberspace|internet|cyber) (?:regulator|watchdog|administration)", {"CN": "cac"}),
    (r"(?:commerce|trade) ministry|ministry of commerce", {"CN": "mofcom", "JP": "japan-meti", "KR": "korea-motie"}),
)  # fmt: skip
# A department called by a word that has other uses ("Chamber of Commerce"): where it acts, or is told to.
DEPARTMENT = re.compile(
    r"(?<!of )(?<!and )\b(State|Commerce)(?=,? (?:said|says|announced|told|added|issued|has|had|would|will|also|may|"
    r"plans?|gave|and (?:State|Commerce))\b)|\b(?:told|by|gave|lets?|asked) (State|Commerce)\b"
)
MINISTRY = re.compile(r"^(?:Ministry|Department) of (?:the )?([A-Z]\w+)(?: and \w+)?$")
GROUP_CODE = re.compile(r"\b([ADE]):([1-6])\b")
NOTICE = re.compile(r"\b(Announcement|Notice|Direction|Decree|Order) No\. (\d+) of (\d{4})")
PARTIES = re.compile(r"^[A-Z][\w.]*(?:-[A-Z][\w.]*)+ ")  # "US-UK Technology Prosperity Deal"
FR_CITATION = re.compile(r"\b\d{2,3} FR \d{3,6}\b")
ORDER = re.compile(r"^(?:Executive Order|EO) (\d{5})\b")


@dataclass(frozen=True)
class Named:
    """A record as texts may call it. `country` is that of an agency; `maker` the slug of a product's company."""

    kind: str
    key: str
    names: tuple[str, ...]
    country: str = ""
    maker: str = ""
    short: str = ""


@dataclass(frozen=True)
class Found:
    """A record named in a text, between two places."""

    kind: str
    key: str
    start: int
    end: int


@dataclass
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[str, str, tuple[str, ...], bool]] = field(default_factory=list)  # kind, key, words, needs "the"


class Vocabulary:
    """All that is looked for, made once for many texts."""

    def __init__(self, records: Iterable[Named]) -> None:
        self.root = _Node()
        self.records = {(record.kind, record.key): record for record in records}
        self.publishers: dict[str, str] = {}
        companies = {
            name.casefold() for (kind, _), record in self.records.items() if kind == "company" for name in record.names
        }
        for code, names in said_of_countries().items():
            for name in names:
                self.add("country", code, name)
        for record in self.records.values():
            for name, needs_the in called(record):
                if record.kind != "product" or (name.casefold() not in companies or name in record.names):
                    self.add(record.kind, record.key, name, needs_the=needs_the)
        for number, keys in numbered(self.records.values()).items():
            if len(keys) == 1:
                self.add("policy", next(iter(keys)), number)
        for record in self.records.values():  # a publisher's company knows more of its names: "Bloomberg News"
            if record.kind == "company" and (paper := self.records.get(("publisher", record.key))):
                for name in record.names:
                    self.publishers.setdefault(without_article(name).casefold(), paper.names[0])
        for key, called_so in (("eu", EU_SAID), ("world", WORLD_SAID)):
            if ("group", key) in self.records:
                for name in called_so:
                    self.add("group", key, name)
        self.makers = {key: record.maker for (kind, key), record in self.records.items() if kind == "product"}

    def add(self, kind: str, key: str, name: str, *, needs_the: bool = False) -> None:
        if kind == "publisher":
            self.publishers.setdefault(without_article(name).casefold(), name)
            return
        node = self.root
        said = words(name)
        if not said:
            return
        for word in said:
            node = node.next.setdefault(word.folded, _Node())
        entry = (kind, key, tuple(word.text for word in said), needs_the)
        if all(known[:2] != (kind, key) for known in node.ends):
            node.ends.append(entry)

    def publisher(self, name: str) -> str | None:
        """The record's name of a publisher, with or without its article."""
        return self.publishers.get(without_article(name).casefold())

    def find(self, text: Text) -> list[Found]:
        """Everything named, in order; what stands within a longer name is left out, but for countries of agencies."""
        found: list[Found] = []
        place, said = 0, text.words
        while place < len(said):
            length, ends = self.longest(text, said, place)
            for kind, key, _, _ in ends:
                here = Found(kind, key, said[place].start, said[place + length - 1].end)
                found.append(here)
                found += self.within(text, here, said[place : place + length])
            place += max(length, 1)
        found += self.by_role(text, found)
        found += self.departments(text)
        found += self.codes(text)
        return sorted(drop_ambiguous(found), key=lambda each: (each.start, each.end))

    def longest(
        self, text: Text, said: list[Word], place: int
    ) -> tuple[int, list[tuple[str, str, tuple[str, ...], bool]]]:
        node, best = self.root, (0, [])  # type: ignore[var-annotated]
        for offset in range(len(said) - place):
            word = said[place + offset]
            following = node.next.get(word.folded)
            if following is None and word.folded.endswith("s") and len(word.folded) > 2:
                following = node.next.get(word.folded[:-1]) if any(c.isdigit() for c in word.text) else None
            if following is None or (offset and apart(text.plain, said[place + offset - 1], word)):
                break
            node = following
            here = said[place : place + offset + 1]
            if ends := [end for end in node.ends if fits(text, here, end[2], end[3], said, place)]:
                best = (offset + 1, [end for end in ends if end[0] != "company" or not has_product(ends)])
        return best

    def within(self, text: Text, outer: Found, said: list[Word]) -> Iterator[Found]:
        """The country that an agency's name names, and the maker whose name begins its product's."""
        if outer.kind == "agency":
            for place in range(len(said)):
                for length in range(min(3, len(said) - place), 0, -1):
                    node = self.node_of(said[place : place + length])
                    for kind, key, *_ in node.ends if node else ():
                        if kind == "country":
                            yield Found("country", key, said[place].start, said[place + length - 1].end)
        elif outer.kind == "product" and (maker := self.makers.get(outer.key)):
            for length in range(1, len(said)):
                node = self.node_of(said[:length])
                if node and any(end[:2] == ("company", maker) for end in node.ends):
                    yield Found("company", maker, outer.start, said[length - 1].end)

    def node_of(self, said: list[Word]) -> _Node | None:
        node: _Node | None = self.root
        for word in said:
            node = node.next.get(word.folded) if node else None
        return node

    def by_role(self, text: Text, found: list[Found]) -> Iterator[Found]:
        """Authorities that are called by what they do, right after their country: "Italy's privacy watchdog"."""
        countries = {each.end: each.key for each in found if each.kind == "country"}
        for pattern, agencies in ROLES:
            for match in re.finditer(rf"\b{pattern}\b", text.plain, re.IGNORECASE):
                lead = re.search(r"[\s'](?:s\s)?$|^$", text.plain[: match.start()])
                end = lead.start() if lead else match.start()
                key = agencies.get(countries.get(end, ""), "")
                if ("agency", key) in self.records:
                    yield Found("agency", key, match.start(), match.end())

    def departments(self, text: Text) -> Iterator[Found]:
        """Agencies that are called by a common word, where the text has them do something."""
        called_so = {record.short: key for (kind, key), record in self.records.items() if kind == "agency"}
        for match in DEPARTMENT.finditer(text.plain):
            group = 1 if match[1] else 2
            if key := called_so.get(match[group]):
                yield Found("agency", key, match.start(group), match.end(group))

    def codes(self, text: Text) -> Iterator[Found]:
        """Country groups of the EAR by their codes."""
        for match in GROUP_CODE.finditer(text.plain):
            key = f"ear-{match[1].lower()}{match[2]}"
            if ("group", key) in self.records:
                yield Found("group", key, match.start(), match.end())


def apart(text: str, before: Word, after: Word) -> bool:
    """Whether what stands between two words keeps them from being one name; "No. 61" is one."""
    between = text[before.end : after.start]
    if before.folded == "no" and between == ". ":
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
        return not re.search(rf"(?<!\w){re.escape(here[0].folded)}(?!\w)", text.plain)
    return True


def drop_ambiguous(found: list[Found]) -> list[Found]:
    countries = [each for each in found if each.kind == "country" and each.key not in AMBIGUOUS]
    return [
        each
        for each in found
        if not (each.kind == "country" and each.key in AMBIGUOUS)
        or any(min(abs(each.start - other.end), abs(other.start - each.end)) <= 6 for other in countries)
    ]


def without_article(name: str) -> str:
    return name[4:] if name[:4].lower() == "the " else name


# ------------------------------------------------------------------------------------------- what records are called


def called(record: Named) -> Iterator[tuple[str, bool]]:
    """Each name under which texts may speak of a record, and whether it counts after "the" only."""
    for name in record.names:
        yield from ((each, False) for each in forms(record, name))
    if record.kind == "agency":
        yield from agency_names(record)
    elif record.kind == "policy":
        spoken = record.key.replace("-", " ")
        if spoken.count(" ") >= 2:
            yield spoken, False


def forms(record: Named, name: str) -> Iterator[str]:
    """The name itself and those that derive from how it is written in the record."""
    if record.kind == "agency" and " " not in name and not name.isupper() and name != record.names[0]:
        return  # "Commission": see agency_names
    yield name
    if record.kind == "product" and (bare := name.removesuffix(" app")) != name and " " not in bare:
        yield bare
    if record.kind == "policy":
        plain = re.sub(r"\s*\([^)]*\)", "", name)
        if plain != name and plain:
            yield plain
        if plain.startswith("EU ") and plain.count(" ") >= 2:
            yield plain[3:]
        if (bare := PARTIES.sub("", plain)) != plain and bare.count(" ") >= 2:
            yield bare
        if notice := NOTICE.search(name):
            yield f"{notice[1]} No. {notice[2]} of {notice[3]}"
            yield f"{notice[1]} {notice[2]} of {notice[3]}"
        if order := ORDER.match(plain):
            yield f"Executive Order {order[1]}"
            yield f"EO {order[1]}"
            yield f"E.O. {order[1]}"
        yield from FR_CITATION.findall(name)


def numbered(records: Iterable[Named]) -> dict[str, set[str]]:
    """What notices are called without their year ("Announcement No. 61"), and the policies that may be meant."""
    found: dict[str, set[str]] = {}
    for record in records:
        for notice in (NOTICE.search(name) for name in record.names if record.kind == "policy"):
            if notice:
                for called_so in (f"{notice[1]} No. {notice[2]}", f"{notice[1]} {notice[2]}"):
                    found.setdefault(called_so, set()).add(record.key)
    return found


def agency_names(record: Named) -> Iterator[tuple[str, bool]]:
    for name in record.names[1:]:
        if " " not in name and not name.isupper():
            yield name, True
    if record.short and len(record.short) >= 3:
        if record.short.isupper() or any(letter.isupper() for letter in record.short[1:]):
            if record.short not in ("MOST", "TITA"):
                yield record.short, False
        elif record.short not in ("State", "Commerce", "Council"):
            yield record.short, record.short != "Congress"
    for said in said_of_countries().get(record.country, ()):
        rest = record.names[0].removeprefix(f"{said} ")
        if rest == record.names[0] or rest.lower() == "government":
            continue
        if rest.count(" ") >= 3:
            yield rest, False
        for other in said_of_countries()[record.country]:
            yield f"{other} {rest}", False
            if ministry := MINISTRY.match(rest):
                field_ = {"Foreign": "Foreign"}.get(ministry[1], ministry[1])
                yield f"{other} {field_} Ministry", False
                yield f"{other} {field_.lower()} ministry", False
        return
    if match := re.match(r"^(\w+) (Ministry|Department) of ", record.names[0]):
        yield record.names[0].removeprefix(f"{match[1]} "), False
