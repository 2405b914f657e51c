"""The thread of an event: what came before it and after it, a line of events with their relations in words.

All of it comes from public documents. The events directly related are shown, and, where those are few, what is related
to them, until the line is as long as a reader follows at a glance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import Certainty, RecordType, RelationKind, State
from events.lib.dates import today
from events.models import EventRelation, PublicDocument
from events.web import words
from events.web.record import Document, address_of, documents_of

SEEN_FROM_EARLIER = {
    RelationKind.ENFORCES: gettext_noop("Enforced by"),
    RelationKind.RESPONDS_TO: gettext_noop("Answered by"),
    RelationKind.AMENDS: gettext_noop("Amended by"),
    RelationKind.REVERSES: gettext_noop("Reversed by"),
    RelationKind.IMPLEMENTS: gettext_noop("Implemented by"),
    RelationKind.EXPLAINS: gettext_noop("Explained by"),
}
MOST_DIRECT = 40  # later events that relate to one
SHOWN = (State.PUBLISHED, State.RETRACTED)
LONG = 12  # events, up to which a line grows beyond what is directly related
STEPS = 3  # from the event


@dataclass(frozen=True)
class Tie:
    """How an event of the line relates to one that stands nearer to the page's own; "": that one itself."""

    words: str
    title: str = ""
    address: str = ""


@dataclass
class Stop:
    """An event of the line."""

    slug: str
    title: str
    address: str
    date: str
    date_display: str
    mark: str = ""  # what is to be said of it besides, such as "Disputed" or "Retracted"
    scheduled: bool = False
    is_this: bool = False
    ties: list[Tie] = field(default_factory=list)

    @property
    def is_direct(self) -> bool:
        """Whether it relates to the page's own event, with no other between."""
        return any(not each.title for each in self.ties)


@dataclass(frozen=True)
class Thread:
    """The line in the order of dates, the page's own event among them; `more`: there are more than are shown."""

    stops: list[Stop]
    more: bool = False

    def __bool__(self) -> bool:
        return len(self.stops) > 1


def thread(document: Document) -> Thread:
    """The direct relations all (later ones up to MOST_DIRECT), then whole steps further while the line stays short.

    As many queries for a long line as for a short one of as many steps.
    """
    slug = document["slug"]
    known = {slug: document}
    ties: dict[str, list[Tie]] = {slug: []}
    edge, more = [document], False
    for step in range(STEPS):
        found, is_cut = neighbors(edge)
        fresh = {each["slug"]: each for each in found if each["slug"] not in known and each["state"] in SHOWN}
        more = more or is_cut
        if step and len(known) + len(fresh) > LONG:
            more = True
            break
        for key, each in fresh.items():
            if tie_to := tied(each, edge, slug):
                ties[key] = tie_to
                known[key] = each
        edge = [known[key] for key in fresh if key in known]
        if not edge:
            break
    stops = [stop(known[key], tie_to, is_this=key == slug) for key, tie_to in ties.items()]
    before = {each["event"] for each in document["relations"]}

    def place(each: Stop) -> tuple[str, int, str]:
        return each.date, 0 if each.slug in before else 1 if each.is_this else 2, each.title

    return Thread(sorted(stops, key=place), more)


def neighbors(edge: list[Document]) -> tuple[list[Document], bool]:
    """The documents of all that these relate to, and of those that relate to them; whether some were left out."""
    earlier = {each["event"] for document in edge for each in document["relations"]}
    later = (
        EventRelation.objects.filter(earlier__slug__in=[document["slug"] for document in edge])
        .filter(event__state=State.PUBLISHED)
        .order_by("event__date", "event__slug")
        .values_list("event__slug", flat=True)[: MOST_DIRECT + 1]
    )
    after = list(dict.fromkeys(later))
    keys = sorted({*earlier, *after[:MOST_DIRECT]})
    found = documents_of(PublicDocument.objects.of_type(RecordType.EVENT).filter(key__in=keys))
    return found, len(after) > MOST_DIRECT


def tied(other: Document, edge: Iterable[Document], this: str) -> list[Tie]:
    """How an event relates to those of the edge, seen from itself: it "Implements" them or is "Implemented by" them."""
    found = []
    for near in edge:
        onwards = [RelationKind(each["relation"]) for each in other["relations"] if each["event"] == near["slug"]]
        back = [RelationKind(each["relation"]) for each in near["relations"] if each["event"] == other["slug"]]
        found += [tie(_(relation.label), near, this) for relation in onwards]
        found += [tie(_(SEEN_FROM_EARLIER[relation]), near, this) for relation in back]
    return found


def tie(relation: str, near: Document, this: str) -> Tie:
    if near["slug"] == this:
        return Tie(relation)
    return Tie(relation, near["title"], address_of(RecordType.EVENT, near["slug"]))


def stop(document: Document, ties: list[Tie], *, is_this: bool) -> Stop:
    certainty = Certainty(document["certainty"])
    mark = "" if certainty == Certainty.CONFIRMED else _(certainty.label)
    return Stop(
        slug=document["slug"],
        title=document["title"],
        address=address_of(RecordType.EVENT, document["slug"]),
        date=document["date"],
        date_display=words.event_day(document),
        mark=_(State.RETRACTED.label) if document["retraction"] else mark,
        scheduled=document["date"] > today().isoformat() and not document["retraction"],
        is_this=is_this,
        ties=ties,
    )
