"""Questions that readers ask so often that the timeline has a link for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from events.choices import Certainty, RelationKind

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Preset:
    label: str
    address: str
    chosen: bool


def presets(filters: QueryDict, today: dt.date, address: Callable[[QueryDict], str]) -> list[Preset]:
    """Links to the timeline with these filters alone.

    The last seven days end with today; what takes effect within thirty days is dated from tomorrow on. "Reversals" are
    the events that reverse an earlier one.
    """
    questions = {
        _("Last seven days"): {"from": (today - 6 * DAY).isoformat(), "to": today.isoformat()},
        _("Takes effect in the next 30 days"): {
            "from": (today + DAY).isoformat(),
            "to": (today + 30 * DAY).isoformat(),
        },
        _("Reversals"): {"relation": RelationKind.REVERSES.value},
        _("Disputed"): {"certainty": Certainty.DISPUTED.value},
    }
    found = []
    for label, asked in questions.items():
        query = QueryDict(mutable=True)
        query.update(asked)
        is_chosen = dict(filters.lists()) == dict(query.lists())
        found.append(Preset(label, address(QueryDict() if is_chosen else query), is_chosen))
    return found
