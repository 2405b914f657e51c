"""One page of a list of events: what the timeline and every record's page show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from events import cursors
from events.models import day_of, position_of
from events.queries import timeline
from events.queries.timeline import Criteria
from events.web import rows
from events.web.rows import Group

PAGE = 30  # rows of some 25 elements each: with all around them fewer than 1,500
SOON = 8
Address = Callable[..., str]


@dataclass(frozen=True)
class Listing:
    """Rows by month, newest first, and the addresses of the pages before and after ("": there is none)."""

    groups: list[Group] = field(default_factory=list)
    older: str = ""
    newer: str = ""
    newest: str = ""
    problem: str = ""
    shown: int = 0

    @property
    def is_first(self) -> bool:
        return not self.newest


def listing(
    criteria: Criteria,
    asked: QueryDict,
    address: Address,
    *,
    until: dt.date | None = None,
    fragment: bool = False,
    size: int = PAGE,
) -> Listing:
    """The page that `before` or `after` ask for, else the newest events up to the day `until`.

    `address(before=…)` makes the path of another page. A cursor that was given for other filters is a `problem`. In a
    fragment, which goes on where a list ends, the first heading is left out where the month goes on.
    """
    first = address()
    try:
        before, after = (decoded(asked.get(name, ""), criteria) for name in ("before", "after"))
    except cursors.BadCursor as problem:
        return Listing(problem=str(problem), newest=first)
    if before is not None and after is not None:
        return Listing(problem=_("A page lies before a place of the list or after it, not both."), newest=first)
    start = before
    if before is None and after is None and until:
        start = position_of(until + dt.timedelta(days=1), 0)
    page = timeline.page(criteria, before=start, after=after, size=size)
    going_on = before is not None or after is not None
    return Listing(
        groups=rows.grouped(
            page.documents,
            after=day_of(before) if fragment and before is not None else None,
            terms=criteria.words.terms,
        ),
        older=address(before=cursors.encode(page.older, criteria)) if page.older is not None else "",
        newer=address(after=cursors.encode(page.newer, criteria)) if going_on and page.newer is not None else "",
        newest=first if going_on else "",
        shown=len(page.documents),
    )


def decoded(cursor: str, criteria: Criteria) -> int | None:
    return cursors.decode(cursor, criteria) if cursor else None


@dataclass(frozen=True)
class Upcoming:
    """What is scheduled, the nearest first, each with the keys title, address, kind, date, date_display."""

    rows: list[dict[str, str]]
    more: bool


def upcoming(day: dt.date) -> Upcoming:
    """What is scheduled for after `day`, the nearest first."""
    page = timeline.page(Criteria(), after=position_of(day + dt.timedelta(days=1), 0) - 1, size=SOON)
    return Upcoming(
        [rows.briefly(orjson.loads(text)) for text in reversed(page.documents)], more=page.newer is not None
    )


def cheap_count(criteria: Criteria) -> int | None:
    """How many events match, where the roll-ups tell without reading them; None: it would have to be counted."""
    single = len(criteria.choices) == 1 == len(criteria.choices[0]) if criteria.choices else False
    rolled_up = (
        criteria.is_everything
        or (single and criteria == Criteria(choices=criteria.choices))
        or (len(criteria.kinds) == 1 and criteria == Criteria(kinds=criteria.kinds))
    )
    return timeline.count(criteria) if rolled_up else None
