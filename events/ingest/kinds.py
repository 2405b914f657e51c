"""The kind of event that a text tells of, by its wording."""

from __future__ import annotations

import re

from events.choices import EventKind
from events.ingest.text import Text

STOPPED = r"(?:exporting|selling|sales|shipments|shipping|processing|exports)"
# In a sentence the pattern that matches first decides; of two at one place, the earlier line.
WORDINGS: tuple[tuple[EventKind, str], ...] = (
    (EventKind.CLARIFICATION, r"clarif(?:y|ies|ied|ication)|no change\b|stays? open|remains? (?:open|available)|"
     r"(?:can|may) (?:still|go on|continue)|not affected|advis(?:ed|ory)|\bFAQs?\b"),
    (EventKind.RESCISSION, r"rescin|revok|revoc|repeal|withdrew|withdrawn|scrapp"),
    (EventKind.RESTORATION, r"restor|\blift(?:s|ed|ing)?\b|reinstat|unblock|resum(?:e|ed|es|ing) (?:sales|service)|"
     r"made available again"),
    (EventKind.RULING, r"\b(?:judge|court|tribunal)\b.{0,60}\b(?:ruled|granted|blocked|upheld|struck|ordered)|"
     r"\bdismissed the (?:suit|case)|\binjunction|\bruled\b"),
    (EventKind.INVESTIGATION, r"investigat|\binquiry\b|\bprobe\b|examin(?:es|ed|ing)"),
    (EventKind.SUSPENSION, r"suspend|suspension of|\bpaus(?:e|es|ed|ing)\b|delay(?:s|ed)?\b|postpon|"
     r"halted (?:sales|service)|put on hold"),
    (EventKind.LISTING, r"\b(?:add|adds|added|adding|placed?)\b.{0,80}\b(?:Entity List|blacklist|sanctions list)|"
     r"blacklisted"),
    (EventKind.LICENSING, rf"licen[sc]e requirement|requires? a licen[sc]e|licen[sc]es? (?:will be|were|was) granted|"
     rf"granted licen|applications to sell|told (?:it|them) to stop {STOPPED}|pay \d+% of revenue"),
    (EventKind.PROPOSAL, r"\bpropos(?:e|es|ed|al)\b|draft (?:rule|law|bill)|introduced (?:a|the) bill|"
     r"\bapproved the .{0,40}\bAct\b"),
    (EventKind.AMENDMENT, r"\bamend|replaces? parts|\brevis(?:es|ed|ion)"),
    (EventKind.ENFORCEMENT, r"(?:entered|came|comes) into force|began (?:blocking|enforcing|to block)|took effect"),
    (EventKind.RESTRICTION, rf"\b(?:block|ban|bar|barr|prohibit|restrict|forbade|forbid)(?:s|ed|n?ing|ned|ring)?\b|"
     rf"forbidden|cut off|shut off|no longer (?:use|be)|will not release|not permitted|stop {STOPPED}|halt {STOPPED}|"
     rf"must stop|to end orders|failed .{{0,30}}review|warned .{{0,40}}not to use|can be bought only|issued a warning|"
     r"curb"),
    (EventKind.ADOPTION, r"\b(?:issued|adopted|released|published|finali[sz]ed|promulgated)\b|"
     r"interim final rule|\bdirects\b|Executive Order \d+ of|\bsigned\b|presumes"),
    (EventKind.ANNOUNCEMENT, r"announc|\bwill\b|\bplans?\b|\bwould\b|now available|agreed to|took control"),
)  # fmt: skip
PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in WORDINGS)


def kind_of(text: Text) -> EventKind:
    """The kind by the first sentence that tells of an act; a text that tells of none is a report."""
    for sentence in text.sentences[:12]:
        found = [
            (match.start(), order, kind)
            for order, (kind, pattern) in enumerate(PATTERNS)
            if (match := pattern.search(sentence)) is not None
        ]
        acts = [each for each in found if each[2] != EventKind.ANNOUNCEMENT] or found
        if acts:
            return min(acts)[2]
    return EventKind.REPORT
