"""Who owns a company and what it owns, as a small graph that the server draws as SVG, and as rows of a table.

Drawn twice: across, owners on the left and what is owned on the right, and down, for phones. Lengths are in units of
the drawing, of which letters of 14 take about 7.5 each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import OwnershipKind, RecordType
from events.web import words
from events.web.record import Document, Link, address_of

OWNS = {
    OwnershipKind.PARENT: gettext_noop("owns"),
    OwnershipKind.JOINT_VENTURE: gettext_noop("has a joint venture in"),
    OwnershipKind.INVESTOR: gettext_noop("invested in"),
    OwnershipKind.OPERATOR: gettext_noop("operates"),
}
OWNED_BY = {
    OwnershipKind.PARENT: gettext_noop("owned by"),
    OwnershipKind.JOINT_VENTURE: gettext_noop("a joint venture of"),
    OwnershipKind.INVESTOR: gettext_noop("backed by"),
    OwnershipKind.OPERATOR: gettext_noop("operated by"),
}
# What a box is called beside the company's own: an owner, or what is owned.
AS_OWNER = {
    OwnershipKind.PARENT: gettext_noop("parent"),
    OwnershipKind.JOINT_VENTURE: gettext_noop("joint venture"),
    OwnershipKind.INVESTOR: gettext_noop("investor"),
    OwnershipKind.OPERATOR: gettext_noop("operator"),
}
AS_OWNED = {
    OwnershipKind.PARENT: gettext_noop("subsidiary"),
    OwnershipKind.JOINT_VENTURE: gettext_noop("joint venture"),
    OwnershipKind.INVESTOR: gettext_noop("stake held"),
    OwnershipKind.OPERATOR: gettext_noop("operated by it"),
}
MOST_DRAWN = 10  # of each side
LINE, PADDING, GAP = 18, 10, 16
BOX, HEART, REACH = 216, 168, 76  # width of a box, of the company's own, and of the room for lines between
RAIL = 16  # down: where lines run
NAME_CHARS, HEART_CHARS, KIND_CHARS = 26, 19, 29


@dataclass(frozen=True)
class Tie:
    """A row of ownership as the company's page tells it. `until` "": it still holds."""

    link: Link
    kind: str
    verb: str  # from the company's side: "owned by", "invested in"
    since: str
    until: str
    note: str
    is_owner: bool  # whether the other one owns

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What its box says: (class, text)."""
        kind = _((AS_OWNER if self.is_owner else AS_OWNED)[OwnershipKind(self.kind)])
        since, until = (
            _("since %(since)s") % {"since": self.since} if self.since else "",
            _("until %(until)s") % {"until": self.until} if self.until else "",
        )
        said = [", ".join(filter(None, (kind, since, until)))]
        if len(said[0]) > KIND_CHARS:
            said = [kind, *filter(None, (since, until))]
        name = [("name", part) for part in textwrap.wrap(self.link.name, NAME_CHARS)[:2]]
        return [*name, *(("kind", part) for part in said)]


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    width: int
    height: int
    lines: Sequence[tuple[str, int, str]]  # class, y, text
    address: str = ""  # "": the company's own

    @property
    def text_x(self) -> int:
        return self.x + PADDING

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True)
class Line:
    """From an owner to what it owns; its arrow stands at the end."""

    path: str
    kind: str
    ended: bool


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Ownership:
    """`left_out`: how many rows the drawing does not show; the table has them all."""

    ties: list[Tie]
    across: Drawing
    down: Drawing
    left_out: int = 0


def ownership(document: Document) -> Ownership | None:
    """None: neither an owner nor anything owned is on record."""
    found = ties(document)
    if not found:
        return None
    owners = [tie for tie in found if tie.is_owner][:MOST_DRAWN]
    owned = [tie for tie in found if not tie.is_owner][:MOST_DRAWN]
    left_out = len(found) - len(owners) - len(owned)
    return Ownership(found, across(document["name"], owners, owned), down(document["name"], owners, owned), left_out)


def ties(document: Document) -> list[Tie]:
    found = []
    for rows, verbs, is_owner in ((document["owned_by"], OWNED_BY, True), (document["owns"], OWNS, False)):
        found += [
            Tie(
                Link(address_of(RecordType.COMPANY, row["company"]["slug"]), row["company"]["name"]),
                row["kind"],
                _(verbs[OwnershipKind(row["kind"])]),
                words.edtf_in_words(row["since"]) if row["since"] else "",
                words.edtf_in_words(row["until"]) if row["until"] else "",
                row["note"],
                is_owner,
            )
            for row in rows
        ]
    return found


def box(x: int, y: int, width: int, lines: Sequence[tuple[str, str]], address: str = "") -> Box:
    height = len(lines) * LINE + PADDING + 5
    placed = [(name, y + PADDING + LINE * number + 11, text) for number, (name, text) in enumerate(lines)]
    return Box(x, y, width, height, placed, address)


def stacked(x: int, y: int, width: int, of: Sequence[Tie]) -> list[Box]:
    found: list[Box] = []
    for tie in of:
        found.append(box(x, y, width, tie.lines, tie.link.address))
        y += found[-1].height + GAP
    return found


def heart_lines(name: str) -> list[tuple[str, str]]:
    return [("name", part) for part in textwrap.wrap(name, HEART_CHARS)[:3]]


def bottom(boxes: Sequence[Box]) -> int:
    return max((each.y + each.height for each in boxes), default=0)


def across(name: str, owners: Sequence[Tie], owned: Sequence[Tie]) -> Drawing:
    """Owners on the left, the company, what it owns on the right; a side that is empty takes no room."""
    heart_x = BOX + REACH if owners else 1
    left, right = stacked(1, 1, BOX, owners), stacked(heart_x + HEART + REACH, 1, BOX, owned)
    lines = heart_lines(name)
    own_height = len(lines) * LINE + PADDING + 5
    height = max(bottom(left), bottom(right), own_height)
    left, right = centered(left, height), centered(right, height)
    heart = box(heart_x, 1 + (height - own_height) // 2, HEART, lines)
    drawn = [
        Line(curve(each.x + each.width, each.middle, heart.x - 7, heart.middle), tie.kind, bool(tie.until))
        for each, tie in zip(left, owners, strict=True)
    ]
    drawn += [
        Line(curve(heart.x + heart.width, heart.middle, each.x - 7, each.middle), tie.kind, bool(tie.until))
        for each, tie in zip(right, owned, strict=True)
    ]
    width = heart_x + HEART + (REACH + BOX if owned else 0) + 1
    return Drawing(width, height + 2, [*left, heart, *right], drawn)


def centered(boxes: list[Box], height: int) -> list[Box]:
    shift = (height - bottom(boxes)) // 2
    return [
        replace(each, y=each.y + shift, lines=[(name, y + shift, text) for name, y, text in each.lines])
        for each in boxes
    ]


def curve(x: int, y: int, to_x: int, to_y: int) -> str:
    half = (x + to_x) // 2
    return f"M{x} {y}C{half} {y} {half} {to_y} {to_x} {to_y}"


def down(name: str, owners: Sequence[Tie], owned: Sequence[Tie]) -> Drawing:
    """One below the other: owners, the company, what it owns, with lines along a rail on the left."""
    x, width = 2 * RAIL + 4, 300
    above = stacked(x, 1, width, owners)
    y = bottom(above) + GAP if above else 1
    heart = box(x, y, width, [("name", part) for part in textwrap.wrap(name, NAME_CHARS + 8)[:2]])
    below = stacked(x, bottom([heart]) + GAP, width, owned)
    into, out = heart.middle - 5, heart.middle + 5
    lines = [
        Line(f"M{x} {each.middle}H{RAIL}V{into}H{x - 7}", tie.kind, bool(tie.until))
        for each, tie in zip(above, owners, strict=True)
    ]
    lines += [
        Line(f"M{x} {out}H{RAIL}V{each.middle}H{x - 7}", tie.kind, bool(tie.until))
        for each, tie in zip(below, owned, strict=True)
    ]
    return Drawing(x + width + 1, bottom([heart, *below]) + 1, [*above, heart, *below], lines)
