"""The timeline's tables, the full-text index and the roll-ups, against what is drawn from the newest documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from events.choices import RecordType
from events.models import (
    Event,
    PublicDocument,
    Reissue,
    SearchRow,
    TimelineCount,
    TimelineEntry,
    TimelinePair,
    TimelineTag,
)
from events.queries.rolled import pairs_kept
from events.queries.sql import union_all
from events.services import pairs, projections
from events.services.projections import Selected
from events.services.verifying import reading
from events.services.verifying.newest import loaded
from events.services.verifying.reading import UNREADABLE, Finding, Position, Tally, in_batches


@dataclass
class Expected:
    """What a published event is selected and found by, and the document that says so."""

    key: str
    seq: int
    document: dict[str, Any]
    selected: Selected
    words: str


@dataclass
class Waiting:
    """Records whose new names have yet to reach the documents and search rows that involve them."""

    keys: set[tuple[str, str]]

    @classmethod
    def read(cls) -> Waiting:
        return cls(set(Reissue.objects.outstanding().filter(embedders=True).values_list("type", "key")))

    def concerns(self, document: dict[str, Any]) -> bool:
        return any(
            (record_type.value, link[key]) in self.keys
            for name, record_type, key in projections.LINKS
            for link in document[name]
        )


def timeline(tally: Tally) -> Iterator[Finding]:
    """The timeline's tables against what the newest documents of events are selected by."""
    aliases_of, waiting = aliases(), Waiting.read()
    counts: Counter[tuple[str, int, str]] = Counter()
    together: pairs.Pairs = Counter()
    kept = pairs_kept()
    tags = 0
    for found in in_batches(PublicDocument.objects.of_type(RecordType.EVENT).with_document()):
        batch: dict[Position, Expected] = {}
        for each in expected(found, aliases_of):
            if isinstance(each, Finding):
                yield each
            else:
                batch[each.selected.position] = each
        for each in batch.values():
            counts.update(each.selected.counted)
            together.update(each.selected.paired(kept))
            tags += len(each.selected.tags)
        yield from entries(batch)
        yield from tags_of(batch)
        yield from search_rows(batch, waiting, tally)
        tally.count("events", len(found))
    yield from surplus(tags)
    yield from roll_ups(TimelineCount, ("tag", "month", "direction"), counts)
    yield from roll_ups(TimelinePair, ("tag", "month", "other"), together)


def expected(found: Sequence[PublicDocument], aliases_of: projections.AliasesOf) -> Iterator[Expected | Finding]:
    pks = dict(Event.objects.filter(slug__in=[public.key for public in found]).values_list("slug", "pk"))
    for public in found:
        document = loaded(public.change) or {}
        try:
            if selected := projections.selected(document, pks[public.key]):
                words = as_stored(projections.search_tokens(document, aliases_of))
                yield Expected(public.key, public.change_id, document, selected, words)
        except UNREADABLE:
            yield Finding(f"public document {public}", "is not one of an event here")


def aliases() -> projections.AliasesOf:
    """Aliases as the newest documents of companies, agencies, products and policies give them."""
    known: dict[tuple[RecordType, str], list[str]] = {}
    for record_type in projections.ALIASES:
        for found in in_batches(PublicDocument.objects.of_type(record_type).with_document()):
            for public in found:
                if names := (loaded(public.change) or {}).get("aliases"):
                    known[record_type, public.key] = names
    return lambda record_type, key: known.get((record_type, key), ())


def entries(batch: dict[Position, Expected]) -> Iterator[Finding]:
    stored = TimelineEntry.objects.in_bulk(batch)
    for position, each in batch.items():
        selected, row = each.selected, stored.get(position)
        where = f"timeline entry of {each.key}"
        if row is None:
            yield Finding(where, "is missing")
            continue
        for name in ("kind", "direction", "last", "span", "bears"):
            if getattr(row, name) != getattr(selected, name):
                yield Finding(f"{where}, {name}", f"is {getattr(row, name)}, by the log {getattr(selected, name)}")
        if row.change_id != each.seq:
            yield Finding(f"{where}, change", f"is {row.change_id}, by the log {each.seq}")


def tags_of(batch: dict[Position, Expected]) -> Iterator[Finding]:
    """Tags that are missing or different. The table is ordered by tag, so it is asked tag by tag."""
    positions: dict[str, list[Position]] = defaultdict(list)
    for position, each in batch.items():
        for tag in each.selected.tags:
            positions[tag].append(position)
    asked = [TimelineTag.objects.filter(tag=tag, position__in=at) for tag, at in sorted(positions.items())]
    stored: dict[tuple[str, Position], tuple[Any, ...]] = {}
    for tag, position, *rest in union_all(
        each.values_list("tag", "position", "role", "kind", "last") for each in asked
    ):
        stored[tag, position] = tuple(rest)
    for position, each in batch.items():
        for tag, role in each.selected.tags.items():
            where = f"timeline tag {tag} of {each.key}"
            if (tag, position) not in stored:
                yield Finding(where, "is missing")
            elif stored[tag, position] != (role, each.selected.kind, each.selected.last):
                yield Finding(where, f"is {stored[tag, position]}")


def search_rows(batch: dict[Position, Expected], waiting: Waiting, tally: Tally) -> Iterator[Finding]:
    stored = SearchRow.objects.in_bulk(batch)
    for position, each in batch.items():
        where = f"search row of {each.key}"
        if position not in stored:
            yield Finding(where, "is missing")
        elif stored[position].tokens != each.words:
            if waiting.concerns(each.document):
                tally.seen["waiting for a reissue"] += 1
            else:
                yield Finding(where, "holds other words than the document and the aliases of what it involves")


def as_stored(tokens: Sequence[str]) -> str:
    """Tokens as the full-text column gives them back: PostgreSQL by word, each with its first 256 positions."""
    if connection.vendor != "postgresql":
        return " ".join(tokens)
    positions: dict[str, list[str]] = defaultdict(list)
    for position, token in enumerate(tokens, 1):
        positions[token].append(str(position))
    return " ".join(f"'{token}':{','.join(positions[token][:256])}" for token in sorted(positions))


def surplus(tags: int) -> Iterator[Finding]:
    """Rows of the timeline that no published event gives, or gives once only. `tags`: how many tags there should be."""
    shown = PublicDocument.objects.of_type(RecordType.EVENT).listed().filter(change=OuterRef("change"))
    counted = TimelineEntry.objects.aggregate(
        all=Count("pk"), changes=Count("change", distinct=True), stale=Count("pk", filter=~Exists(shown))
    )
    for found in in_batches(TimelineEntry.objects.filter(~Exists(shown))) if counted["stale"] else ():
        for entry in found:
            yield Finding(f"timeline entry {entry.pk}", f"is drawn from change {entry.change_id}, which is not current")
    if counted["all"] != counted["changes"]:
        yield from second_entries()
    entry_there = TimelineEntry.objects.filter(position=OuterRef("position"))
    for rows in in_batches(SearchRow.objects.filter(~Exists(entry_there))):
        for row in rows:
            yield Finding(str(row), "belongs to no published event")
    if TimelineTag.objects.count() != tags:
        yield from surplus_tags()


def second_entries() -> Iterator[Finding]:
    """Entries that share their change, which the database refuses as long as its constraint stands."""
    shared = TimelineEntry.objects.order_by().values("change").annotate(entries=Count("pk")).filter(entries__gt=1)
    for change, number in shared.order_by("change").values_list("change", "entries"):
        yield Finding(f"timeline entries of change {change}", f"are {number}, where an event has one")


def surplus_tags() -> Iterator[Finding]:
    """Slow: looks each tag up in the document that should give it. Only where their number is wrong."""
    after = ("", 0)
    while True:
        rows = TimelineTag.objects.filter(Q(tag=after[0], position__gt=after[1]) | Q(tag__gt=after[0]))
        tags = list(rows.order_by("tag", "position")[: reading.BATCH])
        if not tags:
            return
        entry_at = TimelineEntry.objects.select_related("change").in_bulk({tag.position for tag in tags})
        for tag in tags:
            given: Container[str] = ()
            with suppress(*UNREADABLE):  # KeyError: no event stands there
                if selected := projections.selected(loaded(entry_at[tag.position].change) or {}, 0):
                    given = selected.tags
            if tag.tag not in given:
                yield Finding(f"timeline tag {tag}", "is given by no published event")
        after = (tags[-1].tag, tags[-1].position)


def roll_ups(
    model: type[TimelineCount | TimelinePair], key: Sequence[str], counts: Counter[tuple[str, int, str]]
) -> Iterator[Finding]:
    """Counts of one kind; a count of nothing may be there or not."""
    for row in model._default_manager.iterator(reading.BATCH):
        should_be = counts.pop(tuple(getattr(row, name) for name in key), 0)
        if row.count != should_be:
            yield Finding(f"roll-up “{row}”", f"should be {should_be}")
    for values, count in counts.items():
        yield Finding(f"roll-up “{model(**dict(zip(key, values, strict=True)), count=count)}”", "is missing")
