"""What the words of the record mean, for the page about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from events.choices import AccessStatus, Certainty, CorrectionClass, EventKind, Stance, Tier

KINDS = {
    EventKind.ANNOUNCEMENT: "somebody says what they will do",
    EventKind.PROPOSAL: "a rule is proposed, and not yet decided",
    EventKind.ADOPTION: "a rule is decided",
    EventKind.ENFORCEMENT: "a rule enters into force, or somebody applies one",
    EventKind.AMENDMENT: "a rule is changed",
    EventKind.SUSPENSION: "a rule or a measure is set aside for a time",
    EventKind.RESCISSION: "a rule or a measure is taken back",
    EventKind.CLARIFICATION: "somebody says how something is to be understood",
    EventKind.RESTRICTION: "access is closed or narrowed",
    EventKind.RESTORATION: "access is opened again",
    EventKind.LISTING: "somebody is put on a list, or taken off it",
    EventKind.LICENSING: "a license is granted, refused or changed",
    EventKind.INVESTIGATION: "an inquiry begins, or goes on",
    EventKind.RULING: "a court or a regulator decides a case",
    EventKind.REPORT: "a report tells of something that nobody announced",
}
CERTAINTIES = {
    Certainty.CONFIRMED: "by whoever acted, or beyond reasonable doubt by several reports",
    Certainty.REPORTED: "by unnamed sources or small sites only",
    Certainty.DISPUTED: "somebody who should know says otherwise; it counts, and is marked",
    Certainty.DENIED: "it is on record, and does not count",
}
STATUSES = {
    AccessStatus.AVAILABLE: "open to customers there",
    AccessStatus.LIMITED: "open to some users or some uses only",
    AccessStatus.LICENSE_REQUIRED: "open to nobody without a permit of a government",
    AccessStatus.BLOCKED: "closed",
}
TIERS = {
    Tier.PRIMARY: "the actor’s own document, or the law itself",
    Tier.SECONDARY: "reporting and analysis",
    Tier.TERTIARY: "summaries of those",
}
STANCES = {
    Stance.SUPPORTS: "it says that the event happened so",
    Stance.DISPUTES: "it says otherwise",
    Stance.CONTEXT: "it explains, and says neither",
    Stance.RESPONSE: "it is the subject’s own word on it",
}
CLASSES = {
    CorrectionClass.CLERICAL: "mends spelling or form",
    CorrectionClass.CLARIFICATION: "makes plainer what was right",
    CorrectionClass.SUBSTANTIVE: "changes what the record says",
}
PARTS: dict[str, Mapping[Any, str]] = {
    "kinds": KINDS,
    "certainties": CERTAINTIES,
    "statuses": STATUSES,
    "tiers": TIERS,
    "stances": STANCES,
    "classes": CLASSES,
}
# For templates: each a list of a name and what it means.
TERMS = {part: [(member.label, meaning) for member, meaning in of.items()] for part, of in PARTS.items()}
