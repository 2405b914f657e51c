"""What texts call the records: their names, and the forms that derive from how a name is written.

Only what is language stands here; another name of one record is an alias of it, in the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from events.ingest.places import said_of_countries

MINISTRY = re.compile(r"^(?:Ministry|Department) of (?:the )?([A-Z]\w+)(?: and \w+)?$")
NOTICE = re.compile(r"\b(Announcement|Notice|Direction|Decree|Order)s? No\. (\d+)(?:-(\d+))? of (\d{4})")
PARTIES = re.compile(r"^[A-Z][\w.]*(?:-[A-Z][\w.]*)+ ")  # "US-UK Technology Prosperity Deal"
FR_CITATION = re.compile(r"^(\d{2,3}) FR (\d{3,6})$")
ORDER = re.compile(r"^(?:Executive Order|EO) (\d{5})\b")
ACT = re.compile(r"^(.+ Act) (?:of )?(?:19|20)\d\d$")  # "Export Control Reform Act of 2018"
CORPORATE = re.compile(r"^(\S+ \S+.*?),? (?:Company|Corporation|Corp|Co|Inc|Ltd|Limited|LLC|Group|Holding)\.?$")
PART = re.compile(r"^(\d+ CFR) part (\d+)$")
BILL = re.compile(r"^((?:H\.R\.|S\.) \d+)\b")
# What agencies are called in short and is a common word, too.
COMMON_WORDS = ("State", "Commerce", "Treasury", "Council")


@dataclass(frozen=True)
class Named:
    """A record as texts may call it.

    `country` is that of an agency, `maker` the slug of a product's company, `sort` the kind of a publisher.
    """

    kind: str
    key: str
    names: tuple[str, ...]
    country: str = ""
    maker: str = ""
    short: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Found:
    """A record named in a text, between two places."""

    kind: str
    key: str
    start: int
    end: int


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
    if record.kind == "company" and (bare_name := CORPORATE.match(name)):
        yield bare_name[1]
    if record.kind == "policy":
        yield from policy_forms(name)


def policy_forms(name: str) -> Iterator[str]:
    plain = re.sub(r"\s*\([^)]*\)", "", name)
    if plain != name and plain:
        yield plain
    if plain.startswith("EU ") and plain.count(" ") >= 2:
        yield plain[3:]
    if (bare := PARTIES.sub("", plain)) != plain and bare.count(" ") >= 2:
        yield bare
    if "Artificial Intelligence" in plain:
        yield plain.replace("Artificial Intelligence", "AI")
        yield plain.removeprefix("EU ").replace("Artificial Intelligence", "AI")
    if act := ACT.match(plain):
        yield act[1]
    if bill := BILL.match(name):
        yield bill[1]
    for number in notices(name):
        yield from number
    if order := ORDER.match(plain):
        yield f"Executive Order {order[1]}"
        yield f"EO {order[1]}"
        yield f"E.O. {order[1]}"
        _, _, about = plain.partition(", ")
        if about.count(" ") >= 3:
            yield about
    if part := PART.match(name):
        yield f"{part[1]} {part[2]}"
    if printed := FR_CITATION.match(name):
        yield f"{printed[1]} Fed. Reg. {printed[2]}"
        yield f"{printed[1]} Federal Register {printed[2]}"


def notices(name: str) -> Iterator[tuple[str, str]]:
    """What each notice of a citation ("MOFCOM Announcements No. 55-58 of 2025") is called with its year."""
    if notice := NOTICE.search(name):
        kind, first, year = notice[1], int(notice[2]), notice[4]
        for number in range(first, min(int(notice[3] or first), first + 20) + 1):
            yield f"{kind} No. {number} of {year}", f"{kind} {number} of {year}"


def numbered(records: Iterable[Named]) -> dict[str, str]:
    """What notices are called, without their year ("Announcement No. 61") too, where only one policy may be meant."""
    found: dict[str, set[str]] = {}
    for record in records:
        for name in record.names if record.kind == "policy" else ():
            for called_so in notices(name):
                for each in called_so:
                    found.setdefault(each, set()).add(record.key)
                    found.setdefault(each[: each.rindex(" of ")], set()).add(record.key)
    return {called_so: next(iter(keys)) for called_so, keys in found.items() if len(keys) == 1}


def agency_names(record: Named) -> Iterator[tuple[str, bool]]:
    for name in record.names[1:]:
        if " " not in name and not name.isupper():
            yield name, True
    countries = said_of_countries().get(record.country, ())
    if record.short and len(record.short) >= 3:
        if record.short.isupper() or any(letter.isupper() for letter in record.short[1:]):
            if record.short not in ("MOST", "TITA"):
                yield record.short, False
        elif record.short not in ("State", "Commerce", "Council"):
            yield record.short, record.short != "Congress"
            yield from ((f"{country} {record.short}", False) for country in countries)
    for said in countries:
        rest = record.names[0].removeprefix(f"{said} ")
        if rest == record.names[0] or rest.lower() == "government":
            continue
        if rest.count(" ") >= 3:
            yield rest, False
        for other in countries:
            yield f"{other} {rest}", False
        return
