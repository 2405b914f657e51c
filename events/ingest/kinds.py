"""The kind of event that a text tells of, by its wording."""

from __future__ import annotations

import re

from events.choices import EventKind
from events.ingest.text import Text

STOPPED = r"(?:exporting|selling|sales|shipments|shipping|processing|exports)"
# In a sentence the pattern that matches first decides; of two at one place, the earlier line.
WORDINGS: tuple[tuple[EventKind, str], ...] = (
    (EventKind.CLARIFICATION, r"clarif(?:y|ies|ied|ication)|no change\b|stays? open|remains? (?:open|available)|"
     r"(?:can|may) (?:still|go on|continue)|not affected|advis(?:ed|ory)|\bFAQs?\b|\bguidelines?\b"),
    (EventKind.LICENSING, r"\b(?:grants?|granted|approves?|approved|clears?|cleared|authoriz\w+)\b"
     r".{0,60}\b(?:licen[sc]es?|exports? to|imports|sales? of)\b|\blicensed to (?:ship|sell|export)|"
     r"licen[sc]es? (?:terms )?(?:keeps?|shuts?|leaves?)\b.{0,40}\bout\b"),
    (EventKind.RESCISSION, r"rescin|revok|revoc|repeal|withdrew|withdrawn|scrapp"),
    (EventKind.RESTORATION, r"restor|\blift(?:s|ed|ing)?\b|reinstat|unblock|resum(?:e|ed|es|ing) (?:sales|service)|"
     r"made available again|\breturns? to\b|\breopen|goes on (?:general )?sale"),
    (EventKind.RULING, r"\b(?:judge|court|tribunal)\b.{0,60}\b(?:ruled|granted|blocked|upheld|struck|ordered)|"
     r"\bdismissed the (?:suit|case)|\binjunction|\bruled\b|"
     r"\bcourt (?:annuls|rejects|rules|suspends|upholds|backs|sides|dismisses)"),
    (EventKind.INVESTIGATION, r"investigat|\binquiry\b|\bprobe\b|examin(?:es|ed|ing)|"
     r"\b(?:regulators?|authority|watchdogs?|commission)\b.{0,30}\bquestions?\b"),
    (EventKind.SUSPENSION, r"suspend|suspension of|\bpaus(?:e|es|ed|ing)\b|delay(?:s|ed)?\b|postpon|"
     r"halted (?:sales|service)|put on hold"),
    (EventKind.LISTING, r"\b(?:add|adds|added|adding|placed?|puts?)\b.{0,80}\b(?:Entity List|blacklist|sanctions list)|"
     r"blacklisted|\blist(?:s|ed)\b (?:\w+ ){0,3}(?:\d+|more)\b.{0,40}\b(?:entities|companies|firms)"),
    (EventKind.LICENSING, rf"licen[sc]e requirement|requires? a licen[sc]e|licen[sc]es? (?:will be|were|was) granted|"
     rf"granted licen|applications to sell|told (?:it|them) to stop {STOPPED}|pay \d+% of revenue"),
    (EventKind.PROPOSAL, r"\bpropos(?:e|es|ed|al)\b|draft (?:rule|law|bill)|introduced (?:a|the) bill|"
     r"\bapproved the .{0,40}\bAct\b|\b(?:House|Senate|committee|parliament|lawmakers)\b.{0,30}"
     r"\b(?:pass(?:es|ed)|back(?:s|ed)|advanc(?:es|ed)|introduc(?:es|ed))\b"),
    (EventKind.AMENDMENT, r"\bamend|replaces? parts|\brevis(?:es|ed|ion)|\b(?:tightens?|widens?|updates?)\b"
     r".{0,40}\b(?:rules?|terms|polic(?:y|ies)|controls)\b|\b(?:changed|rewrote) its .{0,20}(?:terms|polic(?:y|ies))"),
    (EventKind.ENFORCEMENT, r"(?:entered|enters?|came|comes?) into force|began (?:blocking|enforcing|to block)|"
     r"\b(?:took|takes?|taking) effect|\bdue to apply|\bfin(?:es|ed) [A-Z]|\bpays? \$|plead(?:s|ed)? guilty|"
     r"\b(?:is|are|was|were)? ?charged (?:with|over)|\bcharg(?:es|ed) \w+ (?:men|people|over)|"
     r"^\W*(?:[\w'’.-]+ ){1,3}orders? [A-Z]|\braid"),
    (EventKind.RESTRICTION, rf"\b(?:block|ban|bar|barr|prohibit|restrict|forbade|forbid)(?:s|ed|n?ing|ned|ring)?\b|"
     rf"forbidden|cut off|shut off|no longer (?:use|be)|will not release|not permitted|stop {STOPPED}|halt {STOPPED}|"
     rf"must stop|to end orders|failed .{{0,30}}review|warned .{{0,40}}not to use|can be bought only|issued a warning|"
     r"curb|\b(?:hold|holds|held)\b.{0,40}\bback\b|\bwithh(?:olds?|eld)|\bpulls? .{0,60}\bfrom\b|\blimits? [A-Z]|"
     r"everywhere but|tell\b.{0,40}\b(?:to stop|not to)\b|\bkeep\b.{0,30}\boff\b|"
     r"requires? (?:a permit|individual licen[sc]es)"),
    (EventKind.ANNOUNCEMENT, r"\b(?:opens?|launch(?:es|ed)?|releases|offers)\b|generally available|\bagree(?:s|d)?\b|"
     r"\bsigns? .{0,30}\b(?:deals?|declaration|agreement)|\baccus"),
    (EventKind.ADOPTION, r"\b(?:issue[sd]|adopt(?:s|ed)|released|publish(?:es|ed)|finali[sz]e[sd]|promulgated|"
     r"enact(?:s|ed))\b|"
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
