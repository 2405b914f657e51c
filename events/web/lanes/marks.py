"""Single events on their lanes, where these are few: a mark or a span for each, and the threads between them.

A mark's outline tells the direction, its filling the kind; color only repeats the first. A date that is not exact to
the day is drawn as the span in which it lies.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from events.choices import Certainty, Direction, EventKind, RecordType, RelationKind
from events.lib.dates import last_day
from events.queries.branches import WITH_ROLES
from events.queries.lanes import TYPES
from events.web import words
from events.web.lanes.counts import Row, height_of
from events.web.lanes.scale import WIDTH, Scale
from events.web.record import Document, address_of

MOST_EVENTS = 160
MOST_MARKS = 260  # an event has one in each of its lanes
MOST_UPON_ONE_ANOTHER = 14
LEAST_UPON_ONE_ANOTHER = 2
HALF = 10  # of a mark's width, with the room around it, in units of what is drawn where that is narrowest
CARRIED = 24  # from the edge to the mark of what began before, with the sign of that between them
STEP = 18  # from one mark to the next above it, as lanes.css has it

# What fills a mark: what was said, what was done, what became a rule, what was looked into.
FILLINGS = {
    "said": (EventKind.ANNOUNCEMENT, EventKind.PROPOSAL, EventKind.CLARIFICATION, EventKind.REPORT),
    "done": (
        EventKind.ENFORCEMENT,
        EventKind.RESTRICTION,
        EventKind.RESTORATION,
        EventKind.LISTING,
        EventKind.LICENSING,
    ),
    "ruled": (EventKind.ADOPTION, EventKind.AMENDMENT, EventKind.SUSPENSION, EventKind.RESCISSION),
    "examined": (EventKind.INVESTIGATION, EventKind.RULING),
}
# Outlines around the point that they mark, and what is drawn within: for rules a core, for what was examined a half.
SHAPES = {
    Direction.RESTRICTS: ("M-7-5.5H7L0 7Z", "M-3-3H3L0 2.4Z", "M-7-5.5H0V7Z"),
    Direction.RELAXES: ("M-7 5.5H7L0-7Z", "M-3 3H3L0-2.4Z", "M-7 5.5H0V-7Z"),
    Direction.MIXED: ("M0-7.5L7.5 0L0 7.5L-7.5 0Z", "M0-3.2L3.2 0L0 3.2L-3.2 0Z", "M0-7.5V7.5L-7.5 0Z"),
    Direction.NEITHER: (
        "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z",
        "M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0Z",
        "M0-6A6 6 0 0 0 0 6Z",
    ),
}
SYMBOLS = [
    (direction.value, filling, outline, {"ruled": core, "examined": half}.get(filling, ""))
    for direction, (outline, core, half) in SHAPES.items()
    for filling in FILLINGS
]
FILLING = {kind.value: filling for filling, kinds in FILLINGS.items() for kind in kinds}
# Where a document names what has lanes.
LINKS = {
    RecordType.COMPANY.value: ("companies", "slug"),
    RecordType.COUNTRY.value: ("countries", "code"),
    RecordType.GROUP.value: ("groups", "slug"),
    RecordType.POLICY.value: ("policies", "slug"),
}
DOUBTED = (Certainty.DISPUTED, Certainty.DENIED)


@dataclass(frozen=True)
class Place:
    """What an event covers of the columns, the same in each of its lanes."""

    left: float
    right: float
    middle: float
    is_span: bool = True
    is_carried: bool = False  # began before what is in view


@dataclass(frozen=True)
class Mark:
    """One event on one lane. `x` and what spans have are percentages of the drawing's width, `y` is in pixels."""

    slug: str
    address: str
    label: str
    symbol: str
    x: str
    y: int
    span_x: str = ""
    span_width: str = ""
    is_vague: bool = False
    is_carried: bool = False
    is_scheduled: bool = False
    is_doubted: bool = False


@dataclass(frozen=True)
class Thread:
    """From an earlier event to a later one, as the data of a path."""

    earlier: str
    later: str
    kind: str
    path: str


@dataclass
class Drawing:
    """Marks by lane, the threads between them, and hairlines between the marks of one event."""

    lanes: list[tuple[Row, list[Mark]]] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    same: str = ""
    shown: int = 0


def draw(
    documents: Sequence[Document], kind: str, rows: Sequence[Row], roles: Sequence[str], scale: Scale, top: int
) -> Drawing | None:
    """Place events on rows, whose heights it sets, the first of them at `top`; None: they do not fit.

    The last row may be that of all others, with the key "rest".
    """
    number_of = {row.key: number for number, row in enumerate(rows)}
    on_lane: dict[int, list[tuple[Place, Document]]] = defaultdict(list)
    for document in documents:
        place = placed(document, scale)
        tags = [tag for tag in tags_of(document, kind, roles) if tag in number_of]
        for tag in tags or (["rest"] if "rest" in number_of else []):
            on_lane[number_of[tag]].append((place, document))
    if sum(len(events) for events in on_lane.values()) > MOST_MARKS:
        return None
    levels = {number: packed([place for place, _ in events]) for number, events in on_lane.items()}
    if any(max(level) >= MOST_UPON_ONE_ANOTHER for level in levels.values()):
        return None
    found = Drawing()
    points: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for number, row in enumerate(rows):
        used = max(levels.get(number, [0])) + 1
        row.height = max(used, LEAST_UPON_ONE_ANOTHER)
        # Few marks stand in the middle of their lane.
        start = top + (height_of(row.height) - STEP * used) / 2 + STEP / 2
        marks = []
        for (place, document), level in zip(on_lane.get(number, ()), levels.get(number, ()), strict=True):
            y = start + level * STEP
            points[document["slug"]].append((number, place.middle, y))
            marks.append(mark(document, place, round(y), scale))
        found.lanes.append((row, marks))
        top += height_of(row.height)
    found.threads = threads(documents, points)
    found.same = "".join(f"M{at[0][1]:.0f} {at[0][2]:.0f}V{at[-1][2]:.0f}" for at in points.values() if len(at) > 1)
    found.shown = len(points)
    return found


def placed(document: Document, scale: Scale) -> Place:
    day = dt.date.fromisoformat(document["date"])
    last = last_of(document, day)
    left, right = scale.x(day), scale.x(last) + scale.x_of_a_day
    if document["date_precision"] == "day" and last == day:
        middle = (left + right) / 2
        return Place(middle - HALF, middle + HALF, middle, is_span=False)
    left, right = max(left, 0.0), min(right, float(WIDTH))
    if scale.x(day) < 0:
        return Place(0, max(right, CARRIED + HALF), CARRIED, is_carried=True)
    middle = (left + right) / 2 if document["date_precision"] != "day" else left + scale.x_of_a_day / 2
    return Place(min(left, middle - HALF), max(right, middle + HALF), middle)


def last_of(document: Document, day: dt.date) -> dt.date:
    end = document["end_date"]
    return max(last_day(day, document["date_precision"]), dt.date.fromisoformat(end) if end else day)


def tags_of(document: Document, kind: str, roles: Sequence[str]) -> list[str]:
    found = []
    for name in TYPES[kind]:
        links, key = LINKS[name]
        found += [
            f"{name}:{link[key]}"
            for link in document[links]
            if not (roles and name in WITH_ROLES) or link["role"] in roles
        ]
    return list(dict.fromkeys(found))


def packed(places: Sequence[Place]) -> list[int]:
    """For each the lowest level on which nothing else is in its way."""
    levels: list[int] = [0] * len(places)
    ends: list[float] = []
    for number in sorted(range(len(places)), key=lambda each: places[each].left):
        place = places[number]
        level = next((level for level, end in enumerate(ends) if end <= place.left), len(ends))
        ends[level:] = [place.right, *ends[level + 1 :]]
        levels[number] = level
    return levels


def mark(document: Document, place: Place, y: int, scale: Scale) -> Mark:
    day = dt.date.fromisoformat(document["date"])
    span: dict[str, Any] = {}
    if place.is_span:
        left, right = max(scale.x(day), 0.0), min(scale.x(last_of(document, day)) + scale.x_of_a_day, float(WIDTH))
        span = {
            "span_x": percent(left),
            "span_width": percent(max(right - left, 0)),
            "is_vague": document["date_precision"] != "day",
        }
    return Mark(
        slug=document["slug"],
        address=address_of(RecordType.EVENT, document["slug"]),
        label=label_of(document, is_scheduled=day > scale.now),
        symbol=f"{document['direction']}-{FILLING[document['kind']]}",
        x=percent(min(max(place.middle, HALF), WIDTH - HALF)),  # whole, at the edges as well
        y=y,
        is_carried=place.is_carried,
        is_scheduled=day > scale.now,
        is_doubted=document["certainty"] in DOUBTED,
        **span,
    )


def label_of(document: Document, *, is_scheduled: bool) -> str:
    """All that a mark says: "July 9, 2024: OpenAI’s block … (Enforcement, restricts). Implements: …"."""
    said = [_(EventKind(document["kind"]).label)]
    if document["direction"] != Direction.NEITHER:
        said.append(_(Direction(document["direction"]).label).lower())
    if is_scheduled:
        said.append(_("scheduled"))
    if document["certainty"] != Certainty.CONFIRMED:
        said.append(_(Certainty(document["certainty"]).label).lower())
    relations = [f" {_(RelationKind(each['relation']).label)}: {each['title']}." for each in document["relations"]]
    return f"{words.event_day(document)}: {document['title']} ({', '.join(said)}).{''.join(relations)}"


def threads(documents: Sequence[Document], points: Mapping[str, Sequence[tuple[int, float, float]]]) -> list[Thread]:
    """From each event to those earlier ones in view that it relates to, between the lanes that lie nearest."""
    found = []
    for document in documents:
        for relation in document["relations"]:
            ends = product(points.get(relation["event"], ()), points.get(document["slug"], ()))
            start, end = min(ends, key=lambda pair: abs(pair[0][0] - pair[1][0]), default=(None, None))
            if start and end:
                found.append(Thread(relation["event"], document["slug"], relation["relation"], curve(start, end)))
    return found


def curve(start: tuple[int, float, float], end: tuple[int, float, float]) -> str:
    (lane, x1, y1), (other, x2, y2) = start, end
    if lane == other and abs(y1 - y2) < STEP:
        return f"M{x1:.0f} {y1:.0f}Q{(x1 + x2) / 2:.0f} {y1 - STEP * 1.2:.0f} {x2:.0f} {y2:.0f}"
    bend = max((x2 - x1) / 2, 24)
    return f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


def percent(x: float) -> str:
    return f"{100 * x / WIDTH:.2f}".rstrip("0").rstrip(".") + "%"
