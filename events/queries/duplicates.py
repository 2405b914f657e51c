"""Events that may be the one that is being drafted: the same actor, a date close by, a similar title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.contrib.postgres.lookups import TrigramSimilar
from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, QuerySet

from events.choices import CompanyRole, State
from events.lib.tokens import parse_query, tokens
from events.models import Event, EventCompany, SearchRow, position_of
from events.models.timeline import KEY_BITS

CharField.register_lookup(TrigramSimilar)

CLOSE = dt.timedelta(days=3)
MOST_SHOWN = 5
MOST_READ = 200  # candidates of one kind that are compared
MOST_TERMS = 12
SIMILAR = 0.45  # shared tokens of both titles together
LIKELY = 0.3  # similarity of trigrams, PostgreSQL's own default
STANDING = (State.DRAFT, State.IN_REVIEW, State.PUBLISHED)


@dataclass(frozen=True)
class Likeness:
    """An event that may be the same, and in words what is alike."""

    event: Event
    reasons: tuple[str, ...]
    similarity: float


def alike(title: str, day: dt.date | None, actors: Collection[int], *, but: int | None = None) -> list[Likeness]:
    """The events most like one of this title, this day and these companies (primary keys) as actors; at most five.

    One is named where its date is close and it has the same actor or a similar title; without a date by title alone.
    """
    standing = Event.objects.filter(state__in=STANDING)
    if but is not None:
        standing = standing.exclude(pk=but)
    near = standing.filter(date__range=(day - CLOSE, day + CLOSE)) if day else standing
    acted = EventCompany.objects.filter(event=OuterRef("pk"), company__in=actors, role=CompanyRole.ACTOR)
    found: dict[int, Event] = {}
    if title.strip():
        found |= {event.pk: event for event in called_alike(near, title, day)}
    of_actors: set[int] = set()
    if day and actors:
        rows = list(near.filter(Exists(acted))[:MOST_READ])
        of_actors = {event.pk for event in rows}
        found |= {event.pk: event for event in rows}
    return sorted(judged(found.values(), title, day, of_actors), key=lambda each: -each.similarity)[:MOST_SHOWN]


def called_alike(near: QuerySet[Event], title: str, day: dt.date | None) -> Iterable[Event]:
    """Those with words of the title: by trigrams on PostgreSQL, by the full-text index and among drafts on SQLite."""
    if connection.vendor == "postgresql":
        similar = near.filter(title__trigram_similar=title) if day is None else near
        scored = similar.annotate(likeness=TrigramSimilarity("title", title)).filter(likeness__gte=LIKELY)
        return scored.order_by("-likeness")[:MOST_SHOWN]
    terms = parse_query(title.replace('"', " ").replace("-", " ")).terms[:MOST_TERMS]
    rows = SearchRow.objects.filter(tokens__matches_any=terms) if terms else SearchRow.objects.none()
    if day:
        rows = rows.filter(position__range=(position_of(day - CLOSE, 0), position_of(day + CLOSE, (1 << KEY_BITS) - 1)))
    keys = rows.order_by("-position").annotate(event=F("position").bitand((1 << KEY_BITS) - 1))
    published = near.filter(pk__in=list(keys.values_list("event", flat=True)[:MOST_READ]))
    drafts = near.filter(state__in=(State.DRAFT, State.IN_REVIEW))
    return [*published, *drafts[:MOST_READ]]


def judged(events: Iterable[Event], title: str, day: dt.date | None, of_actors: set[int]) -> Iterable[Likeness]:
    for event in events:
        similarity = share(title, event.title)
        is_similar = similarity >= SIMILAR
        if not is_similar and event.pk not in of_actors:
            continue
        reasons = []
        if event.pk in of_actors:
            reasons.append("the same actor")
        if day and event.date:
            apart = abs((event.date - day).days)
            reasons.append("the same day" if apart == 0 else f"{apart} day{'' if apart == 1 else 's'} apart")
        if is_similar:
            reasons.append("a similar title")
        yield Likeness(event, tuple(reasons), similarity + (1 if event.pk in of_actors else 0))


def share(one: str, other: str) -> float:
    """How many of their words two titles share, of all that either has: 0 to 1."""
    mine, its = set(tokens(one)), set(tokens(other))
    return len(mine & its) / len(mine | its) if mine | its else 0.0
