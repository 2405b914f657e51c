"""Who says so: an event's citations for readers, what speaks for and against, and who repeats whom as trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from events.choices import LinkStatus, Stance, Tier
from events.queries.evidence import chain, relayed_by, voice_in
from events.queries.links import Mark, marks
from events.web import words
from events.web.record import Document

SIDES = {
    Stance.SUPPORTS: gettext_noop("What supports it"),
    Stance.DISPUTES: gettext_noop("What disputes it"),
    Stance.RESPONSE: gettext_noop("What the subject says"),
    Stance.CONTEXT: gettext_noop("For context"),
}


@dataclass
class Node:
    """A publisher in a tree of those who repeat one another: its own sources here, and who repeats it."""

    name: str
    sources: list[int] = field(default_factory=list)  # ids of citations
    repeated_by: list[Node] = field(default_factory=list)

    @property
    def is_cited(self) -> bool:
        return bool(self.sources)


@dataclass(frozen=True)
class Side:
    """The citations of one stance."""

    stance: str
    heading: str
    citations: Sequence[Mapping[str, Any]]


def citations(document: Document, marked: Mapping[str, Mark] | None = None) -> list[dict[str, Any]]:
    """The citations in the editors' order, each with the names of those whose report it repeats, up to the origin.

    `marked`: what is confirmed of their pages, by the slugs of the sources; None: what the record has.
    """
    relayed, names = relayed_by(map(voice_in, document["citations"])), publishers(document)
    effects = {f"effect:{effect['id']}": effect["id"] for effect in document["access_effects"]}
    if marked is None:
        marked = marks(citation["source"]["slug"] for citation in document["citations"])
    found = []
    for citation in document["citations"]:
        source = citation["source"]
        stance = Stance(citation["stance"])
        found.append(
            {
                "id": citation["id"],
                "source": source,
                "published": words.day_in_words(source["published"]) if source["published"] else "",
                "tier": _(Tier(source["tier"]).label),
                **link(source, marked.get(source["slug"])),
                "chain": [names[slug] for slug in chain(source["relays"]["slug"], relayed)] if source["relays"] else [],
                "quote": citation["quote"],
                "speaker": citation["speaker"],
                "locator": citation["locator"],
                "stance": stance.value,
                "stance_label": _(stance.label),
                "about_date": citation["about"] == "date",
                "about_effect": effects.get(citation["about"]),
            }
        )
    return found


def link(source: Mapping[str, Any], mark: Mark | None) -> dict[str, Any]:
    """What became of the page, and where a copy of it is kept."""
    copy = source["archive_url"] or (mark.archive_url if mark else "")
    if mark is None:
        return {"copy": copy, "link": ""}
    since = mark.since.isoformat()
    return {
        "copy": copy,
        "link": mark.status,
        "link_label": _(LinkStatus(mark.status).label),
        "link_since": since,
        "link_since_words": words.day_in_words(since),
    }


def publishers(document: Document) -> dict[str, str]:
    """The names of all that an event's sources are published by or repeat."""
    sources = [citation["source"] for citation in document["citations"]]
    named = [*(source["publisher"] for source in sources), *(source["relays"] for source in sources)]
    return {publisher["slug"]: publisher["name"] for publisher in named if publisher}


def sides(cited: Sequence[Mapping[str, Any]]) -> list[Side]:
    """Citations by stance, in the order of SIDES, those of no citation left out."""
    return [
        Side(stance.value, _(heading), found)
        for stance, heading in SIDES.items()
        if (found := [each for each in cited if each["stance"] == stance])
    ]


def trees(document: Document) -> list[Node]:
    """For each independent origin of an event, in the editors' order, who repeats it, as the sources tell."""
    supporting = [each for each in document["citations"] if each["stance"] == Stance.SUPPORTS]
    relayed, names = relayed_by(map(voice_in, document["citations"])), publishers(document)
    roots: dict[str, Node] = {}
    for citation in supporting:
        voice = voice_in(citation)
        up = chain(voice.relays, relayed) if voice.relays else []
        # In a circle the origin itself may be the publisher at hand: it is not repeated by itself.
        down = [*dict.fromkeys([*reversed(up), voice.publisher])]
        node = roots.setdefault(down[0], Node(names[down[0]]))
        for slug in down[1:]:
            node = child(node, names[slug])
        node.sources.append(citation["id"])
    return list(roots.values())


def child(node: Node, name: str) -> Node:
    for each in node.repeated_by:
        if each.name == name:
            return each
    node.repeated_by.append(Node(name))
    return node.repeated_by[-1]


def in_words(cited: Iterable[Mapping[str, Any]], origins: int) -> str:
    """ "3 sources, 2 independent origins", of those that support it."""
    supporting = sum(each["stance"] == Stance.SUPPORTS for each in cited)
    sources = words.with_number(supporting, ngettext("%(number)s source", "%(number)s sources", supporting))
    return f"{sources}, {words.origins_in_words(origins)}"
