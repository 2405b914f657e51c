"""The chain of changes, against itself, its head and an anchor outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from events.choices import Action, CorrectionClass, RecordType
from events.lib.canonical import NotCanonical, canonical, sha256
from events.models import (
    NO_HASH,
    Change,
    LogHead,
)
from events.services import log
from events.services.verifying.newest import loaded
from events.services.verifying.reading import Finding, Tally, in_batches


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
    if link.at and change.at and change.at < link.at:
        yield Finding(f"{where}, at", "is earlier than that of the change before")
    own = own_hash(change)
    if own != change.hash:
        if own == vouched:
            yield Finding(f"{where}, hash", "is not the hash of the change's fields, which the next one names")
        elif change.previous_hash == link.hash or change.seq != link.seq + 1:
            yield Finding(f"{where}, {altered_field(change)}", "is not what the change's hash covers")
    link.seq, link.at = change.seq, change.at or link.at
    link.hash = own if own == vouched else change.hash


def own_hash(change: Change) -> str:
    """The hash of a change's fields as they stand; empty: one holds what none may, such as no time."""
    if not change.at:
        return ""
    try:
        return sha256(canonical(log.chained_fields(change)))
    except NotCanonical:
        return ""


def missing(first: int, last: int) -> Finding:
    return Finding(f"change {first}", "is missing" if first == last else f"is missing, and so are all up to {last}")


def altered_field(change: Change) -> str:
    """The field whose alteration explains the hash: one that has another known value with which it fits again."""
    if not change.at:
        return "at"
    said = log.chained_fields(change)
    for name, value in said.items():
        try:
            canonical(value)
        except NotCanonical:
            return name
    document = loaded(change) or {}
    known: dict[str, Sequence[Any]] = {
        "seq": range(max(1, change.seq - 10), change.seq + 11),
        "type": RecordType.values,
        "key": [key for name in ("slug", "code", "key") if isinstance(key := document.get(name), str)],
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
        if own_hash(change) == change.hash:
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
    named = said.get("redacts")
    is_of_record = set(said) == {"key", "redacts"} and isinstance(named, int) and silent.pop(named, None) == change.key
    if not is_of_record:
        yield Finding(f"change {change.seq}, document", "names no earlier change of this record without a document")
