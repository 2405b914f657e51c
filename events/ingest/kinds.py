"""The kind of event that a text tells of, by its wording."""

from __future__ import annotations

import re

from events.choices import EventKind
from events.ingest.text import Text

DOING = (
    r"(?:exporting|selling|sales|shipments|shipping|processing|exports|making|supplying|offering|serving|using|buying|"
    r"purchasing|training)"
)
LICENSES = r"licen[sc]es?"
CAPITAL = r"(?-i:[A-Z])"
# A ban that is spoken of, and not made here: "the ban", "OpenAI's block".
NOUN = r"(?<!the )(?<!an )(?<!a )(?<!'s )(?<!’s )(?<!its )(?<!own )(?<!export )(?<!chip )(?<!not to )"
# In a sentence the pattern that matches first decides; of two at one place, the earlier line.
WORDINGS: tuple[tuple[EventKind, str], ...] = (
    (EventKind.CLARIFICATION, r"clarif(?:y|ies|ied|ication)|no change\b|(?:has|have) not changed|\bunchanged\b|"
    r"stays? open|"
     r"remains? (?:open|available)|keep (?:their|its|his) access|(?:can|may) (?:still|go on|continue)|not affected|"
     r"advis(?:ed|es|ory)|\bFAQs?\b|\bguidelines?\b|\bguidance\b|questions and answers"),
    (EventKind.LICENSING, rf"\b(?:grants?|granted|approves?|approved|clears?|cleared|authoriz\w+)\b"
     rf".{{0,60}}\b(?:{LICENSES}|exports? to|imports|sales? of|to (?:buy|import|ship))\b|\blicensed to (?:ship|sell|"
     rf"export)|"
     rf"{LICENSES} (?:terms )?(?:keeps?|shuts?|leaves?|excludes?)\b|first {LICENSES}|"
     rf"\bissu(?:es|ed|ing) (?:no |any |the |\d+ )?(?:\w+ )?{LICENSES}|"
     r"\b(?:pay|hand|hand over|give|share)\b.{0,40}\b\d+ ?(?:%|percent) of"),
    (EventKind.RESCISSION, r"rescin|revok|revoc|repeal|withdrew|withdrawn|scrapp|\bdrop(?:s|ped)? (?:the|its|a|an)\b|"
     r"\bis no more\b|\bleft out of\b"),
    (EventKind.RESTORATION, r"restor|^\W*Resolved\b|\blift(?:s|ed|ing)?\b|reinstat|unblock|"
     r"resum(?:e|ed|es|ing) (?:sales|service)|"
     r"(?:made )?available again|\breturns? to\b|\breopen|goes on (?:general )?sale|\bback (?:on|in|onto)\b|"
     r"\bexempts?\b.{0,60}\bfrom (?:its|the) (?:export )?(?:ban|controls)|\bcomes to\b"),
    (EventKind.RULING, r"\b(?:judge|court|tribunal|jury|panel)\b.{0,60}\b(?:ruled|rules|granted|grants|blocked|"
    r"blocks|upheld|"
     r"struck|ordered|orders|barred|bars|annuls|rejects|rejected|suspends|upholds|backs|sides|dismiss(?:es|ed)|declin\w+|"
     r"found)\b|\bdismissed the (?:suit|case)|\binjunction|\bruled\b"),
    (EventKind.INVESTIGATION, r"investigat|\binquiry\b|\bprobe\b|examin(?:es|ed|ing)|\bsummon(?:s|ed)\b|"
     r"\b(?:regulators?|authority|watchdogs?|commission)\b.{0,30}\bquestions?\b|\basks? [\w' ]{1,40} (?:what|how|"
     r"whether)\b|"
     r"\bopen(?:s|ed) (?:a |an |formal )*(?:case|proceedings)\b|\basked .{1,60} for information"),
    (EventKind.SUSPENSION, r"suspend|suspension of|\bpaus(?:e|es|ed|ing)\b|delay(?:s|ed)?\b|postpon|\bshel(?:f|ves|"
    r"ved)\b|"
     r"halted (?:sales|service)|\bon hold\b|will not enforce|would not enforce|\bstop(?:s|ped)? (?:servicing|"
     r"new downloads)"),
    (EventKind.LISTING, r"\b(?:add|adds|added|adding|placed?|puts?|named?)\b.{0,140}\b(?:Entity List|blacklist|"
     r"sanctions list|watch list)|\b(?:add|adds|added|puts?|placed)\b.{0,60}\b(?:entities|companies|"
     r"firms)\b.{0,80}\blist\b|"
     r"blacklisted|\bdesignat(?:es|ed|ing)\b|"
     r"\bbar(?:s|red)\b.{0,30}\bexports to\b.{0,30}\b(?:entities|companies|firms)|"
     r"\blist(?:s|ed)\b (?:\w+ ){0,3}(?:\d+|more)\b.{0,40}\b(?:entities|companies|firms)"),
    (EventKind.LICENSING, rf"licen[sc]e requirement|requires? a licen[sc]e|{LICENSES} (?:will be|were|was) granted|"
     r"granted licen|applications to sell|told (?:it|them) to stop (?:exporting|selling|shipping)"),
    (EventKind.PROPOSAL, r"\bpropos(?:e|es|ed|al)\b|draft (?:rule|law|bill)|introduced (?:a|the|in)\b|\bAct would\b|"
     r"\b(?:bill|measure)\b.{0,20}\b(?:would|targets|introduced)\b|"
     r"\bapproved the .{0,40}\bAct\b|\b(?:House|Senate|committee|parliament|lawmakers)\b.{0,30}"
     r"\b(?:pass(?:es|ed)|back(?:s|ed)|advanc(?:es|ed)|introduc(?:es|ed))\b"),
    (EventKind.AMENDMENT, r"\bamend|replaces? parts|\brevis(?:es|ed|ion)|\b(?:tighten|widen|updat|correct)(?:s|es|ed|"
    r"ing)?\b"
     r".{0,60}\b(?:rules?|terms|polic(?:y|ies)|controls)\b|\b(?:changed|changes|rewrote) its .{0,20}(?:terms|"
     r"polic(?:y|ies))|"
     r"\b(?:updating|strengthening) our\b|\brule widened\b|case[- ]by[- ]case"),
    (EventKind.ANNOUNCEMENT, r"\bplans (?:to|new)\b|\bplanning to\b"),
    (EventKind.RESTRICTION, r"\border(?:s|ed)\b.{0,90}\b(?:stop|limit|limits|limitation|halt|remove|suspend|end|"
    r"cease)\b|"
     r"\b(?:tell|tells|told|direct|directs|directed)\b.{0,70}\b(?:to stop|to end|to halt|to remove|not to|to avoid)\b"),
    (EventKind.ENFORCEMENT, rf"(?:entered|enters?|came|comes?|enter|come) into force|beg[aiu]n(?:s|ning)? "
     rf"(?:blocking|enforcing|to block|to apply)|"
     rf"\b(?:took|takes?|taking) effect|\bdue to apply|\bfin(?:es|ed) {CAPITAL}|\bpays? \$|plead(?:s|ed)? guilty|"
     rf"\b(?:is|are|was|were)? ?charged (?:with|over)|\bcharg(?:es|ed) \w+ (?:men|people|over)|\braid|"
     rf"\b(?:bans?|banned|shuts?|closed?|disables?|disabled)\b.{{0,30}}\b(?:accounts|subscriptions|services)\b|"
     rf"\bceased and disabled\b|^\W*(?:[\w'’.-]+ ){{1,3}}orders? {CAPITAL}|compliance date\b"),
    (EventKind.RESTRICTION, rf"{NOUN}\b(?:block|ban|bar|barr|prohibit|restrict|forbade|forbid)(?:s|ed|n?ing|ned|"
    rf"ring)?\b|"
     rf"forbidden|cut off|(?:cut|cuts|lose|lost) access|shut off|no longer (?:use|be|have)|will not (?:release|come|"
     rf"launch|be)|"
     rf"not permitted|(?:stop|stops|stopped|halt|halts|halted) {DOING}|turn(?:s|ed|ing)? away|limitation on|"
     rf"must stop|must obtain|to end orders|failed .{{0,30}}review|warned .{{0,40}}not to use|can be bought only|"
     rf"issued a warning|should not (?:buy|use)|\bcurbs?\b|\b(?:hold|holds|held)\b.{{0,40}}\bback\b|\bwithh(?:olds?|"
     rf"eld)|"
     rf"\bpulls? .{{0,60}}\bfrom\b|\blimits? {CAPITAL}|everywhere but|\bkeep\b.{{0,30}}\boff\b|discourag|"
     rf"switch(?:es|ed) off|\bskip\b|do not offer|not available in|\bwithout the (?:EU|European)|\bwithout Europe|"
     rf"(?<!will )(?<!would )requires? (?:a permit|individual licen[sc]es|licen[sc]es)|under export (?:licen[sc]e|"
     rf"control)|"
     rf"\bends? .{{0,30}}\baccess|\bcloses? .{{0,30}}\bto\b|"
     rf"\b(?:impos|strengthen|expand|introduc)(?:e|es|ed|ing)? .{{0,30}}\bexport controls?\b"),
    (EventKind.ADOPTION, rf"becomes? law|{CAPITAL}\w+ signed (?:an|the) (?:executive )?order|signed Executive|"
     r"^\W*(?:[\w-]+ )?Executive order\b|\b(?:was|were) (?:issued|published)\b|(?:adopt(?:s|ed)|finali[sz]e[sd]|"
     r"promulgated|enact(?:s|ed))\b|interim final rule"),
)  # fmt: skip
# What tells of the same in weaker words: counts where nothing else in the sentence does.
WEAKER: tuple[tuple[EventKind, str], ...] = (
    (EventKind.ANNOUNCEMENT, r"\bsign(?:s|ed)? .{0,40}\b(?:deals?|declaration|agreement|pact|memorandum|partnership)|"
     r"\broll(?:s|ed|ing)? out\b|\bagree(?:s|d)? (?:to|on|in)\b"),
    (EventKind.ADOPTION, r"\b(?:issue[sd]|released|publish(?:es|ed))\b|\bdirects\b|"
     r"Executive Order \d+ of|\bsigned\b|presumes|\bcontrols (?:on|exports)\b"),
    (EventKind.ANNOUNCEMENT, r"announc|\bwill\b|\bplans?\b|\bwould\b|now available|agreed to|took control|"
     r"\b(?:opens?|launch(?:es|ed)?|releases|offers)\b|generally available|\bagree(?:s|d)?\b|\baccus|\bcoming to\b"),
)  # fmt: skip
STRONG = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in WORDINGS)
WEAK = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in WEAKER)
LONGEST = 1_000  # characters of a sentence that are read


def kind_of(text: Text) -> EventKind:
    """The kind by the first sentence that tells of an act; a text that tells of none is a report."""
    for sentence in text.sentences[:12]:
        for wordings in (STRONG, WEAK):
            acts = [
                (match.start(), order, kind)
                for order, (kind, pattern) in enumerate(wordings)
                if (match := pattern.search(sentence[:LONGEST])) is not None
            ]
            if acts:
                return min(acts)[2]
    return EventKind.REPORT
