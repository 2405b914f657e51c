"""The effects on access that start or end next, whatever they are on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from events.models import AccessRecord

MOST = 10
LOOKED_AT = 1_000  # rows of the ledger in the order of their days, so that no day asked about takes long


@dataclass(frozen=True)
class Turn:
    """The day on which an effect starts, or the first one on which it no longer holds."""

    on: dt.date
    starts: bool
    held: AccessRecord


@dataclass(frozen=True)
class Turns:
    """The next ones, the earliest first; not `is_complete`: more than were looked at lie between."""

    turns: Sequence[Turn]
    is_complete: bool


def next_turns(after: dt.date, *, known: dt.date | None, revision: int, most: int = MOST) -> Turns:
    """The first `most` starts and ends after a day, of what had been reported by `known`, at a revision."""
    found: list[Turn] = []
    reached = dt.date.max  # up to this day every row was looked at
    for name in ("effective_date", "until"):
        rows = AccessRecord.objects.filter(**{f"{name}__gt": after})
        looked_at = list(rows.order_by(name)[:LOOKED_AT])
        if len(looked_at) == LOOKED_AT:
            reached = min(reached, getattr(looked_at[-1], name))
        found += [
            Turn(getattr(row, name), name == "effective_date", row)
            for row in looked_at
            if row.recorded_from <= revision
            and (row.recorded_until is None or row.recorded_until > revision)
            and (known is None or row.reported_on <= known)
        ]
    found.sort(key=lambda turn: (turn.on, turn.held.product, turn.held.place, turn.held.pk))
    turns = [turn for turn in found if turn.on <= reached][:most]
    return Turns(turns, len(turns) == most or reached == dt.date.max)
