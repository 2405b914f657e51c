"""A policy's life cycle for readers: its stages on a line of time, what it had reached on a day, the days of notice.

The line is SVG with places in percent, like the bars of access: it fits any width, and letters keep their size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import Precision, RecordType, Stage
from events.models import PublicDocument
from events.web import words
from events.web.access.bars import Scale, percent
from events.web.days import read
from events.web.record import Document, Link, address_of, documents_of, names_of

NOW = {
    Stage.ANNOUNCED: gettext_noop("Announced"),
    Stage.PROPOSED: gettext_noop("Proposed"),
    Stage.ADOPTED: gettext_noop("Adopted"),
    Stage.IN_FORCE: gettext_noop("In force"),
    Stage.SUSPENDED: gettext_noop("Suspended"),
    Stage.RESCINDED: gettext_noop("Rescinded"),
    Stage.NEVER_TOOK_EFFECT: gettext_noop("Never took effect"),
}
# What has to follow, how it is said while that is known to be still to come, and where nothing of it is on record.
FOLLOWING = {
    Stage.PROPOSED: (
        (Stage.ADOPTED, Stage.IN_FORCE),
        gettext_noop("Proposed, not yet adopted"),
        gettext_noop("no adoption is on record"),
    ),
    Stage.ADOPTED: (
        (Stage.IN_FORCE,),
        gettext_noop("Adopted, not yet in force"),
        gettext_noop("no entry into force is on record"),
    ),
}
LASTING = (Stage.IN_FORCE, Stage.SUSPENDED)
ENDS = (Stage.RESCINDED, Stage.NEVER_TOOK_EFFECT)
BEGINNINGS = {
    Stage.ANNOUNCED: gettext_noop("announcement"),
    Stage.PROPOSED: gettext_noop("proposal"),
    Stage.ADOPTED: gettext_noop("adoption"),
}
UNFULFILLED = {Stage.SUSPENDED: gettext_noop("Set aside"), Stage.NEVER_TOOK_EFFECT: gettext_noop("Given up")}
MOST_SHOWN = 30  # stages with marks
APART = 6.5  # percent between marks of one row; a phone shows 350 pixels
ROOM = 21  # percent that the name of a stage takes beside its mark
ROW = 26


@dataclass(frozen=True)
class Stop:
    """A stage on the line. `row` 0 is the lowest; `named`: there is room for its name beside it."""

    number: int
    stage: str
    label: str
    partial: bool
    iso: str
    day: str
    scheduled: bool
    event: Link
    x: str
    row: int
    named: bool

    @property
    def up(self) -> int:
        return self.row * ROW


@dataclass(frozen=True)
class Segment:
    """A time in which one stage held."""

    x: str
    width: str
    stage: str
    scheduled: bool


@dataclass(frozen=True)
class Notice:
    """The days from a beginning to the entry into force."""

    text: str
    x: str
    width: str
    middle: str
    days: str
    has_room: bool


@dataclass(frozen=True)
class Life:
    """`current` and `in_part` say what had been reached on the day asked about."""

    current: str
    in_part: str
    stops: list[Stop]
    left_out: int  # earlier stages, which have no mark
    segments: list[Segment]
    notices: list[Notice]
    ended: str
    scale: Scale

    @property
    def room(self) -> int:
        """How high the rows of marks are together."""
        return ROW * (1 + max((stop.row for stop in self.stops), default=0))

    @property
    def height(self) -> int:
        return self.room + (68 if self.notices else 40)


def day_asked(text: str, now: dt.date) -> tuple[dt.date, str, str]:
    """The day that a page is asked about (today where none is, or where it cannot be read), the text, its problem."""
    day, problem = read(text)
    return day or now, text if problem else "", problem


def life(document: Document, *, on: dt.date, now: dt.date) -> Life | None:
    """None: no event on record made, changed or ended it."""
    stages: list[Mapping[str, Any]] = document["stages"]
    if not stages:
        return None
    shown = stages[-MOST_SHOWN:]
    ends = ends_of_suspensions(stages)
    scale = Scale.over([day_of(stage) for stage in stages], on=on, now=now)
    return Life(
        current=current_stage(stages, on, ends),
        in_part=in_part(stages, on),
        stops=stops(shown, scale, now),
        left_out=len(stages) - len(shown),
        segments=segments(stages, scale, now, ends),
        notices=notices(stages, scale),
        ended=unfulfilled(stages),
        scale=scale,
    )


def day_of(stage: Mapping[str, Any]) -> dt.date:
    return dt.date.fromisoformat(stage["date"])


def day_in_words(stage: Mapping[str, Any]) -> str:
    return words.day_in_words(stage["date"], stage["date_precision"])


def stops(stages: Sequence[Mapping[str, Any]], scale: Scale, now: dt.date) -> list[Stop]:
    names = names_of((RecordType.EVENT.value, stage["event"]) for stage in stages)
    shares = [scale.share(day_of(stage).toordinal()) for stage in stages]
    rows: list[float] = []  # where the last mark of each row stands
    placed = []
    for share in shares:
        row = next((row for row, last in enumerate(rows) if share - last >= APART), len(rows))
        rows[row:] = [share, *rows[row + 1 :]]
        placed.append(row)
    found = []
    for number, (stage, share, row) in enumerate(zip(stages, shares, placed, strict=True)):
        following = next((s for s, r in zip(shares[number + 1 :], placed[number + 1 :], strict=True) if r == row), 100)
        event = stage["event"]
        title = names.get((RecordType.EVENT.value, event), event)
        found.append(
            Stop(
                number=number + 1,
                stage=stage["stage"],
                label=_(Stage(stage["stage"]).label),
                partial=stage["partial"],
                iso=stage["date"],
                day=day_in_words(stage),
                scheduled=day_of(stage) > now,
                event=Link(address_of(RecordType.EVENT, event), title),
                x=percent(share),
                row=row,
                named=following - share >= ROOM,
            )
        )
    return found


def segments(
    stages: Sequence[Mapping[str, Any]], scale: Scale, now: dt.date, ends: Mapping[str, dt.date]
) -> list[Segment]:
    """Parted where the future begins; after an end there is none."""
    whole = [stage for stage in stages if not stage["partial"]]
    starts = [*(day_of(stage).toordinal() for stage in whole), scale.end]
    tomorrow = now.toordinal() + 1
    found = []
    for each, (start, end) in zip(whole, pairwise(starts), strict=True):
        stage = each["stage"]
        if stage in ENDS:
            continue
        if stage == Stage.SUSPENDED and each["event"] in ends:
            end = min(end, ends[each["event"]].toordinal() + 1)
        for first, last in ((start, min(end, tomorrow)), (max(start, tomorrow), end)):
            if first < last:
                x = scale.share(first)
                found.append(Segment(percent(x), percent(scale.share(last) - x), stage, first >= tomorrow))
    return found


def stage_on(stages: Sequence[Mapping[str, Any]], on: dt.date, ends: Mapping[str, dt.date]) -> str:
    """The stage that a policy has reached on a day, without its date; "" where its events tell of none by then."""
    last = last_reached(stages, on)
    if last is None:
        return ""
    if end_of_suspension(last, on, ends):
        return _("Suspension ended")
    return now_and_missing(stages, on, Stage(last["stage"]))[0]


def last_reached(stages: Sequence[Mapping[str, Any]], on: dt.date) -> Mapping[str, Any] | None:
    return next((stage for stage in reversed(stages) if not stage["partial"] and day_of(stage) <= on), None)


def now_and_missing(stages: Sequence[Mapping[str, Any]], on: dt.date, stage: Stage) -> tuple[str, str]:
    """How a stage reached is called on a day, and what nothing on record says of what should follow it.

    "Not yet" only where it is known to come: what nobody recorded may well have happened.
    """
    if stage not in FOLLOWING:
        return _(NOW[stage]), ""
    wanted, not_yet, missing = FOLLOWING[stage]
    following = [each for each in stages if each["stage"] in wanted]
    if any(day_of(each) > on and not each["partial"] for each in following):
        return _(not_yet), ""
    return _(NOW[stage]), "" if following else _(missing)


def end_of_suspension(stage: Mapping[str, Any], on: dt.date, ends: Mapping[str, dt.date]) -> dt.date | None:
    """The last day of a suspension that is over by a day."""
    end = ends.get(stage["event"]) if stage["stage"] == Stage.SUSPENDED else None
    return end if end and end < on else None


def ends_of_suspensions(stages: Sequence[Mapping[str, Any]]) -> dict[str, dt.date]:
    """The last days of suspensions that were for a time, by event. What follows such a day has to be recorded."""
    suspending = [each["event"] for each in stages if each["stage"] == Stage.SUSPENDED and not each["partial"]]
    if not suspending:
        return {}
    events = documents_of(PublicDocument.objects.of_type(RecordType.EVENT).filter(key__in=suspending))
    return {each["slug"]: dt.date.fromisoformat(each["end_date"]) for each in events if each.get("end_date")}


def current_stage(stages: Sequence[Mapping[str, Any]], on: dt.date, ends: Mapping[str, dt.date]) -> str:
    """The stage that a policy has reached on a day and since when, in words; "" where there is none by then."""
    last = last_reached(stages, on)
    if last is None:
        return ""
    since, stage = day_in_words(last), Stage(last["stage"])
    if until := end_of_suspension(last, on, ends):
        said = _("Suspended from %(since)s until %(until)s") % {
            "since": since,
            "until": words.day_in_words(until.isoformat(), Precision.DAY),
        }
        is_last = not any(day_of(each) > on and not each["partial"] for each in stages)
        return f"{said}; {_('what followed is not on record')}" if is_last else said
    now, missing = now_and_missing(stages, on, stage)
    if stage in LASTING:
        return _("%(now)s since %(since)s") % {"now": now, "since": since}
    if last["date_precision"] == Precision.DAY:
        said = _("%(stage)s (on %(since)s)") % {"stage": now, "since": since}
    else:
        said = _("%(stage)s (in %(since)s)") % {"stage": now, "since": since}
    return f"{said}; {missing}" if missing else said


def in_part(stages: Sequence[Mapping[str, Any]], on: dt.date) -> str:
    """What happened to some places or provisions only by a day: "in force from February 2, 2025 and August 2, 2025"."""
    days: dict[str, list[str]] = {}
    for stage in stages:
        if stage["partial"] and day_of(stage) <= on:
            days.setdefault(stage["stage"], []).append(day_in_words(stage))
    return "; ".join(
        _("%(lower)s from %(list)s") % {"lower": _(Stage(stage).label).lower(), "list": words.listed(found)}
        for stage, found in days.items()
    )


def notices(stages: Sequence[Mapping[str, Any]], scale: Scale) -> list[Notice]:
    """The days from the first announcement, proposal and adoption to the first day in force, the longest first.

    Counted only between two exact days: of anything vaguer a number of days would say more than is known.
    """
    whole = [stage for stage in stages if not stage["partial"]]
    in_force = next((stage for stage in whole if stage["stage"] == Stage.IN_FORCE), None)
    if in_force is None or in_force["date_precision"] != Precision.DAY:
        return []
    found = []
    for kind, name in BEGINNINGS.items():
        first = next((stage for stage in whole if stage["stage"] == kind), None)
        if first is None or first["date_precision"] != Precision.DAY or first["date"] > in_force["date"]:
            continue
        start, end = scale.share(day_of(first).toordinal()), scale.share(day_of(in_force).toordinal())
        days = words.days_in_words((day_of(in_force) - day_of(first)).days)
        found.append(
            Notice(
                text=_("%(days)s from %(name)s to effect") % {"days": days, "name": _(name)},
                x=percent(start),
                width=percent(end - start),
                middle=percent((start + end) / 2),
                days=days,
                has_room=10 <= (start + end) / 2 <= 90,
            )
        )
    return found


def unfulfilled(stages: Sequence[Mapping[str, Any]]) -> str:
    """That a policy was given up or set aside before it ever was in force, and after how long; "" of any other."""
    whole = [stage for stage in stages if not stage["partial"]]
    if not whole or any(stage["stage"] == Stage.IN_FORCE for stage in stages) or whole[-1]["stage"] not in UNFULFILLED:
        return ""
    first, last = whole[0], whole[-1]
    so_far = _("it has never been in force")
    if {first["date_precision"], last["date_precision"]} != {Precision.DAY} or first["stage"] not in BEGINNINGS:
        return so_far.capitalize()
    days = words.days_in_words((day_of(last) - day_of(first)).days)
    return _("%(unfulfilled)s %(days)s after its %(beginnings)s: %(so_far)s") % {
        "unfulfilled": _(UNFULFILLED[last["stage"]]),
        "days": days,
        "beginnings": _(BEGINNINGS[Stage(first["stage"])]),
        "so_far": so_far,
    }
