"""Whether the log still is what was written, and whether all that is drawn from it still says the same.

Everything is read in batches by keyset, in one snapshot of the database: a million events take minutes and little
memory, and writers do not wait. The log alone decides; of rows only an event's primary key is taken as it is.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q

from events.choices import Action, CorrectionClass, RecordType, State
from events.documents import EMBEDDED_IN, MODELS, DocumentMaker, prefetched
from events.lib.canonical import NotCanonical, canonical, sha256
from events.models import (
    NO_HASH,
    Change,
    Event,
    LogHead,
    PublicDocument,
    Reissue,
    SearchRow,
    TimelineCount,
    TimelineEntry,
    TimelineTag,
)
from events.queries.sql import union_all
from events.services import log, projections
from events.services.projections import Selected

BATCH = 2_000
# What reading a document that somebody has altered may raise; that it was is found by its hash.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
Row = TypeVar("Row", bound=models.Model)
Position = int


@dataclass(frozen=True)
class Finding:
    """Something that is not as the log says: `where` it stands ("change 17, note"), and what the problem is."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass
class Tally:
    """What was looked at: changes and documents; the head; and what waits for a reissue, which is no fault."""

    step: Callable[[int], object] = lambda number: None
    head: LogHead = field(default_factory=LogHead)
    seen: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, number: int) -> None:
        self.seen[what] += number
        self.step(number)


def verify(tally: Tally, *, expect: tuple[int, str] | None = None, rows: bool = False) -> Iterator[Finding]:
    """All that is wrong. `expect` is the seq and hash of a change as somebody outside has kept them.

    With `rows` also whether each public row gives its newest document again. The tally is filled on the way.
    """
    with snapshot():
        head = LogHead.objects.filter(pk=1).first()
        if head is None:
            yield Finding("head", "is missing")
        tally.head = head or LogHead()
        tally.seen["outstanding reissues"] = Reissue.objects.outstanding().count()
        yield from chain(tally, head, expect)
        yield from pointers()
        yield from documents(tally)
        yield from timeline(tally)
        if rows:
            yield from unlike_rows(tally)


def to_look_at(*, rows: bool) -> int:
    """How many steps `verify` will take, for a progress bar."""
    documents = PublicDocument.objects.count()
    events = PublicDocument.objects.of_type(RecordType.EVENT).count()
    return Change.objects.count() + documents * (2 if rows else 1) + events


@contextmanager
def snapshot() -> Iterator[None]:
    """One state of the database to read, while others go on writing; inside a transaction, that transaction's."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        # By hand: Django's own transaction takes SQLite's write lock at once (settings: transaction_mode).
        postgresql = connection.vendor == "postgresql"
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgresql else "BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def in_batches(queryset: models.QuerySet[Row], *, size: int | None = None) -> Iterator[list[Row]]:
    """All rows in the order of their primary key, each batch by its own query from where the last one ended."""
    size = size or BATCH
    rows = list(queryset.order_by("pk")[:size])
    while rows:
        yield rows
        rows = list(queryset.filter(pk__gt=rows[-1].pk).order_by("pk")[:size])


# ------------------------------------------------------------------------------------------------------------ the chain


@dataclass
class Link:
    """How far the chain has been followed: the newest change's seq and time, and the hash that the next one names."""

    seq: int = 0
    hash: str = NO_HASH
    at: dt.datetime | None = None


def chain(tally: Tally, head: LogHead | None, expect: tuple[int, str] | None) -> Iterator[Finding]:
    """Changes against one another, the head and the anchor."""
    link = Link()
    silent: dict[int, str] = {}  # changes without a document, until a redaction names them: seq to key
    for change, following in with_following(tally):
        if expect and change.seq == expect[0] and change.hash != expect[1]:
            yield Finding(f"change {change.seq}, hash", f"is {change.hash}, where {expect[1]} was expected")
        yield from of_change(change, link, following.previous_hash if following else tally.head.hash)
        if change.document is None:
            silent[change.seq] = change.key
        elif change.action == Action.REDACTED:
            yield from of_redaction(change, silent)
        else:
            yield from of_document(change)
    yield from (Finding(f"change {seq}, document", "is gone, and no redaction names it") for seq in silent)
    if expect and expect[0] > link.seq:
        yield Finding(f"change {expect[0]}", "was expected, and is missing")
    if head and head.seq > link.seq:
        yield missing(link.seq + 1, head.seq)
    elif head and (head.seq, head.hash, head.at) != (link.seq, link.hash, link.at):
        last = f"{link.seq}:{link.hash} of {link.at}"
        yield Finding("head", f"is {head.seq}:{head.hash} of {head.at}, the last change is {last}")


def with_following(tally: Tally) -> Iterator[tuple[Change, Change | None]]:
    """Each change with the one after it (None: the last)."""
    held: Change | None = None
    for changes in in_batches(Change.objects.all()):
        for change in changes:
            if held is not None:
                yield held, change
            held = change
        tally.count("changes", len(changes))
    if held is not None:
        yield held, None


def of_change(change: Change, link: Link, vouched: str) -> Iterator[Finding]:
    """A change against the one before it; `vouched` is its hash as the next one, or the head, names it."""
    where = f"change {change.seq}"
    if change.seq != link.seq + 1:
        yield missing(link.seq + 1, change.seq - 1)
    elif change.previous_hash != link.hash:
        yield Finding(f"{where}, previous_hash", f"is not the hash of change {link.seq}")
    if link.at and change.at < link.at:
        yield Finding(f"{where}, at", "is earlier than that of the change before")
    own = sha256(canonical(log.chained_fields(change)))
    if own != change.hash:
        if own == vouched:
            yield Finding(f"{where}, hash", "is not the hash of the change's fields, which the next one names")
        elif change.previous_hash == link.hash or change.seq != link.seq + 1:
            yield Finding(f"{where}, {altered_field(change)}", "is not what the change's hash covers")
    link.seq, link.at = change.seq, change.at
    link.hash = own if own == vouched else change.hash


def missing(first: int, last: int) -> Finding:
    return Finding(f"change {first}", "is missing" if first == last else f"is missing, and so are all up to {last}")


def altered_field(change: Change) -> str:
    """The field whose alteration explains the hash: one that has another known value with which it fits again."""
    said = log.chained_fields(change)
    document = loaded(change) or {}
    known: dict[str, Sequence[Any]] = {
        "seq": range(max(1, change.seq - 10), change.seq + 11),
        "type": RecordType.values,
        "key": [document[name] for name in ("slug", "code", "key") if name in document],
        "action": Action.values,
        "class": ["", *CorrectionClass.values],
        "self_published": [not change.self_published],
        "document_hash": [sha256((change.document or "").encode())],
    }
    for name, values in known.items():
        if any(sha256(canonical(said | {name: value})) == change.hash for value in values):
            return name
    return "at or note"


def of_document(change: Change) -> Iterator[Finding]:
    """A change's document against its hash, and against the one form that it may have."""
    assert change.document is not None
    where = f"change {change.seq}, document"
    if sha256(change.document.encode()) != change.document_hash:
        if sha256(canonical(log.chained_fields(change))) == change.hash:
            yield Finding(where, "is not what its hash covers")
        return  # else the hash was altered, and has been named
    try:
        is_canonical = canonical(orjson.loads(change.document)).decode() == change.document
    except (orjson.JSONDecodeError, NotCanonical):
        is_canonical = False
    if not is_canonical:
        yield Finding(where, "is not canonical JSON")


def of_redaction(change: Change, silent: dict[int, str]) -> Iterator[Finding]:
    """A redaction against the change that it names."""
    yield from of_document(change)
    said = loaded(change) or {}
    if set(said) != {"key", "redacts"} or silent.pop(said["redacts"], None) != change.key:
        yield Finding(f"change {change.seq}, document", "names no earlier change of this record without a document")


# ------------------------------------------------------------------------------------------------ the newest documents


def pointers() -> Iterator[Finding]:
    """Whether each record points at the newest of its changes that holds a document of it."""
    of_same = Q(type=OuterRef("type"), key=OuterRef("key"))
    as_new = PublicDocument.objects.filter(of_same, change__gte=OuterRef("seq"))
    newer = Change.objects.exclude(action=Action.REDACTED).filter(~Exists(as_new))
    for changes in in_batches(newer):
        for change in changes:
            yield Finding(f"public document {change.type} {change.key}", f"does not point at change {change.seq}")
    astray = PublicDocument.objects.filter(
        ~Q(type=F("change__type")) | ~Q(key=F("change__key")) | Q(change__action=Action.REDACTED)
    )
    for found in in_batches(astray):
        for public in found:
            yield Finding(f"public document {public}", f"points at change {public.change_id}, which is another's")


def documents(tally: Tally) -> Iterator[Finding]:
    """What is kept beside each pointer: the name that lists are sorted by, and whether lists show it."""
    for found in in_batches(PublicDocument.objects.with_document()):
        for public in found:
            document = loaded(public.change)
            if document is None:
                yield Finding(f"public document {public}", "points at a change without a readable document")
                continue
            name = name_in(document, public)
            if name is not None and public.name != name:
                yield Finding(f"public document {public}, name", f"is “{public.name}”, in the log “{name}”")
            if public.is_listed != (document.get("state", State.PUBLISHED) == State.PUBLISHED):
                yield Finding(f"public document {public}, is_listed", f"is {public.is_listed}")
        tally.count("documents", len(found))


def loaded(change: Change) -> dict[str, Any] | None:
    try:
        document = orjson.loads(change.document or "")
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def name_in(document: dict[str, Any], public: PublicDocument) -> str | None:
    """The name that a document gives; of a merged record the last one it had. None where that has been redacted."""
    if "merged_into" in document:
        last = Change.objects.of(public.type, public.key).exclude(action__in=(Action.MERGED, Action.REDACTED)).first()
        document = (loaded(last) if last else None) or {}
    name = document.get("name", document.get("title"))
    return None if name is None else str(name)[: log.LONGEST_NAME]


# ---------------------------------------------------------------------------------------------------------- projections


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
            tags += len(each.selected.tags)
        yield from entries(batch)
        yield from tags_of(batch)
        yield from search_rows(batch, waiting, tally)
        tally.count("events", len(found))
    yield from surplus(tags)
    yield from roll_ups(counts)


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
        for name in ("kind", "direction", "last", "span"):
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
    """Rows of the timeline that no published event gives. `tags`: how many tags there should be."""
    shown = PublicDocument.objects.of_type(RecordType.EVENT).listed().filter(change=OuterRef("change"))
    for found in in_batches(TimelineEntry.objects.filter(~Exists(shown))):
        for entry in found:
            yield Finding(f"timeline entry {entry.pk}", f"is drawn from change {entry.change_id}, which is not current")
    entry_there = TimelineEntry.objects.filter(position=OuterRef("position"))
    for rows in in_batches(SearchRow.objects.filter(~Exists(entry_there))):
        for row in rows:
            yield Finding(str(row), "belongs to no published event")
    if TimelineTag.objects.count() != tags:
        yield from surplus_tags()


def surplus_tags() -> Iterator[Finding]:
    """Slow: looks each tag up in the document that should give it. Only where their number is wrong."""
    after = ("", 0)
    while True:
        rows = TimelineTag.objects.filter(Q(tag=after[0], position__gt=after[1]) | Q(tag__gt=after[0]))
        tags = list(rows.order_by("tag", "position")[:BATCH])
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


def roll_ups(counts: Counter[tuple[str, int, str]]) -> Iterator[Finding]:
    """Counts of months; a count of nothing may be there or not."""
    for row in TimelineCount.objects.iterator(BATCH):
        should_be = counts.pop((row.tag, row.month, row.direction), 0)
        if row.count != should_be:
            yield Finding(f"roll-up “{row}”", f"should be {should_be}")
    for (tag, month, direction), count in counts.items():
        row = TimelineCount(tag=tag, month=month, direction=direction, count=count)
        yield Finding(f"roll-up “{row}”", "is missing")


# ----------------------------------------------------------------------------------------------------------------- rows


def unlike_rows(tally: Tally) -> Iterator[Finding]:
    """Public rows that would give another document than their newest, but for what waits for a reissue."""
    requests = list(Reissue.objects.outstanding())
    maker = DocumentMaker()
    for record_type, model in MODELS.items():
        name = "code" if record_type == RecordType.COUNTRY else "slug"
        for found in in_batches(PublicDocument.objects.of_type(record_type).with_document(), size=BATCH // 4):
            keys = [public.key for public in found]
            rows = prefetched(model._default_manager.filter(**{f"{name}__in": keys}))
            by_key = {row.key: row for row in rows}
            for public in found:
                where = f"{public}, row"
                if public.key not in by_key:
                    yield Finding(where, "is missing")
                elif not maker.says(by_key[public.key], public.change):
                    if any(is_covered(by_key[public.key], record_type, request) for request in requests):
                        tally.seen["waiting for a reissue"] += 1
                    else:
                        yield Finding(where, f"gives another document than change {public.change_id}")
            tally.count("rows", len(found))
    known = PublicDocument.objects.of_type(RecordType.EVENT).filter(key=OuterRef("slug"))
    for events in in_batches(Event.objects.public().filter(~Exists(known))):
        for event in events:
            yield Finding(f"event {event.slug}, row", f"is {event.state}, and the log does not know it")


def is_covered(row: Any, record_type: RecordType, request: Reissue) -> bool:
    """Whether this request will have the row's document made anew."""
    if not request.embedders:
        return (record_type, row.key) == (request.type, request.key)
    name = "code" if request.type == RecordType.COUNTRY else "slug"
    return any(
        type(row)._default_manager.filter(pk=row.pk, **{f"{lookup}__{name}": request.key}).exists()
        for embedder, lookup in EMBEDDED_IN.get(RecordType(request.type), ())
        if embedder == record_type
    )
