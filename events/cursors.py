"""Where a page of the timeline goes on: opaque to whoever holds it, and good only for the filters it was made for."""

from __future__ import annotations

from events.queries.timeline import Criteria


class BadCursor(ValueError):
    """A cursor that nobody was given, or that was given for other filters."""


def encode(position: int, criteria: Criteria) -> str:
    return f"{position:x}-{criteria.fingerprint}"


def decode(text: str, criteria: Criteria) -> int:
    """The position that a cursor stands for. Raises BadCursor."""
    position, _, fingerprint = text.partition("-")
    if fingerprint != criteria.fingerprint:
        raise BadCursor("This cursor belongs to other filters: start again without it.")
    try:
        found = int(position, 16)
    except ValueError:
        found = -1
    if not 0 <= found < 1 << 53:
        raise BadCursor("This is no cursor of this list.")
    return found
