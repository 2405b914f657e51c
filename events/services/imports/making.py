"""Drafts as rows that nobody has saved yet, with the documents of their history: what can be made before any lock.

What is new bears a negative key until it is written; so rows point at each other, and documents are made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from django.contrib.auth.models import AbstractUser
from django.db.models import Model, prefetch_related_objects
from django.utils import timezone

from events.choices import RecordType, State
from events.documents import DocumentMaker, working_documents
from events.lib.related import related
from events.models import AccessEffect, Citation, Event, Source
from events.services.dataset import writing
from events.services.dataset.entries import Entry
from events.services.imports.planning import Plan, Planned

BATCH = 500
KINDS = (
    RecordType.GROUP,
    RecordType.AGENCY,
    RecordType.COMPANY,
    RecordType.PRODUCT,
    RecordType.POLICY,
    RecordType.PUBLISHER,
)
NUMBERED = ("effects", "citations")
# The rows of a list of the file, as the event calls them.
ROWS = {
    name: str(model._meta.get_field("event").remote_field.get_accessor_name())  # type: ignore[union-attr]
    for name, (model, _) in writing.LINKS.items()
}


@dataclass
class Made:
    """A draft as it will stand, with the rows that are to be written for it, and those that it no longer has."""

    event: Event
    is_new: bool
    new: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    gone: list[Any] = field(default_factory=list)
    document: str = ""


@dataclass
class Prepared:
    drafts: list[Made]
    sources: list[Source]
    keys: writing.Keys  # of all that these rows name and the record holds


def prepare(plan: Plan, *, by: AbstractUser, advance: Callable[[int, int], object]) -> Prepared:
    """The rows of what a plan imports. Reads the record, and writes and locks nothing of it."""
    rows, keys, temporary = plan.written, keys_of(plan), count(-1, -1)
    pk_of = writing.Keys()
    pk_of.known = dict(keys.known)
    slugs = cited(row.entry for row in rows)
    sources = [
        Source(pk=next(temporary), **{"slug": entry.key} | writing.fields_of(RecordType.SOURCE, entry.values, pk_of))
        for entry in plan.sources.of(RecordType.SOURCE)
        if entry.key in slugs
    ]
    pk_of.known |= {(RecordType.SOURCE, source.slug): source.pk for source in sources}
    events = {row.draft.key: row.event or Event(pk=next(temporary), created_at=timezone.now()) for row in rows}
    pk_of.known |= {(RecordType.EVENT, slug): event.pk for slug, event in events.items()}
    drafts, maker = [], DocumentMaker()
    known = {row.pk: row for row in events.values()}, {row.pk: row for row in sources}
    for start in range(0, len(rows), BATCH):
        advance(start, len(rows))
        made = [draft_of(events[row.draft.key], row, pk_of, temporary, by=by) for row in rows[start : start + BATCH]]
        describe(made, *known, maker)
        drafts += made
    advance(len(rows), len(rows))
    return Prepared(drafts, sources, keys)


def keys_of(plan: Plan) -> writing.Keys:
    """The keys of what the rows of a plan name, as far as the record holds it."""
    keys, entries = writing.Keys(), [row.entry for row in plan.written]
    for kind in KINDS:
        keys.read(kind)
    keys.read(RecordType.SOURCE, cited(entries))
    writing.read_followed(entries, keys)
    return keys


def cited(entries: Iterable[Entry]) -> set[str]:
    return {citation["source"] for entry in entries for citation in entry.values.get("citations", ())}


def draft_of(event: Event, row: Planned, pk_of: writing.Keys, temporary: Iterator[int], *, by: AbstractUser) -> Made:
    """What importing a row makes of its event, which bears it from then on."""
    values = row.entry.values
    made = Made(event, is_new=row.event is None)
    if row.event:
        values = values | {"theme": event.theme}
    held = {name: [] if made.is_new else list(getattr(event, name).all()) for name in (*ROWS.values(), *NUMBERED)}
    now: dict[str, list[Any]] = {}
    for name, (model, columns) in writing.LINKS.items():
        rows = [model(event=event, **columns(item, pk_of)) for item in values.get(name, ())]
        now[ROWS[name]] = kept_if_same(held[ROWS[name]], rows, made)
    effects = [writing.effect(event, said, pk_of) for said in values.get("access", ())]
    now["effects"] = matched(held["effects"], sorted(effects, key=lambda effect: effect.number), temporary, made)
    of_number = {(event.pk, effect.number): effect for effect in now["effects"]}
    citations = writing.cited_anew(event, held["citations"], values.get("citations", ()), pk_of, of_number)
    now["citations"] = matched(held["citations"], citations, temporary, made)
    for name, value in (writing.fields_of(RecordType.EVENT, values, pk_of) | writing.numbered(values, event)).items():
        setattr(event, name, value)
    event.state, event.changed_by_id, event.submitted_by_id = State.DRAFT, by.pk, None
    event._prefetched_objects_cache = now  # type: ignore[attr-defined]
    return made


def kept_if_same(held: list[Any], rows: list[Any], made: Made) -> list[Any]:
    """Of links, which have no ids of their own: those that are there if they say the same, else all anew."""
    if len(held) == len(rows) and all(map(says_same, held, rows)):
        return held
    made.gone += held
    made.new += rows
    return rows


def matched(held: list[Any], rows: list[Any], temporary: Iterator[int], made: Made) -> list[Any]:
    """Of effects and citations: each stays the row that bears its number, if there is one."""
    there = {row.number: row for row in held}
    for row in rows:
        old = there.pop(row.number, None)
        row.pk = old.pk if old else next(temporary)
        if old is None:
            made.new.append(row)
        elif not says_same(old, row):
            made.changed.append(row)
    made.gone += there.values()
    return rows


def says_same(one: Model, other: Model) -> bool:
    return all(
        getattr(one, field.attname) == getattr(other, field.attname)
        for field in one._meta.concrete_fields
        if not field.primary_key
    )


def describe(
    drafts: Sequence[Made], events: Mapping[int, Event], sources: Mapping[int, Source], maker: DocumentMaker
) -> None:
    """Note in each of a batch what its event then says, as its history keeps it; they may name these of the file."""
    rows = [row for draft in drafts for name in NUMBERED for row in related(draft.event, name)]
    for row in rows:
        if isinstance(row, Citation) and row.source_id in sources:
            row.source = sources[row.source_id]
    links = [link for draft in drafts for link in related(draft.event, "relation_links")]
    for link in links:
        if link.earlier_id in events:
            link.earlier = events[link.earlier_id]
    prefetch_related_objects(links, "earlier")
    prefetch_related_objects([row for row in rows if isinstance(row, AccessEffect)], "product", "country", "group")
    for draft, document in zip(drafts, working_documents([draft.event for draft in drafts], maker), strict=True):
        draft.document = orjson.dumps(document).decode()
