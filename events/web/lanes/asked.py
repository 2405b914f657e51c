"""What a reader of the lanes asks for beside the timeline's filters, and the addresses that ask for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.queries.bearing import Months
from events.queries.lanes import TYPES
from events.queries.months import Month
from events.web import filtering
from events.web.lanes.scale import PERIODS, ZOOMS, Scale

PARAMETERS = ("view", "lanes", "zoom", "start")
KINDS = {"company": gettext_noop("Companies"), "country": gettext_noop("Countries"), "policy": gettext_noop("Policies")}


@dataclass(frozen=True)
class Asked:
    """Values that were left out are "" or None; `problems` tell of bad ones, for which the defaults stand."""

    kind: str
    zoom: str
    start: Month | None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        kind, zoom, start = (query.get(name, "").strip() for name in PARAMETERS[1:])
        problems = []
        if kind and kind not in TYPES:
            problems.append(
                _("There are no lanes by “%(kind)s”, only by %(_any_of)s.") % {"kind": kind, "_any_of": _any_of(TYPES)}
            )
        if zoom and zoom not in ZOOMS:
            problems.append(
                _("There is no zoom “%(zoom)s”, only %(_any_of)s.") % {"zoom": zoom, "_any_of": _any_of(ZOOMS)}
            )
        found = re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?", start)
        if start and (found is None or found[1] == "0000"):
            problems.append(_("“%(start)s” is no month to start with. Write 2024-07.") % {"start": start})
            found = None
        return cls(
            kind if kind in TYPES else "company",
            zoom if zoom in ZOOMS else "",
            int(found[1]) * 12 + int(found[2] or 1) - 1 if found else None,
            tuple(problems),
        )

    def scale(self, found: Months | None, *, unfiltered: bool, now: dt.date) -> Scale:
        """The columns: where nothing is asked for, the last months of all, or all of what filters leave, if it fits."""
        zoom = self.zoom
        if not zoom:
            zoom = "month" if unfiltered or self.start is not None else closest(found)
        if self.start is not None:
            return Scale.starting(zoom, self.start, now)
        return Scale.fitted(zoom, found, now)

    def address(self, filters: QueryDict, scale: Scale | None = None, *, kind: str = "") -> str:
        """The path of lanes with these filters, as another kind or another part of time; as they are by default."""
        more = {"view": "lanes"}
        if (kind or self.kind) != "company":
            more["lanes"] = kind or self.kind
        if scale:
            more |= {"zoom": scale.zoom, "start": scale.start}
        return filtering.address(filters, **more)


def closest(found: Months | None) -> str:
    """The closest zoom at which all events are in view, else the widest."""
    if found is None:
        return "month"
    months = [month for month, _ in found] or [0]
    for zoom, size in (("month", 1), ("quarter", 3)):
        if max(months) // size - min(months) // size < PERIODS:
            return zoom
    return "year"


def _any_of(values: Iterable[str]) -> str:
    *rest, last = values
    return _("%(join)s or %(last)s") % {"join": ", ".join(rest), "last": last}
