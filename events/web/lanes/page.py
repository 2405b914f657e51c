"""The page of lanes, and its part that moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from events.caching import head
from events.filters import EventFilter
from events.lib.dates import today
from events.models import LogHead
from events.queries import bearing
from events.queries.bearing import Months
from events.queries.lanes import Lanes, Matches
from events.web import filtering
from events.web.htmx import wants_fragment
from events.web.lanes.asked import KINDS, PARAMETERS, Asked
from events.web.lanes.counts import HEIGHT, Bars, Lists, Row, bars, cells, highest, rows_of
from events.web.lanes.marks import MOST_EVENTS, SYMBOLS, Drawing, draw, percent
from events.web.lanes.scale import PERIODS, WIDTH, ZOOMS, Scale
from events.web.pages import fragment, page
from events.web.record import names_of

STRIDE = PERIODS // 2  # how many columns "Earlier" and "Later" move on


@dataclass(frozen=True)
class Choice:
    """A link to the same lanes, or other ones, in another way. `address` is "" where there is nothing."""

    label: str
    address: str
    is_current: bool = False


@dataclass
class Picture:
    """All that is drawn. Rows of counts stand on one another from the top; `drawing`: marks, where these are few."""

    all: Row
    rows: list[Row] = field(default_factory=list)
    bars: list[Bars] = field(default_factory=list)
    drawing: Drawing | None = None
    lanes: Lanes | None = None

    @property
    def height(self) -> int:
        return HEIGHT + sum(row.pixels for row in self.rows)


def answer(request: HttpRequest, filters: QueryDict, filterset: EventFilter) -> HttpResponse:
    """The lanes of what matches the filters; with bad values the filled form alone. A script gets the lanes alone."""
    asked = Asked.read(request.GET)
    now_head = head()
    if not filterset.form.is_valid():
        return page("lanes/lanes.html", frame(filterset, filters, asked, request.GET, now_head))
    context = shown(filterset, filters, asked)
    if wants_fragment(request):
        return fragment("lanes/_lanes.html", context)
    return page("lanes/lanes.html", frame(filterset, filters, asked, request.GET, now_head) | context)


def frame(
    filterset: EventFilter, filters: QueryDict, asked: Asked, query: QueryDict, now_head: LogHead
) -> dict[str, Any]:
    """What stands around the lanes: the filters, which lead back to lanes."""
    names = filtering.names_for(filters)
    stay = [(name, str(query[name])) for name in PARAMETERS if query.get(name)]
    chips = [
        replace(chip, without=f"{chip.without}{'&' if '?' in chip.without else '?'}{encoded(stay)}")
        for chip in filtering.chips(filters, names)
    ]
    return {
        "section": "timeline",
        "head": now_head,
        "is_valid": filterset.form.is_valid(),
        "fields": filtering.fields_of(filterset, filters, names),
        "chips": chips,
        "stay": stay,
        "unfiltered": asked.address(QueryDict()),
        "title": ", ".join(chip.value for chip in chips),
        "problems": asked.problems,
        "list_address": filtering.address(filters),
    }


def encoded(pairs: list[tuple[str, str]]) -> str:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query[name] = value
    return query.urlencode()


def shown(filterset: EventFilter, filters: QueryDict, asked: Asked) -> dict[str, Any]:
    """The lanes themselves."""
    criteria = filterset.criteria
    matches = Matches(criteria)
    scale = asked.scale(matches.months, unfiltered=not filters, now=today())
    picture = drawn(matches, filters, asked, scale)
    months = matches.months
    in_view = None if months is None else scale.view.of(months).total()
    return {
        "asked": asked,
        "scale": scale,
        "periods": [
            (period, asked.address(filters, near) if (near := closer(scale, number)) else "")
            for number, period in enumerate(scale.periods)
        ],
        "picture": picture,
        "kinds": [
            Choice(_(label), asked.address(filters, scale, kind=kind), kind == asked.kind)
            for kind, label in KINDS.items()
        ],
        "zooms": [
            Choice(_(label), asked.address(filters, scale.zoomed(zoom)), zoom == scale.zoom)
            for zoom, label in ZOOMS.items()
        ],
        "moves": moves(asked, filters, scale, months),
        "count": in_view,
        "total": None if months is None else months.total(),
        "symbols": SYMBOLS,
        "most_read": bearing.MOST_READ,
        "width": WIDTH,
        "today_x": None if scale.today is None else percent(scale.today),
        "ahead_width": None if scale.today is None else percent(WIDTH - scale.today),
        "own_address": asked.address(filters, scale),
    }


def closer(scale: Scale, number: int) -> Scale | None:
    """What the heading of a column leads to: its period in the middle of a closer view; None: there is none."""
    zooms = list(ZOOMS)
    if scale.zoom == zooms[-1]:
        return None
    zoom = zooms[zooms.index(scale.zoom) + 1]
    near = Scale.starting(zoom, (scale.number + number) * scale.size, scale.now)
    return near.moved(-(PERIODS - scale.size // near.size) // 2)


def moves(asked: Asked, filters: QueryDict, scale: Scale, months: Months | None) -> dict[str, str]:
    """Addresses of the columns before and after, and of those that hold today; "" where no event would be seen."""
    view = scale.view
    known = [month for month, _ in months] if months else []
    found = {}
    for name, other in (("earlier", scale.moved(-STRIDE)), ("later", scale.moved(STRIDE))):
        is_more = other != scale and (
            months is None or any(month < view.first if name == "earlier" else month > view.last for month in known)
        )
        found[name] = asked.address(filters, other) if is_more else ""
    found["today"] = (
        "" if scale.today is not None else asked.address(filters, Scale.fitted(scale.zoom, None, scale.now))
    )
    return found


def drawn(matches: Matches, filters: QueryDict, asked: Asked, scale: Scale) -> Picture:
    view = scale.view
    lists = Lists(filters, scale)
    months = matches.months
    of_view = view.of(months) if months is not None else None
    whole = Row("all", _("All events"))
    if of_view is not None:
        whole.cells = cells(_("All events"), of_view, lists.of(), scale)
    lanes = matches.lanes(asked.kind, view)
    picture = Picture(whole, lanes=lanes)
    stacked = [] if of_view is None else [(0, of_view, highest([of_view], scale))]
    if lanes is not None:
        names = names_of((tag[0], tag[2]) for tag in (lane.tag.partition(":") for lane in lanes.lanes))
        picture.rows = rows_of(lanes, asked.kind, names, lists, scale)
        documents = matches.documents(view, MOST_EVENTS) if of_view is None or of_view.total() <= MOST_EVENTS else None
        if documents is not None:
            parsed = [orjson.loads(document) for document in documents]
            picture.drawing = draw(parsed, asked.kind, picture.rows, matches.criteria.roles, scale, HEIGHT)
        if picture.drawing is None:
            for row in picture.rows:
                row.height = 0
            stacked += stacked_lanes(lanes, scale)
    picture.bars = bars(stacked, scale)
    return picture


def stacked_lanes(lanes: Lanes, scale: Scale) -> list[tuple[int, Months, int]]:
    """Where the bars of the lanes stand, all on one scale; those of the rest on their own."""
    top = HEIGHT
    most = highest([lane.months for lane in lanes.lanes], scale)
    found = []
    for lane in lanes.lanes:
        found.append((top, lane.months, most))
        top += HEIGHT
    if lanes.rest:
        found.append((top, lanes.rest, highest([lanes.rest], scale)))
    return found
