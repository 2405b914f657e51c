"""Who acts in a text: a state where one is named before any company, or something is done by it, else a company."""

from __future__ import annotations

import re
from collections.abc import Sequence

from events.choices import CompanyRole, EventKind, PlaceRole
from events.ingest.authorities import ACTS
from events.ingest.called import Found
from events.ingest.text import Text

# What stands behind these does not act: "In Italy, OpenAI", "a letter to BIS".
LED_BY = re.compile(
    r"\b(?:in|into|from|to|for|with|at|on|against|outside|across|within|via|over)\s+(?:the\s+)?$", re.IGNORECASE
)
BY = re.compile(r"\bby\s+(?:the\s+)?$", re.IGNORECASE)
# A country acts where a verb of what states do follows, or what speaks for it: "Dutch court", "China's regulators".
VERB = re.compile(
    rf"\s+(?:(?:reported(?:ly)?|formally|also|now)\s+(?:to\s+)?)?(?:{ACTS.pattern}|"
    r"accuse[sd]?|ask(?:s|ed)?|charge[sd]?|close[sd]?|curb(?:s|ed)?|discourage[sd]?|exempt(?:s|ed)?|fine[sd]?|"
    r"halt(?:s|ed)?|limit(?:s|ed)?|list(?:s|ed)?|pause[sd]?|probe[sd]?|restrict(?:s|ed)?|review(?:s|ed)?|"
    r"stop(?:s|ped)?|summon(?:s|ed)?|takes?|took|tell|bar|clear|tighten)\b"
)
SPEAKS = re.compile(
    r"(?:'s)?\s+(?:[\w-]+\s+){0,3}?(?:governments?|courts?|judges?|regulators?|watchdogs?|ministry|ministries|minister|"
    r"authority|authorities|officials|lawmakers|parliament|senate|police|prosecutors|customs|premier|president|cabinet|"
    r"army|military|navy|tribunal|agency|agencies|commission)\b",
    re.IGNORECASE,
)


# Of these a state is always the author, whoever is named first.
OF_STATES = (EventKind.LISTING, EventKind.RULING)


def roles(text: Text, found: Sequence[Found], kind: EventKind) -> dict[tuple[str, str], str]:
    """The roles, by kind and key, of those companies and countries that a text has act; the others are affected.

    Of the companies the first acts, unless a state does.
    """
    company = min((each for each in found if each.kind == "company"), key=lambda each: each.start, default=None)
    first = company.start if company else len(text.plain)
    _, ends = text.span(text.sentence_at(first))
    acting = [
        each
        for each in found
        if each.start < ends
        and (each.kind == "agency" or (each.kind == "country" and is_state(text, each)))
        and is_subject(text.plain[max(0, each.start - 20) : each.start], comes_first=each.start < first)
    ]
    said: dict[tuple[str, str], str] = {
        (each.kind, each.key): PlaceRole.ACTING.value for each in acting if each.kind == "country"
    }
    if company and not acting and kind not in OF_STATES:
        said[company.kind, company.key] = CompanyRole.ACTOR.value
    return said


def is_subject(lead: str, *, comes_first: bool) -> bool:
    return bool(BY.search(lead)) or (comes_first and not LED_BY.search(lead))


def is_state(text: Text, each: Found) -> bool:
    after = text.plain[each.end : each.end + 80]
    return bool(VERB.match(after) or SPEAKS.match(after))
