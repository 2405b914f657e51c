"""Where a page of the timeline goes on: opaque to whoever holds it, and good only for the filters it was made for."""

from __future__ import annotations

import re

from events.queries.timeline import Criteria

PATTERN = "[0-9a-f]{1,14}-[0-9a-f]{8}"  # a position, as far as databases can count, and the filters' fingerprint


class BadCursor(ValueError):
    """A cursor that nobody was given, or that was given for other filters."""


def encode(position: int, criteria: Criteria) -> str:
    return f"{position:x}-{criteria.fingerprint}"


def decode(text: str, criteria: Criteria) -> int:
    """The position that a cursor stands for. Raises BadCursor."""
    if not re.fullmatch(PATTERN, text):
        raise BadCursor("This is no cursor of this list.")
    position, _, fingerprint = text.partition("-")
    if fingerprint != criteria.fingerprint:
        raise BadCursor("This cursor belongs to other filters: start again without it.")
    return int(position, 16)
