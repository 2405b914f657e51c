"""The rules that publishing and the data set's loader share: what a public record needs, and what two may not say.

Each is stated once. What is said of plain values serves both; the rest asks it of rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from events.choices import CompanyRole, PlaceRole, RecordType, Stance, State
from events.documents import type_of
from events.lib.related import related
from events.models import (
    WORLD,
    AccessEffect,
    Comment,
    CountryGroup,
    Event,
    EventRelation,
    Product,
    Source,
)
from events.models.base import web_address
from events.models.naming import clashes
from events.queries.access import contradicted
from events.queries.sql import among

Node = TypeVar("Node", bound=Hashable)
Span = tuple[dt.date | None, dt.date | None]

NOBODY_ACTS = "It needs somebody who acted: a company as actor, an agency, or an acting country."
NO_SUPPORT = "It needs at least one source that supports it."
UNKNOWN_PAGE = "This page is not known yet: give its title, its publisher and its tier, and it is made."
WORLD_HAS_NO_LIST = f"“{WORLD}” is every country, and lists none."


# -------------------------------------------------------------------------------------------------- of plain values


def acted(companies: Iterable[str], agencies: Iterable[object], countries: Iterable[str]) -> bool:
    """Whether somebody did, by the roles of companies and countries and by the agencies, all of which acted."""
    return CompanyRole.ACTOR in companies or any(True for _ in agencies) or PlaceRole.ACTING in countries


def is_supported(stances: Iterable[str]) -> bool:
    return Stance.SUPPORTS in stances


def not_among_products(product: str) -> str:
    """What is said of an effect on a product that the event does not name."""
    return f"“{product}”, on which it has an effect, is not among its products."


def is_too_late(earlier: dt.date | None, event: dt.date | None) -> bool:
    """Whether an event of the day `earlier` is one to which an event of the other day may not relate."""
    return bool(earlier and event and earlier > event)


def too_late(earlier: object) -> str:
    return f"“{earlier}”, to which it relates, is later than it."


def relations_count(*, retracted: bool) -> bool:
    """Whether the relations of an event are held to the order of dates: nothing of a retracted one can be mended."""
    return not retracted


def circle(relations: Mapping[Node, Collection[Node]]) -> list[Node]:
    """Events of which each relates to the one before it, the last being the first; empty: there is no such circle."""
    try:
        TopologicalSorter(relations).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def depths(relations: Mapping[Node, Collection[Node]]) -> dict[Node, int]:
    """How many events stand one behind the other, at most, before each that relates to any. Expects no circle."""
    found: dict[Node, int] = {}
    for node in TopologicalSorter(relations).static_order():
        found[node] = max((found[earlier] + 1 for earlier in relations.get(node, ())), default=0)
    return found


def in_a_circle(names: Iterable[object]) -> str:
    return f"Relations lead in a circle: {', '.join(f'“{name}”' for name in names)}."


def overlap(spans: Sequence[Span]) -> bool:
    """Whether a day is in the last span and in an earlier one; a span ends the day before its second date."""
    first, last = dt.date.min, dt.date.max
    *others, (since, until) = spans
    return any(
        (since or first) < (other_until or last) and (other_since or first) < (until or last)
        for other_since, other_until in others
    )


def overlapping(code: str) -> str:
    return f"Two memberships of {code} overlap."


def given_before(number: int) -> str:
    """What is said of the id of an effect that another one had, which is gone."""
    return f"The id {number} was given to another effect, which is gone."


def now(merged: object, into: object) -> str:
    """What is said of a name for a record that was merged into another."""
    return f"“{merged}” is now “{into}”."


# ---------------------------------------------------------------------------------------------------------- of events


def missing_for_publication(event: Event, *, withdrawn: bool = False) -> list[str]:
    """What the event still lacks to be public, in words; empty: nothing."""
    return lacks([event], withdrawn=withdrawn)[0]


def lacking(events: Sequence[Event], *, withdrawn: bool = False) -> list[str]:
    """What any of the events lacks, each said with its name. `withdrawn`: their relations do not count."""
    found = zip(events, lacks(events, withdrawn=withdrawn), strict=True)
    return [f"“{event}”: {problem}" for event, problems in found for problem in problems]


def lacks(events: Sequence[Event], *, withdrawn: bool) -> list[list[str]]:
    """What each of the events lacks, with as many queries for many as for one."""
    counting = [event for event in events if relations_count(retracted=withdrawn or event.state == State.RETRACTED)]
    between = misplaced(counting)
    return [incomplete(event) + between[event.pk] for event in events]


def incomplete(event: Event) -> list[str]:
    """What an event lacks by itself, whatever others say."""
    found = []
    if not event.title:
        found.append("It needs a title.")
    if not event.date:
        found.append("It needs a date.")
    if not event.kind:
        found.append("It needs a kind.")
    if not is_supported(citation.stance for citation in related(event, "citations")):
        found.append(NO_SUPPORT)
    companies = (link.role for link in related(event, "company_links"))
    countries = (link.role for link in related(event, "country_links"))
    if not acted(companies, related(event, "agency_links"), countries):
        found.append(NOBODY_ACTS)
    if effects := related(event, "effects"):
        products = {link.product_id for link in related(event, "product_links")}
        strange = {effect.product_id: effect.product for effect in effects if effect.product_id not in products}
        found += [not_among_products(str(product)) for product in strange.values()]
    return found


def misplaced(events: Sequence[Event]) -> defaultdict[int, list[str]]:
    """What is wrong with the relations of these events and of published events to them, by primary key."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for event in events:
        for link in related(event, "relation_links"):
            if link.earlier.merged_into_id:
                found[event.pk].append(merged(link.earlier))
            elif is_too_late(link.earlier.date, event.date):
                found[event.pk].append(too_late(link.earlier))
    dates = {event.pk: event.date for event in events}
    pairs = relating_to(dates)
    later = Event.objects.published().in_bulk({pk for pk, _ in pairs}) if pairs else {}
    for pk, earlier in pairs:
        if pk in later and is_too_late(dates[earlier], later[pk].date):
            found[earlier].append(f"“{later[pk]}”, which relates to it, is earlier than it.")
    if names := in_circle(events, alone=not later):
        found[names[0].pk].append(in_a_circle(names))
    return found


def relating_to(keys: Collection[int]) -> list[tuple[int, int]]:
    """Pairs of another event, public or not, and of the one among these that it relates to, by primary keys.

    Which of them are public is a question by itself: as a part of this one, SQLite would read every public event.
    """
    these = among("bigint", keys)
    links = EventRelation.objects.filter(earlier__in=these).exclude(event__in=these)
    return list(links.order_by("pk").values_list("event", "earlier"))


def in_circle(events: Sequence[Event], *, alone: bool) -> list[Event]:
    """A circle of relations that leads through one of these events, which comes first, and through published ones.

    Only events of one day can make one, where all others are in order; `alone`: no published event relates to any of
    these, so it could only be a circle among themselves.
    """
    graph: dict[int, set[int]] = {}
    for event in events:
        same_day = {link.earlier_id for link in related(event, "relation_links") if link.earlier.date == event.date}
        if same_day:
            graph[event.pk] = same_day
    asked = {event.pk for event in events}
    while not alone and (new := {pk for earlier in graph.values() for pk in earlier} - asked):
        asked |= new
        for pk, earlier in same_day_links(new):
            graph.setdefault(pk, set()).add(earlier)
    path = circle(graph)
    mine = {event.pk: event for event in events}
    if not mine.keys() & set(path):
        return []
    start = next(place for place, pk in enumerate(path) if pk in mine)
    path = [*path[start:-1], *path[:start], path[start]]
    rows = Event.objects.in_bulk(path) | mine
    return [rows[pk] for pk in path]


def same_day_links(keys: Collection[int]) -> Iterator[tuple[int, int]]:
    """Those of these events that are published to events of their own day, by primary keys.

    In two steps by keys alone: a database whose statistics lag behind would rather read all published events.
    """
    pairs = list(EventRelation.objects.filter(event__in=keys).order_by("pk").values_list("event", "earlier"))
    rows = Event.objects.in_bulk({pk for pair in pairs for pk in pair}) if pairs else {}
    for pk, earlier in pairs:
        if rows[pk].state == State.PUBLISHED and rows[pk].date == rows[earlier].date:
            yield pk, earlier


def held_up(events: Sequence[Event]) -> list[str]:
    """Open critical comments on any of the events, which have to be settled first."""
    found = Comment.objects.blocking().filter(event__in=events).select_related("event")
    return [f"“{comment.event}” has an open critical comment: {comment}" for comment in found]


def contradictions(events: Sequence[Event]) -> list[str]:
    """Effects of these events that say something else of a product, a place and a day than a published one does."""
    found = []
    held = [event for event in events if event.state != State.RETRACTED]
    effects = [effect for event in held for effect in related(event, "effects")]
    pairs = contradicted(effects)
    others = AccessEffect.objects.select_related("event", "product", "country", "group").in_bulk(
        [other for _, other in pairs]
    )
    for number, pk in pairs:
        effect, other = effects[number], others[pk]
        found.append(
            f"{other.product} in {other.country or other.group} from {other.effective_date} is "
            f"{other.get_status_display().lower()} by “{other.event}”, and {effect.get_status_display().lower()} here."
        )
    return found


# ----------------------------------------------------------------------------------------------- of any public record


def merged(row: Any) -> str:
    """What is said of a reference to a record that was merged."""
    return now(row, row.merged_into)


def unfit(rows: Sequence[models.Model]) -> list[str]:
    """What keeps reference records from the public by itself; events have rules of their own."""
    found: list[str] = []
    order = list(RecordType)
    for _, each in groupby(sorted(rows, key=lambda row: order.index(type_of(row))), key=type_of):
        alike = list(each)
        found += clashes(alike)
        for row in alike:
            found += unfit_addresses(row)
            if isinstance(row, CountryGroup):
                found += unfit_members(row)
            elif isinstance(row, Source):
                try:
                    row.clean()
                except ValidationError as error:
                    found += [f"“{row}”: {message}" for message in error.messages]
    return found


def unfit_addresses(row: models.Model) -> list[str]:
    """Addresses of pages, as the forms and the data set take them."""
    found = []
    for name in ("official_url", "archive_url"):
        try:
            if address := getattr(row, name, ""):
                web_address(address)
        except ValidationError as error:
            found += [f"“{row}”: {address}: {message}" for message in error.messages]
    return found


def unfit_members(group: CountryGroup) -> list[str]:
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    found = []
    for membership in related(group, "memberships"):
        held = spans[membership.country_id]
        held.append((membership.since, membership.until))
        if overlap(held):
            found.append(overlapping(membership.country_id))
    return [WORLD_HAS_NO_LIST] if spans and group.is_world else found


def touched_by_merger(row: Any, into: Any) -> list[int]:
    """Events, by primary key, that may break a rule once all that points at `row` points at `into`."""
    if isinstance(row, Event):
        return [into.pk]
    public = Event.objects.filter(state__in=(State.PUBLISHED, State.RETRACTED)).order_by("pk")
    if isinstance(row, Product):
        return list(public.filter(effects__product=row).distinct().values_list("pk", flat=True))
    return []
