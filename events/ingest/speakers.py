"""Who is quoted in a text, or said in it to have said something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from events.ingest.text import LONGEST_SENTENCE, Text

# "told somebody to do something" is an order, not a statement.
SAID = r"(?:said|says|wrote|writes|stated|joked|told(?!\s+[^.;,]{2,60}?\bto\s+[a-z]))"
# What is said by these counts where the words themselves stand in the sentence.
QUOTING = (
    r"(?:added|adds|called|calls|hailed|described|warned|argued|insisted|noted|replied|posted|tweeted|testified|declared|"
    r"confirmed|explained|promised|vowed|denounced|welcomed|commented|acknowledged)"
)
WORD = r"(?:U\.S\.|U\.K\.|[A-Z]\.(?=\s)|[a-z]?[A-Z][\w&'-]*(?:\.\w+)*)"
# A comma stands in the names of ministries alone.
NAME = rf"{WORD}(?:\s+(?:{WORD}|(?:of|for|and|de|van|von|al|&)(?:\s+the)?(?=\s+{WORD}))|,(?=\s+[A-Z]\w+\sand\s)){{0,9}}"
ARTICLE = r"(?:[Aa]n?|[Tt]he|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]everal|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er)"
COMMON = (
    rf"{ARTICLE}\s+(?:(?:U\.S\.|[\w&'-]+)\s+){{0,5}}?[\w&-]+"
    rf"(?:\s+(?:for|of)\s+(?:the\s+)?{NAME})?"
)
NO_PEOPLE = (
    r"(?!(?:[Hh]as|[Ww]as|[Ii]s|[Aa]s|[Tt]his|[Ii]ts|[Uu]s|[Dd]oes|[Aa]lways|[Pp]erhaps|[Pp]lus|[Yy]es|[Nn]ews)\b)"
)
MANY = rf"\b{NO_PEOPLE}[A-Za-z][a-z]+s\b|\b[Pp]eople\b"
PLACED = r"(?:\s+(?:in|at|from)\s+[A-Z]\w+(?:\s+[A-Z]\w+)?)?"
# What tells more of people who are not named.
KNOWING = (
    r"(?:\s+(?:(?:who\s+\w+\s+)?familiar|briefed|involved|close|with)\s+(?:with|on|in|to|direct|"
    r"knowledge)\b[^.,;:“”\"]{0,60}?)?"
)
OWNED = rf"(?:{WORD}\s+){{0,3}}[A-Z][\w.-]*'s\s+(?:[\w&-]+\s+){{0,4}}?[a-z][\w-]+"  # "China's foreign ministry"
WHO = rf"\b(?P<who>{COMMON}|{MANY}|{OWNED}|{NAME})"
BEFORE = re.compile(rf"{WHO}{PLACED}{KNOWING}(?:,[^,]{{3,60}},)?\s+(?:has\s+|also\s+|later\s+)?{SAID}(?=\W)")
BEFORE_QUOTE = re.compile(rf"{WHO}{PLACED}(?:,[^,]{{3,60}},)?\s+(?:has\s+|also\s+|later\s+)?{QUOTING}(?=\W)")
AFTER = re.compile(rf"[,”\"]\s*(?:said|says|wrote|added)\s+(?P<who>{NAME}|{COMMON})")
TITLES = re.compile(
    r"^(?:(?:the|The|U\.?S\.?|President|Vice|Prime|Minister|Secretary|Judge|Justice|Senator|Sen\.|Rep\.|Representative|"
    r"Chairman|Chairwoman|Chair|Commissioner|Chief|Executive|CEO|Director|Governor|Ambassador|General|Mr\.?|Ms\.?|Mrs\.?|"
    r"Dr\.?|Defense|Commerce|Economic|Affairs|Trade|Foreign|State|Home|District|Treasury|Industry|Economy|Energy|Interior|"
    r"Digital|Spokesman|Spokeswoman|Spokesperson|of|for|and|Under|Republican|Democratic|Attorney)\s+)+"
)
# In transcripts each says who he is by a name and a colon, more than once; "MR. PIGOTT: So, as you saw". What is blank
# before it is looked through within its line: over lines, each of many empty ones would be a beginning of all of them.
TURN = re.compile(
    r"(?:^|[.?!)”\"]\s+|\n[^\S\n]*)(?P<who>(?:(?:MR|MS|MRS|DR)\.\s+)?[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){0,2}):\s+(?=[A-Z“\"])"
)
ASKING = re.compile(r"^(?:q|a|question|answer|reporter|moderator|note|update|summary)s?$", re.IGNORECASE)
QUOTED = re.compile(r"[“\"]([^“”\"]{10,300}?)[,.;]?[”\"]")
PRONOUNS = frozenset("it he she they we who that this which i you".split())  # noqa: SIM905
# What does not speak, though it says something: the nouns at which an unnamed speaker may not end.
DOCUMENTS = re.compile(
    r"\b(?:notice|rule|filing|statement|report|article|law|order|document|letter|post|deal|plan|decision|agreement|memo|"
    r"meantime|matter|text|policy|page|website|regulation|guidance|register|bill|act|story|terms|rules|documents|filings|"
    r"reports|month|week|year|day|first|second|third|latter|former|other)$",
    re.IGNORECASE,
)
# A body whose name has "and" in it, and not two that spoke.
BODIES = (
    r"\b(?:Ministry|Department|Commission|Authority|Agency|Bureau|Office|Administration|Council|Committee|Institute|"
    r"Institution|Center|Centre|Service|Association|Board)\b"
)
BODY = re.compile(rf"^the\b|{BODIES}", re.IGNORECASE)
INSTITUTION = re.compile(rf"{BODIES}$", re.IGNORECASE)
PART = re.compile(r"\b(?:in|on|at|by|from|to|of|under|into|with|citing|per|via)\s+(?:the\s+|a\s+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Voice:
    """A name in the words of the text, and its place."""

    name: str
    start: int


def speakers(text: Text) -> list[Voice]:
    """Who is quoted or said to have said something, without titles, each once."""
    seen: dict[str, Voice] = {}
    for voice in (*_speakers(text), *turns(text)):
        seen.setdefault(voice.name.casefold(), voice)
    return sorted(seen.values(), key=lambda voice: voice.start)


def _speakers(text: Text) -> Iterator[Voice]:
    for number in range(len(text.starts)):
        start, end = text.span(number)
        sentence = text.plain[start : min(end, start + LONGEST_SENTENCE)]
        has_quote = any(mark in sentence for mark in '“”"')
        for pattern in (AFTER, BEFORE, BEFORE_QUOTE) if has_quote else (AFTER, BEFORE):
            place = 0
            while match := pattern.search(sentence, place):
                place = match.end()
                if pattern is not AFTER and PART.search(sentence[: match.start("who")]):
                    place = match.start("who") + 1  # the end of a longer name: "a notice in the Federal Register says"
                    continue
                for name in names(match["who"]):
                    if name.lower() not in PRONOUNS and not DOCUMENTS.search(name):
                        yield Voice(name, start + match.start("who"))


def turns(text: Text) -> Iterator[Voice]:
    """Who speaks in a transcript."""
    found = [(match["who"], match.start("who")) for match in TURN.finditer(text.plain)]
    times = Counter(who for who, _ in found)
    for who, start in found:
        bare = re.sub(r"^(?:MR|MS|MRS|DR)\.\s+", "", who)
        if times[who] > 1 and not ASKING.match(bare):
            yield Voice(bare.title() if bare.isupper() else bare, start)


def names(who: str) -> Iterator[str]:
    """Each who speaks: "Nvidia and AMD" are two, the Financial Crimes and Fraud Bureau is one."""
    who = " ".join(who.split()).rstrip(",")
    parts = [who] if BODY.search(who) or who[:1].islower() else who.split(" and ")
    for part in parts:
        if name := untitled(part):
            yield name


def quoted(sentence: str) -> str:
    """The longest of what stands between quotation marks in a sentence; "" where nothing of some length does."""
    return max((found.strip() for found in QUOTED.findall(sentence)), key=len, default="")


def untitled(who: str) -> str:
    """The name of a person without titles; what is no person stays as it is said."""
    if INSTITUTION.search(who):
        return who
    bare = TITLES.sub("", who)
    if re.fullmatch(r"[A-Z][\w.'-]+(?:\s+[A-Z][\w.'-]+){1,3}", bare):
        return bare
    person = re.search(r"(?:[a-z]\s+)((?:[A-Z][\w'-]+\s+)[A-Z][\w'-]+)$", who)
    return person[1] if person and not re.search(r"\b(?:for|of)\s", who) else who
