"""What the words of the record mean, for the page about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import AccessStatus, Certainty, CorrectionClass, EventKind, Stance, Tier

KINDS = {
    EventKind.ANNOUNCEMENT: gettext_noop("somebody says what they will do"),
    EventKind.PROPOSAL: gettext_noop("a rule is proposed, and not yet decided"),
    EventKind.ADOPTION: gettext_noop("a rule is decided"),
    EventKind.ENFORCEMENT: gettext_noop("a rule enters into force, or somebody applies one"),
    EventKind.AMENDMENT: gettext_noop("a rule is changed"),
    EventKind.SUSPENSION: gettext_noop("a rule or a measure is set aside for a time"),
    EventKind.RESCISSION: gettext_noop("a rule or a measure is taken back"),
    EventKind.CLARIFICATION: gettext_noop("somebody says how something is to be understood"),
    EventKind.RESTRICTION: gettext_noop("access is closed or narrowed"),
    EventKind.RESTORATION: gettext_noop("access is opened again"),
    EventKind.LISTING: gettext_noop("somebody is put on a list, or taken off it"),
    EventKind.LICENSING: gettext_noop("a license is granted, refused or changed"),
    EventKind.INVESTIGATION: gettext_noop("an inquiry begins, or goes on"),
    EventKind.RULING: gettext_noop("a court or a regulator decides a case"),
    EventKind.REPORT: gettext_noop("a report tells of something that nobody announced"),
}
CERTAINTIES = {
    Certainty.CONFIRMED: gettext_noop("by whoever acted, or beyond reasonable doubt by several reports"),
    Certainty.REPORTED: gettext_noop("by unnamed sources or small sites only"),
    Certainty.DISPUTED: gettext_noop("somebody who should know says otherwise; it counts, and is marked"),
    Certainty.DENIED: gettext_noop("it is on record, and does not count"),
}
STATUSES = {
    AccessStatus.AVAILABLE: gettext_noop("open to customers there"),
    AccessStatus.LIMITED: gettext_noop("open to some users or some uses only"),
    AccessStatus.LICENSE_REQUIRED: gettext_noop("open to nobody without a permit of a government"),
    AccessStatus.BLOCKED: gettext_noop("closed"),
}
TIERS = {
    Tier.PRIMARY: gettext_noop("the actor’s own document, or the law itself"),
    Tier.SECONDARY: gettext_noop("reporting and analysis"),
    Tier.TERTIARY: gettext_noop("summaries of those"),
}
STANCES = {
    Stance.SUPPORTS: gettext_noop("it says that the event happened so"),
    Stance.DISPUTES: gettext_noop("it says otherwise"),
    Stance.CONTEXT: gettext_noop("it explains, and says neither"),
    Stance.RESPONSE: gettext_noop("it is the subject’s own word on it"),
}
CLASSES = {
    CorrectionClass.CLERICAL: gettext_noop("mends spelling or form"),
    CorrectionClass.CLARIFICATION: gettext_noop("makes plainer what was right"),
    CorrectionClass.SUBSTANTIVE: gettext_noop("changes what the record says"),
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
def terms() -> dict[str, list[tuple[str, str]]]:
    return {part: [(_(member.label), _(meaning)) for member, meaning in of.items()] for part, of in PARTS.items()}
