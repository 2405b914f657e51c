"""Authorities that a text does not name but tells of: "Italy's privacy watchdog", "the foreign and trade ministries".

Whose they are is said by the country right before them, or else by the countries that the text speaks of. What several
countries have by the same name ("International Trade Administration") is told apart in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from events.ingest.called import COMMON_WORDS, Found, Named
from events.ingest.places import said_of_countries
from events.ingest.text import Text

# What each is called by those who do not name it, by the country or group whose it is.
ROLES = (
    (r"(?:data[- ]protection|data[- ]privacy|privacy) (?:authority|watchdog|regulator|agency|commissioner)",
        {"IT": "garante", "FR": "cnil", "IE": "irish-dpc", "KR": "korea-pipc", "BR": "brazil-anpd"}),
    (r"(?:market|antitrust|anti-monopoly|anti-trust|competition) (?:regulator|watchdog|authority|agency)",
        {"CN": "samr", "IT": "agcm", "BR": "brazil-cade", "eu": "eu-commission"}),
    (r"(?:cyberspace|internet|cyber) (?:regulator|watchdog|administration|authority)", {"CN": "cac"}),
    (r"cyber(?:security| security) (?:agency|watchdog|authority|office)", {"CZ": "nukib"}),
    (r"(?:communications|media|telecoms?|online safety|internet) (?:regulator|watchdog)",
        {"GB": "ofcom", "MY": "malaysia-mcmc"}),
    (r"(?:state|economic) planner|(?:state |economic )?planning (?:agency|body)", {"CN": "ndrc"}),
    (r"customs (?:administration|authority|agency)", {"CN": "china-customs"}),
)  # fmt: skip
# What counts right after the country or group alone: others have one, too.
ROLES_BESIDE = (
    (r"cabinet", {"CN": "china-state-council", "TW": "taiwan-executive-yuan"}),
    (r"state council", {"CN": "china-state-council"}),
    (r"executive(?: arm| body)?", {"eu": "eu-commission"}),
)
MINISTRY = re.compile(r"^Ministry of (?:the )?(.+)$")
# A ministry is called by each of its fields; of these by other words as well.
FIELDS = {"foreign affairs": ("foreign", "foreign affairs"), "national defense": ("defense", "defence"),
          "economic affairs": ("economic affairs", "economics", "economy"), "digital affairs": ("digital",),
          "digital development": ("digital",), "communication": ("communication", "communications"),
          "commerce": ("commerce", "trade")}  # fmt: skip
# What a department does, or is done to it, where a word that has other uses ("Chamber of Commerce") means it.
ACTS = re.compile(
    r"(?:said|says|announce[sd]?|told|tells|add(?:s|ed)|issue[sd]|has|had|would|will|also|may|must|can|could|should|"
    r"plan(?:s|ned)|gave|gives|lets?|began|begins|propose[sd]|publishe[sd]|release[sd]|revoke[sd]|rescind(?:s|ed)|"
    r"suspend(?:s|ed)|grant(?:s|ed)|approve[sd]|denie[sd]|require[sd]|order(?:s|ed)|is|was|did|declined|confirm(?:s|ed)|"
    r"want(?:s|ed)|agree[sd]|finalize[sd]|warn(?:s|ed)|sent|notifie[sd]|informed|extend(?:s|ed)|tighten(?:s|ed)|"
    r"expand(?:s|ed)|adopt(?:s|ed)|amend(?:s|ed)|lift(?:s|ed)|bar(?:s|red)|ban(?:s|ned)|block(?:s|ed)|impose[sd]|"
    r"open(?:s|ed)|clarifie[sd]|withdrew|withdraws|puts?|sets?|vow(?:s|ed)|direct(?:s|ed)|seeks|sought|clear(?:s|ed))"
)
DONE_TO = frozenset("told by gave lets let asked from with at requires require directs directed orders ordered".split())  # noqa: SIM905
CALENDAR = re.compile(
    r"[A-Z]\w+day|January|February|March|April|May|June|July|August|September|October|November|December"
)
OF_THE = re.compile(r"\b(?:the|its|country's|nation's|and)\s$|^$", re.IGNORECASE)
MOST_MENTIONS = 200  # of a country that are looked at
CONTEXT_ENDS = re.compile(r"[\s'](?:s\s)?$|^$")  # between a country and what is its own


class Authorities:
    """What the record's agencies are called besides their names, made once for many texts."""

    def __init__(self, agencies: Iterable[Named]) -> None:
        known = {agency.key: agency for agency in agencies}
        self.roles = [
            (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), only_of(known, whose), roles is ROLES_BESIDE)
            for roles in (ROLES, ROLES_BESIDE)
            for pattern, whose in roles
        ]
        self.fields: dict[str, dict[str, str]] = {}
        shared: dict[str, dict[str, str]] = {}
        for agency in known.values():
            for name in bare_names(agency):
                shared.setdefault(name, {}).setdefault(agency.country, agency.key)
            for field in fields_of(agency):
                self.fields.setdefault(field, {}).setdefault(agency.country, agency.key)
        self.roles += [
            (re.compile(rf"\b{re.escape(name)}\b"), whose, False) for name, whose in shared.items() if len(whose) > 1
        ]
        field = "|".join(sorted(map(re.escape, self.fields), key=len, reverse=True)) or r"(?!)"
        some = rf"(?:{field})(?:(?:, and |, | and )(?:{field})){{0,5}}"
        self.ministries = re.compile(rf"\b({some}) (?:ministry|ministries)\b", re.IGNORECASE)
        self.ministry_of = re.compile(rf"\bministry of (?:the )?({field})\b(?! and [A-Z]|, [A-Z])", re.IGNORECASE)
        self.departments = {
            agency.short: agency.key for agency in known.values() if agency.short in COMMON_WORDS and agency.country
        }

    def find(self, text: Text, found: list[Found]) -> Iterator[Found]:
        """The authorities that a text tells of; `found` is what is named in it."""
        places = Places([each for each in found if each.kind in ("country", "group")])
        for pattern, whose, beside_only in self.roles:
            for match in pattern.finditer(text.plain):
                if key := places.whose(text, match.start(), whose, beside_only=beside_only):
                    yield Found("agency", key, match.start(), match.end())
        for match in [*self.ministries.finditer(text.plain), *self.ministry_of.finditer(text.plain)]:
            for field in re.split(r", and |, | and ", match[1]):
                if key := places.whose(text, match.start(), self.fields.get(field.lower(), {})):
                    yield Found("agency", key, match.start(), match.end())
        yield from self.acting(text)

    def acting(self, text: Text) -> Iterator[Found]:
        """Departments that are called by a common word: where the text has them act, or something done to them."""
        said = text.words
        for place, word in enumerate(said):
            if word.text not in self.departments:
                continue
            before = said[place - 1] if place and not text.begins_sentence(word.start) else None
            after = said[place + 1] if place + 1 < len(said) else None
            if before and before.text[0].isupper() and not CALENDAR.fullmatch(before.text):
                continue  # "Islamic State"
            follows = text.plain[word.end : word.end + 2]
            beside = {each.text for each in said[max(0, place - 2) : place + 3]} - {word.text}
            if (
                follows == "'s"
                or (after and follows != ". " and ACTS.fullmatch(after.text))
                or (before and before.folded in DONE_TO and not (after and after.text[0].isupper()))
                or ("and" in beside and beside & set(self.departments))
            ) and not (before and before.folded == "of"):
                yield Found("agency", self.departments[word.text], word.start, word.end)


def only_of(known: Collection[str], whose: dict[str, str]) -> dict[str, str]:
    return {where: key for where, key in whose.items() if key in known}


def bare_names(agency: Named) -> Iterator[str]:
    """An agency's names of two words and more, without its country."""
    for name in agency.names:
        for said in said_of_countries().get(agency.country, ()):
            name = name.removeprefix(f"{said} ")
        if " " in name and agency.country:
            yield name


def fields_of(agency: Named) -> Iterator[str]:
    """What a ministry is called by, with "ministry" after it."""
    for name in bare_names(agency):
        if ministry := MINISTRY.match(name):
            for field in re.split(r", (?:the )?| and (?:the )?", ministry[1]):
                yield from FIELDS.get(field.lower(), (field.lower(),))


class Places:
    """The countries and groups that a text names, as those whose an authority may be."""

    def __init__(self, named: list[Found]) -> None:
        self.ends = {each.end: each.key for each in named}
        self.by_key: dict[str, list[Found]] = {}
        for each in named:
            self.by_key.setdefault(each.key, []).append(each)

    def whose(self, text: Text, start: int, whose: dict[str, str], *, beside_only: bool = False) -> str:
        """Of the authorities that these have, that of the one which the text means at a place; "": none."""
        lead = CONTEXT_ENDS.search(text.plain[max(0, start - 3) : start])
        if lead and (beside := self.ends.get(max(0, start - 3) + lead.start())):
            return whose.get(beside, "")
        if beside_only or not (text.plain[start].isupper() or OF_THE.search(text.plain[max(0, start - 10) : start])):
            return ""  # "a market regulator"
        meant = [key for key in whose if key in self.by_key]
        if len(meant) > 1:
            sentence, _ = text.span(text.sentence_at(start))
            nearer = [
                (each.start, key)
                for key in meant
                for each in self.by_key[key][:MOST_MENTIONS]
                if sentence <= each.start < start
            ]
            first = min(meant, key=lambda key: self.by_key[key][0].start)
            return whose[max(nearer)[1] if nearer else first]
        return whose[meant[0]] if meant else ""
