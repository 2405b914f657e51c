"""Batches of synthetic events, each a transaction, through the same log as everything else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.db import connection, models

from events.documents import DocumentMaker
from events.lib import bulk
from events.models import Event, LogHead, Source
from events.services import log, publishing, reissue
from events.services.generating.drawing import CITED_AGAIN, REACH, Drawer, detach
from events.services.generating.world import PREFIX, build

# So many events a transaction: a page of an index that many of them touch is written once for all of them.
BATCH = 5_000


def generate(
    count: int, seed: int, *, batch: int = BATCH, advance: Callable[[int], object] = lambda events: None
) -> int:
    """Bring the synthetic events of this seed to `count`; the number of those that were there already.

    Killed at any point and called again with the same arguments, it goes on where it stopped, and ends with the same
    record but for times.
    """
    with publishing.recording():
        world = build()
    run = Run(Drawer(count, seed, world))
    started_at = run.done
    advance(started_at)
    while run.done < count:
        size = min(batch, count - run.done)
        run.batch(size)
        advance(size)
    settle()
    return started_at


def settle() -> None:
    """Let the database know what it holds now, so that it plans queries by it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Run:
    def __init__(self, drawer: Drawer) -> None:
        self.drawer = drawer
        self.maker = DocumentMaker()
        self.done = Event.objects.filter(slug__startswith=f"{PREFIX}-{drawer.seed}-").count()
        # What the next events may relate to and cite, by number.
        numbers = range(max(self.done - REACH, 0), self.done)
        self.earlier = {number_of(event): event for event in Event.objects.filter(slug__in=map(drawer.slug, numbers))}
        drawn = {drawer.source(number).slug: number for number in numbers[-CITED_AGAIN:]}
        cited = Source.objects.filter(slug__in=drawn).select_related("publisher", "relays")
        self.sources = {drawn[source.slug]: source for source in cited}

    def batch(self, size: int) -> None:
        """Draw, store and publish the next events, and what that asks to be made anew, in one transaction."""
        with publishing.recording() as head:
            self.add(size, head)
            reissue.run_outstanding()
        self.done += size

    @bulk.collecting_garbage_afterwards()
    def add(self, size: int, head: LogHead) -> None:
        at = log.next_moment(head)
        sources, events = self.draw(size, at)
        self.publish(sources, events, head, at)
        self.forget(events, before=self.done + size)

    def draw(self, size: int, at: dt.datetime) -> tuple[list[Source], list[Event]]:
        """The next events, and the sources that they are the first to cite, with the keys that they will have."""
        numbers = range(self.done, self.done + size)
        sources = [self.drawer.source(number) for number in numbers]
        self.sources |= dict(zip(numbers, sources, strict=True))
        number_rows(sources)
        events = []
        for number, key in zip(numbers, bulk.take_keys(connection, Event, size), strict=True):
            event = self.drawer.event(number, key, earlier=self.earlier, sources=self.sources, at=at)
            self.earlier[number] = event
            events.append(event)
        return sources, events

    def publish(self, sources: Sequence[Source], events: Sequence[Event], head: LogHead, at: dt.datetime) -> None:
        """Store what was drawn, and put it on record."""
        bulk.insert_instances(connection, sources)
        bulk.insert_instances(connection, events)
        links = [event._prefetched_objects_cache for event in events]  # type: ignore[attr-defined]
        for name in links[0]:
            rows = [row for held in links for row in held[name]]
            if name == "effects":
                number_rows(rows)
            bulk.insert_instances(connection, rows)
        publishing.put_on_record(events, alone=[True] * len(events), head=head, maker=self.maker, at=at)

    def forget(self, events: Iterable[Event], *, before: int) -> None:
        """Keep what the events from number `before` on may relate to and cite, and nothing else."""
        for event in events:
            detach(event)
        self.earlier = {number: event for number, event in self.earlier.items() if number >= before - REACH}
        self.sources = {number: row for number, row in self.sources.items() if number >= before - CITED_AGAIN}


def number_rows(rows: Sequence[models.Model]) -> None:
    """Give rows that others name their keys before they are inserted."""
    if rows:
        for row, key in zip(rows, bulk.take_keys(connection, type(rows[0]), len(rows)), strict=True):
            row.pk = key


def number_of(event: Event) -> int:
    return int(event.slug.rpartition("-")[2])
