"""What an event's page says, from its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from events.choices import (
    AccessStatus,
    Certainty,
    CompanyRole,
    Direction,
    EventKind,
    PlaceRole,
    PolicyRelation,
    RecordType,
    RelationKind,
    ReportedBasis,
    Stance,
    State,
    Tier,
)
from events.lib import markdown
from events.lib.dates import today
from events.models import WORLD, EventRelation, PublicDocument
from events.web import words
from events.web.record import Document, Link, address_of, documents_of, names_in, names_missing, names_of

SEEN_FROM_EARLIER = {
    RelationKind.ENFORCES: "Enforced by",
    RelationKind.RESPONDS_TO: "Answered by",
    RelationKind.AMENDS: "Amended by",
    RelationKind.REVERSES: "Reversed by",
    RelationKind.IMPLEMENTS: "Implemented by",
    RelationKind.EXPLAINS: "Explained by",
}
ROLE = {
    CompanyRole.ACTOR: "acted",
    CompanyRole.TARGET: "target",
    CompanyRole.AFFECTED: "affected",
    PlaceRole.ACTING: "acted",
}
BASIS = {
    ReportedBasis.SOURCE: "",
    ReportedBasis.EVENT: "the event’s own date: no source is dated",
    ReportedBasis.RECORD: "the day it was published here: no source is dated",
}
MOST_RELAYS = 10


def shown(document: Document) -> dict[str, Any]:
    """The document's facts, ready for the template."""
    names = names_in(document) | names_of(names_missing(document))
    certainty, direction = Certainty(document["certainty"]), Direction(document["direction"])
    return {
        "document": document,
        "kind": EventKind(document["kind"]).label,
        "certainty": "" if certainty == Certainty.CONFIRMED else certainty.value,
        "certainty_label": certainty.label,
        "direction": direction.value,
        "direction_label": direction.label,
        "scheduled": document["date"] > today().isoformat(),
        "reported_on": words.day_in_words(document["reported_on"]),
        "reported_basis": BASIS[ReportedBasis(document["reported_on_basis"])],
        "body": markdown.render(document["body"]) if document["body"] else "",
        "who": who(document),
        "where": where(document),
        "products": [Link(address_of(RecordType.PRODUCT, p["slug"]), p["name"]) for p in document["products"]],
        "policies": policies(document),
        "effects": by_product([effect_shown(effect, document, names) for effect in document["access_effects"]]),
        "evidence": evidence(document),
        "origins": words.count_in_words(document["independent_origins"], "independent origin", "independent origins"),
        **related(document),
        "retracted_on": words.day_in_words(document["retraction"]["on"]) if document["retraction"] else "",
        "published_at": words.moment_in_words(document["published_at"]),
        "updated_at": (
            words.moment_in_words(document["updated_at"])
            if document["updated_at"] and document["updated_at"] != document["published_at"]
            else ""
        ),
    }


def who(document: Document) -> list[Link]:
    found = [Link(address_of(RecordType.AGENCY, each["slug"]), each["name"], "acted") for each in document["agencies"]]
    by_role = sorted(document["companies"], key=lambda each: list(CompanyRole).index(each["role"]))
    links = [
        Link(address_of(RecordType.COMPANY, each["slug"]), each["name"], ROLE[CompanyRole(each["role"])])
        for each in by_role
    ]
    return [
        *[link for link in links if link.note == "acted"],
        *found,
        *[link for link in links if link.note != "acted"],
    ]


def where(document: Document) -> list[Link]:
    found = [
        Link(address_of(RecordType.COUNTRY, each["code"]), each["name"], place_role(each["role"]))
        for each in document["countries"]
    ]
    found += [
        Link(address_of(RecordType.GROUP, each["slug"]), group_name(each), place_role(each["role"]))
        for each in document["groups"]
    ]
    return sorted(found, key=lambda link: link.note != "acted")


def place_role(role: str) -> str:
    return "acted" if role == PlaceRole.ACTING else "affected"


def group_name(group: dict[str, Any]) -> str:
    return "Every country" if group["slug"] == WORLD else str(group["name"])


def policies(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "address": address_of(RecordType.POLICY, each["slug"]),
            "title": each["title"],
            "relation": PolicyRelation(each["relation"]).label,
            "partial": each["partial"],
        }
        for each in document["policies"]
    ]


def effect_shown(effect: dict[str, Any], document: Document, names: words.Names) -> dict[str, Any]:
    product = effect["product"]
    called = (RecordType.PRODUCT.value, product)
    country, group = effect["country"], effect["group"]
    if country:
        place = Link(address_of(RecordType.COUNTRY, country), words.country_names().get(country, country))
    else:
        name = names.get((RecordType.GROUP.value, group), group)
        place = Link(address_of(RecordType.GROUP, group), "Every country" if group == WORLD else name)
    return {
        "id": effect["id"],
        "product": Link(address_of(RecordType.PRODUCT, product), names.get(called, product)),
        "place": place,
        "except": words.listed([words.country_in_sentence(code) for code in effect["except"]]),
        "status": effect["status"],
        "status_label": AccessStatus(effect["status"]).label,
        "from": words.day_in_words(effect["effective_date"], effect["date_precision"]),
        "from_iso": effect["effective_date"],
        "until": words.day_in_words(effect["until"]) if effect["until"] else "",
        "until_iso": effect["until"],
        "by": words.decided_by(effect["by"]),
        "reported_on": words.day_in_words(effect["reported_on"]),
        "basis": BASIS[ReportedBasis(effect["reported_on_basis"])],
        "note": effect["note"],
        "citations": [c["id"] for c in document["citations"] if c["about"] == f"effect:{effect['id']}"],
    }


def by_product(effects: list[dict[str, Any]]) -> list[tuple[Link, list[dict[str, Any]]]]:
    found: dict[Link, list[dict[str, Any]]] = {}
    for effect in effects:
        found.setdefault(effect["product"], []).append(effect)
    return list(found.items())


def evidence(document: Document) -> list[dict[str, Any]]:
    """The citations in the editors' order, each with the chain of those it repeats."""
    relayed: dict[str, dict[str, str]] = {}
    for citation in document["citations"]:
        source = citation["source"]
        if source["relays"]:
            relayed.setdefault(source["publisher"]["slug"], source["relays"])
    effects = {f"effect:{effect['id']}": effect["id"] for effect in document["access_effects"]}
    found = []
    for citation in document["citations"]:
        source = citation["source"]
        stance = Stance(citation["stance"])
        found.append(
            {
                "id": citation["id"],
                "source": source,
                "published": words.day_in_words(source["published"]) if source["published"] else "",
                "tier": Tier(source["tier"]).label,
                "chain": chain(source, relayed),
                "quote": citation["quote"],
                "speaker": citation["speaker"],
                "locator": citation["locator"],
                "stance": stance.value,
                "stance_label": stance.label,
                "about_date": citation["about"] == "date",
                "about_effect": effects.get(citation["about"]),
            }
        )
    return found


def chain(source: dict[str, Any], relayed: dict[str, dict[str, str]]) -> list[str]:
    """The names of those whose report a source repeats, one behind the other, as the event's own sources tell."""
    found: list[str] = []
    step = source["relays"]
    while step and step["name"] not in found and len(found) < MOST_RELAYS:
        found.append(step["name"])
        step = relayed.get(step["slug"])
    return found


def related(document: Document) -> dict[str, list[dict[str, Any]]]:
    """Before: the earlier events that this one relates to; after: the later ones whose documents relate to it.

    Dates are those of the other events' own documents, as exact as they are; a relation gives its first day only.
    """
    slug = document["slug"]
    later = EventRelation.objects.filter(earlier__slug=slug).values("event__slug")
    public = PublicDocument.objects.of_type(RecordType.EVENT)
    others = documents_of(public.filter(Q(key__in=[r["event"] for r in document["relations"]]) | Q(key__in=later)))
    by_slug = {other["slug"]: other for other in others}
    before, after = [], []
    for each in document["relations"]:
        other = by_slug.get(each["event"], {})
        shown_date = other.get("date_display") or words.day_in_words(each["date"])
        before.append(
            other_event(RelationKind(each["relation"]).label, each["event"], each | {"date_display": shown_date})
        )
    for other in others:
        if other["state"] != State.PUBLISHED:
            continue
        after += [
            other_event(SEEN_FROM_EARLIER[RelationKind(each["relation"])], other["slug"], other)
            for each in other["relations"]
            if each["event"] == slug
        ]
    return {"before": before, "after": sorted(after, key=lambda each: (each["date"], each["title"]))}


def other_event(relation: str, slug: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "relation": relation,
        "title": said["title"],
        "address": address_of(RecordType.EVENT, slug),
        "date": said["date"],
        "date_display": said["date_display"],
    }
