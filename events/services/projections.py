"""The timeline's tables, drawn from published documents: entries, tags, counts and the full-text index.

Written in the transaction that appends the document, by `events.services.log` alone; `verify_log` draws them again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper

from events.choices import RecordType, State, Tier
from events.lib import bulk
from events.lib.dates import last_day
from events.lib.tokens import tokens, tsvector
from events.models import (
    AgencyAlias,
    Change,
    CompanyAlias,
    PolicyAlias,
    ProductAlias,
    SearchRow,
    TimelineCount,
    TimelineEntry,
    TimelineTag,
    position_of,
)
from events.queries.rolled import pairs_kept
from events.queries.sql import given
from events.services import pairs, roll_ups

# From a document's list to the type whose records it names, and the key it names them by.
LINKS = (
    ("companies", RecordType.COMPANY, "slug"),
    ("agencies", RecordType.AGENCY, "slug"),
    ("countries", RecordType.COUNTRY, "code"),
    ("groups", RecordType.GROUP, "slug"),
    ("products", RecordType.PRODUCT, "slug"),
    ("policies", RecordType.POLICY, "slug"),
)
ALIASES: dict[RecordType, type[CompanyAlias] | type[AgencyAlias] | type[ProductAlias] | type[PolicyAlias]] = {
    RecordType.COMPANY: CompanyAlias,
    RecordType.AGENCY: AgencyAlias,
    RecordType.PRODUCT: ProductAlias,
    RecordType.POLICY: PolicyAlias,
}
# What an editor may still find for an event: another origin, a primary source.
ONE_ORIGIN, NO_PRIMARY = f"{pairs.LACKS}origin", f"{pairs.LACKS}primary"
MANY = 200  # documents whose words fill the list of those that wait
TagRow = tuple[str, int, str, str, int]  # tag, position, role, kind, last
AliasesOf = Callable[[RecordType, str], Sequence[str]]


class Move(NamedTuple):
    """An event's new document, and the change whose document it replaces (None: the first)."""

    pk: int
    document: dict[str, Any]
    seq: int
    old: Change | None


class Selected(NamedTuple):
    """All that one published event is selected by."""

    position: int
    kind: str
    direction: str
    last: int
    span: int
    month: int
    tags: dict[str, str]  # tag: role

    @property
    def rows(self) -> Iterator[TagRow]:
        for tag, role in self.tags.items():
            yield tag, self.position, role, self.kind, self.last

    @property
    def bears(self) -> str:
        return " ".join(f"{tag}={role}" if role else tag for tag, role in sorted(self.tags.items()))

    @property
    def all_tags(self) -> list[str]:
        """Its kind among them, which has no row of its own."""
        return [f"kind:{self.kind}", *self.tags]

    @property
    def counted(self) -> Iterator[tuple[str, int, str]]:
        return zip(("", *self.all_tags), repeat(self.month), repeat(self.direction), strict=False)

    def paired(self, kept: frozenset[str]) -> Iterator[tuple[str, int, str]]:
        """The roll-ups of pairs that it counts in; `kept`: the tags whose pairs are kept."""
        return pairs.pairs_of(self.all_tags, self.month, kept)


def selected(document: dict[str, Any], pk: int) -> Selected | None:
    """What a document is selected by; None where it is not listed (retracted, merged)."""
    if document["state"] != State.PUBLISHED:
        return None
    day = dt.date.fromisoformat(document["date"])
    end = document["end_date"]
    last = max(last_day(day, document["date_precision"]), dt.date.fromisoformat(end) if end else day)
    tags = {}
    for name, record_type, key in LINKS:
        for link in document[name]:
            tags[f"{record_type.value}:{link[key]}"] = link.get("role", "")
    tags[f"certainty:{document['certainty']}"] = ""
    for citation in document["citations"]:
        tags[f"tier:{citation['source']['tier']}"] = ""
    for relation in document["relations"]:
        tags[f"relation:{relation['relation']}"] = ""
    if document["independent_origins"] < 2:
        tags[ONE_ORIGIN] = ""
    if f"tier:{Tier.PRIMARY.value}" not in tags:
        tags[NO_PRIMARY] = ""
    return Selected(
        position=position_of(day, pk),
        kind=document["kind"],
        direction=document["direction"],
        last=last.toordinal(),
        span=(last - day).days,
        month=day.year * 12 + day.month - 1,
        tags=tags,
    )


def search_tokens(document: dict[str, Any], aliases_of: AliasesOf) -> list[str]:
    """The tokens by which a document is found: its texts, and the names and aliases of all that it involves."""
    texts = [document["title"], document["summary"], document["body"]]
    for name, record_type, key in LINKS:
        for link in document[name]:
            texts.append(link.get("name") or link["title"])
            texts.extend(aliases_of(record_type, link[key]))
    for citation in document["citations"]:
        source = citation["source"]
        texts += [source["title"], source["publisher"]["name"], citation["quote"], citation["speaker"]]
    return tokens(*texts)


class Aliases:
    """Aliases of the records that documents name, read once for a batch."""

    def __init__(self, documents: Sequence[dict[str, Any]]) -> None:
        self.known: dict[tuple[RecordType, str], list[str]] = {}
        for name, record_type, key in LINKS:
            if record_type not in ALIASES:
                continue
            slugs = {link[key] for document in documents for link in document.get(name, ())}
            rows = ALIASES[record_type]._default_manager.filter(of__slug__in=slugs)
            for slug, alias in rows.order_by("pk").values_list("of__slug", "name"):
                self.known.setdefault((record_type, slug), []).append(alias)

    def __call__(self, record_type: RecordType, slug: str) -> Sequence[str]:
        return self.known.get((record_type, slug), ())


def update(moves: Sequence[Move]) -> None:
    """Bring the timeline's tables in step with new documents of events, a batch at once."""
    if not moves:
        return
    counts: Counter[tuple[str, int, str]] = Counter()
    together: pairs.Pairs = Counter()
    kept = pairs_kept()
    gone: list[int] = []
    gone_tags: list[TagRow] = []
    new_tags: list[TagRow] = []
    listed: list[tuple[Move, Selected]] = []
    for move in moves:
        before: list[TagRow] = []
        now: list[TagRow] = []
        if move.old and move.old.document and (old := selected(orjson.loads(move.old.document), move.pk)):
            gone.append(old.position)
            counts.subtract(old.counted)
            together.subtract(old.paired(kept))
            before += old.rows
        if found := selected(move.document, move.pk):
            listed.append((move, found))
            counts.update(found.counted)
            together.update(found.paired(kept))
            now += found.rows
        if before == now:  # a reissue changes none of them
            continue
        gone_tags += set(before).difference(now)
        new_tags += set(now).difference(before) if before else now
    if gone:
        TimelineEntry.objects.filter(position__in=gone).delete()
        SearchRow.objects.filter(position__in=gone).delete()
        delete_tags(gone_tags)
    insert(TimelineEntry, ((s.position, s.kind, s.direction, s.last, s.span, s.bears, move.seq) for move, s in listed))
    insert(TimelineTag, sorted(new_tags))
    insert_words([(s.position, move.document) for move, s in listed])
    roll_ups.add(TimelineCount, counts)
    pairs.add(together)


def delete_tags(rows: Iterable[TagRow]) -> None:
    asked, value = given({"tag": "text", "position": "bigint"}, [row[:2] for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TimelineTag._meta.db_table} WHERE (tag, position) IN ({asked})",  # noqa: S608
            [value],
        )


def insert(model: type[TimelineEntry | TimelineTag | SearchRow], rows: Iterable[Sequence[Any]]) -> None:
    columns = [str(field.column) for field in model._meta.concrete_fields]
    bulk.insert(connection, model._meta.db_table, columns, rows)


def insert_words(drawn: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Add documents of events, each with its position, to the full-text index.

    On PostgreSQL words wait in a list to enter it, which each search reads: up to 128 kB of it. Those of many documents
    enter together at the end, in half the time, which only whoever owns the index may ask for.
    """
    aliases_of = Aliases([document for _, document in drawn])
    rows = ((position, search_tokens(document, aliases_of)) for position, document in drawn)
    if connection.vendor != "postgresql":
        insert(SearchRow, ((position, " ".join(words)) for position, words in rows))
        return
    with connection.cursor() as cursor:
        index = own_index(cursor) if len(drawn) >= MANY else None
        cursor.execute(f"SET LOCAL gin_pending_list_limit = '{'1GB' if index else '128kB'}'")
        insert(SearchRow, ((position, tsvector(words)) for position, words in rows))
        cursor.execute("SET LOCAL gin_pending_list_limit TO DEFAULT")  # other indexes have such a list, too
        if index:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])


def own_index(cursor: CursorWrapper) -> int | None:
    """The full-text index of PostgreSQL, as it knows it, if it is ours."""
    cursor.execute(
        "SELECT oid FROM pg_class WHERE oid = to_regclass('events_search_tokens') AND pg_has_role(relowner, 'USAGE')"
    )
    found = cursor.fetchone()
    return found and found[0]


def redraw_search(rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Write the full-text rows of these (primary key, document) anew: an alias of what they involve has changed."""
    drawn = [(found.position, document) for pk, document in rows if (found := selected(document, pk))]
    SearchRow.objects.filter(position__in=[position for position, _ in drawn]).delete()
    insert_words(drawn)
