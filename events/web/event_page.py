"""What an event's page says, from its document."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import (
    Action,
    Certainty,
    CompanyRole,
    CorrectionClass,
    Direction,
    EventKind,
    PlaceRole,
    PolicyRelation,
    RecordType,
    ReportedBasis,
    Stance,
)
from events.documents import instant
from events.lib import markdown
from events.models import WORLD, Change
from events.web import evidence, words
from events.web.effects import BASIS, effects
from events.web.flags import flag_of, flag_of_group
from events.web.record import Document, Link, address_of, names_in, names_missing, names_of
from events.web.thread import thread

ROLE = {
    CompanyRole.ACTOR: "acted",
    CompanyRole.TARGET: "target",
    CompanyRole.AFFECTED: "affected",
    PlaceRole.ACTING: "acted",
}
CERTAINTY = {
    Certainty.CONFIRMED: "",
    Certainty.REPORTED: gettext_noop(
        "Reported by unnamed sources or small sites only: nobody who acted has confirmed it."
    ),
    Certainty.DISPUTED: gettext_noop(
        "Somebody who should know says otherwise. It counts in answers about access, marked as such."
    ),
    Certainty.DENIED: gettext_noop(
        "It is on record, and counts neither in answers about access nor in the life of a policy."
    ),
}
MOST_CORRECTIONS = 20
MOST_COUNTRIES = 3
MOST_ACTORS = 3


def shown(document: Document, *, now: dt.date) -> dict[str, Any]:
    """The document's facts, ready for the template."""
    names = names_in(document) | names_of(names_missing(document))
    certainty, direction = Certainty(document["certainty"]), Direction(document["direction"])
    cited = evidence.citations(document)
    sides = evidence.sides(cited)
    trees = evidence.trees(document)
    return {
        "document": document,
        "day": words.event_day(document),
        "kind": _(EventKind(document["kind"]).label),
        "certainty": "" if certainty == Certainty.CONFIRMED else certainty.value,
        "certainty_label": _(certainty.label),
        "certainty_means": _(CERTAINTY[certainty]),
        "direction": direction.value,
        "direction_label": _(direction.label),
        "scheduled": document["date"] > now.isoformat() and not document["retraction"],
        "reported_on": words.reported_in_words(document, document),
        "reported_basis": _(BASIS[ReportedBasis(document["reported_on_basis"])]),
        "body": markdown.render(document["body"]) if document["body"] else "",
        "who": who(document),
        "where": where(document),
        "products": [Link(address_of(RecordType.PRODUCT, p["slug"]), p["name"]) for p in document["products"]],
        "policies": policies(document),
        "effects": effects(document, names, now),
        "sides": sides,
        "is_contested": any(side.stance in (Stance.DISPUTES, Stance.RESPONSE) for side in sides),
        "trees": trees,
        "has_relays": any(tree.repeated_by for tree in trees),
        "one_publisher": any(len(tree.sources) > 1 for tree in trees),
        "origins": evidence.in_words(cited, document["independent_origins"]),
        "thread": thread(document),
        "read_on": read_on(document),
        "retracted_on": words.day_in_words(document["retraction"]["on"]) if document["retraction"] else "",
        "published_at": words.moment_in_words(document["published_at"]),
        "updated_at": (
            words.moment_in_words(document["updated_at"])
            if document["updated_at"] and document["updated_at"] != document["published_at"]
            else ""
        ),
    }


@dataclass(frozen=True)
class Correction:
    """A change that corrected the event openly."""

    seq: int
    at: str
    on: str
    correction_class: str
    label: str
    note: str


def corrections(slug: str, *, until: int) -> list[Correction]:
    """The newest corrections of an event up to a revision, newest first."""
    changes = Change.objects.of(RecordType.EVENT, slug).filter(action=Action.CORRECTED, seq__lte=until)
    return [
        Correction(
            change.seq,
            instant(change.at),
            words.day_in_words(instant(change.at)[:10]),
            change.correction_class,
            _(CorrectionClass(change.correction_class).label),
            change.note,
        )
        for change in changes.defer("document")[: MOST_CORRECTIONS + 1]
    ]


def read_on(document: Document) -> list[Link]:
    """Where a reader of this event may want to go: the day's answers, who acted, and the rule."""
    day = document["date"]
    found = [
        Link(
            f"{reverse('access-country', args=[each['code']])}?on={day}",
            _("AI access in %(code)s on %(day)s")
            % {"code": words.country_in_sentence(each["code"]), "day": words.day_in_words(day)},
        )
        for each in document["countries"]
        if each["role"] == PlaceRole.AFFECTED
    ][:MOST_COUNTRIES]
    found += [
        Link(link.address, _("Everything on record about %(name)s") % {"name": link.name})
        for link in who(document)[:MOST_ACTORS]
    ]
    found += [
        Link(address_of(RecordType.POLICY, each["slug"]), _("The life of “%(title)s”") % {"title": each["title"]})
        for each in document["policies"][:MOST_ACTORS]
    ]
    return found


def who(document: Document) -> list[Link]:
    found = [Link(address_of(RecordType.AGENCY, each["slug"]), each["name"], "acted") for each in document["agencies"]]
    by_role = sorted(document["companies"], key=lambda each: list(CompanyRole).index(each["role"]))
    links = [
        Link(address_of(RecordType.COMPANY, each["slug"]), each["name"], _(ROLE[CompanyRole(each["role"])]))
        for each in by_role
    ]
    return [
        *[link for link in links if link.note == "acted"],
        *found,
        *[link for link in links if link.note != "acted"],
    ]


def where(document: Document) -> list[tuple[Link, str]]:
    """Places, those that acted first, each with its flag."""
    found = [
        (
            Link(address_of(RecordType.COUNTRY, each["code"]), each["name"], place_role(each["role"])),
            flag_of(each["code"]),
        )
        for each in document["countries"]
    ]
    found += [
        (
            Link(address_of(RecordType.GROUP, each["slug"]), group_name(each), place_role(each["role"])),
            flag_of_group(each["slug"]),
        )
        for each in document["groups"]
    ]
    return sorted(found, key=lambda each: each[0].note != "acted")


def place_role(role: str) -> str:
    return "acted" if role == PlaceRole.ACTING else "affected"


def group_name(group: dict[str, Any]) -> str:
    return _("Every country") if group["slug"] == WORLD else str(group["name"])


def policies(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "address": address_of(RecordType.POLICY, each["slug"]),
            "title": each["title"],
            "relation": _(PolicyRelation(each["relation"]).label),
            "partial": each["partial"],
        }
        for each in document["policies"]
    ]
