"""Loading a data set: what is new is published, what has changed is corrected, what an editor changed is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.db.models import Max, prefetch_related_objects

from events.choices import Action, CorrectionClass, RecordType, State
from events.documents import MODELS, DocumentMaker, prefetched
from events.lib import bulk
from events.lib.names import both, shared
from events.models import Change, Country, Event, LoadedEntry, LogHead
from events.models.naming import book_of
from events.services import publishing, reissue, rules
from events.services.dataset import writing
from events.services.dataset.checking import NAMED, check, in_order, names_of
from events.services.dataset.describing import describe
from events.services.dataset.entries import Entry, Key, digest
from events.services.dataset.problems import DatasetError, Problems
from events.services.dataset.reading import Dataset, read_files

NOTE = "data set"
BATCH = 500
HUNG_ON = (RecordType.GROUP, RecordType.AGENCY, RecordType.COMPANY, RecordType.PRODUCT, RecordType.POLICY)


@dataclass
class Plan:
    """What a load has to do, and what it found."""

    new: list[Entry] = field(default_factory=list)
    changed: list[tuple[Any, Entry]] = field(default_factory=list)  # with its row
    same: list[Entry] = field(default_factory=list)  # the record says it already, but it was never loaded so
    unchanged: int = 0
    conflicts: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def is_empty() -> bool:
    """Whether nothing was ever published here."""
    return not LogHead.objects.filter(seq__gt=0).exists()


def read(folder: Path) -> Dataset:
    """The data set of a folder. Raises DatasetError with all that is wrong with it."""
    problems = Problems()
    dataset = read_files(folder, problems)
    if dataset.entries:
        check(dataset, problems)
    problems.refuse()
    return dataset


@bulk.collecting_garbage_afterwards()
def load(dataset: Dataset, *, force: bool = False, advance: Callable[[int], object] = lambda events: None) -> Plan:
    """Bring the record in step with a data set, all or nothing; `advance` is told of events as they are done.

    Raises DatasetError where the record contradicts it.
    """
    try:
        with publishing.recording() as head:
            plan = make_plan(dataset, force=force)
            events = write(plan, dataset)
            publish(plan, events, dataset, advance)
            reissue.run_outstanding()
            remember(plan, dataset, since=head.seq)
    except publishing.PublishingError as error:
        raise DatasetError(list(error.problems)) from error
    except IntegrityError as error:
        raise DatasetError([f"The record does not allow it: {error}"]) from error
    return plan


# ------------------------------------------------------------------------------------------------------ what is to do


def make_plan(dataset: Dataset, *, force: bool) -> Plan:
    plan = Plan()
    loaded = {(row.type, row.key): row for row in LoadedEntry.objects.all()}
    touched = [
        entry
        for entry in dataset.entries.values()
        if entry.id not in loaded or loaded[entry.id].entry_hash != entry.digest
    ]
    plan.unchanged = len(dataset.entries) - len(touched)
    rows, newest = rows_of(touched), newest_changes(touched)
    for entry in touched:
        row, known = rows.get(entry.id), loaded.get(entry.id)
        if row is None and known is None:
            plan.new.append(entry)
        elif row is not None and getattr(row, "is_public", True) and digest(describe(row)) == entry.digest:
            plan.same.append(entry)
        elif conflict := conflict_of(entry, row, known, newest.get(entry.id, 0), force=force):
            plan.conflicts.append(f"{entry.place}: {conflict}")
        elif row is None:
            plan.new.append(entry)
        else:
            plan.changed.append((row, entry))
    merged = {old for entry in dataset.of(RecordType.EVENT) for old in entry.values.get("redirects", ())}
    plan.gone = [
        f"{record_type} {key}"
        for record_type, key in loaded
        if (record_type, key) not in dataset.entries and record_type != RecordType.SOURCE and key not in merged
    ]
    refuse_taken_names(plan)
    refuse_taken_ids(plan)
    return plan


def conflict_of(entry: Entry, row: Any, known: LoadedEntry | None, newest: int, *, force: bool) -> str:
    """Why an entry may not be applied to the record; empty: it may."""
    if row is not None and getattr(row, "merged_into_id", None) and "merged_into" not in entry.values:
        return "An editor merged the record into another one."
    if row is not None and getattr(row, "state", None) == State.RETRACTED:
        return "The event was retracted."
    if force:
        return ""
    if known is None:
        return "The record has it already, from elsewhere, and says something else."
    if row is None:
        return "An editor deleted the record."
    edited = newest != known.revision if known.revision else digest(describe(row)) != known.entry_hash
    return "An editor changed the record since it was last loaded." if edited else ""


def rows_of(entries: Iterable[Entry]) -> dict[Key, Any]:
    """The rows that these entries have already, with all that describing them reads."""
    found: dict[Key, Any] = {}
    for record_type, keys in by_type(entries).items():
        rows = prefetched(MODELS[record_type]._default_manager.filter(slug__in=keys))
        if rows and record_type != RecordType.GROUP:
            prefetch_related_objects(rows, "merged_into", "merged_from")
        found |= {(record_type, row.slug): row for row in rows}
    return found


def newest_changes(entries: Iterable[Entry], after: int = 0) -> dict[Key, int]:
    """The seq of each record's newest change that is no reissue."""
    found: dict[Key, int] = {}
    for record_type, keys in by_type(entries).items():
        changes = Change.objects.filter(type=record_type, key__in=keys, seq__gt=after).exclude(action=Action.REISSUED)
        for key, seq in changes.order_by().values_list("key").annotate(Max("seq")):
            found[record_type, key] = seq
    return found


def by_type(entries: Iterable[Entry]) -> dict[RecordType, list[str]]:
    keys: dict[RecordType, list[str]] = {}
    for entry in entries:
        keys.setdefault(entry.type, []).append(entry.key)
    return keys


def refuse_taken_names(plan: Plan) -> None:
    """Names are unique in the record too, where editors may have given them."""
    problems = Problems()
    written = [*plan.new, *(entry for _, entry in plan.changed)]
    for record_type in NAMED:
        entries = [entry for entry in written if entry.type == record_type and "merged_into" not in entry.values]
        book = book_of(MODELS[record_type], but=[row.pk for row, entry in plan.changed if entry.type == record_type])
        for entry in entries:
            for path, name, is_alias in names_of(entry):
                if (held := book.clash(entry.key, name, is_alias=is_alias)) is not None:
                    problems.add(entry.at(*path), f"In the record {shared(name, held)}")
    for mine, other, kind in (
        (RecordType.AGENCY, RecordType.COMPANY, "a company"),
        (RecordType.COMPANY, RecordType.AGENCY, "an agency"),
    ):
        new = {entry.key: entry for entry in plan.new if entry.type == mine}
        for key in MODELS[other]._default_manager.filter(slug__in=new).values_list("slug", flat=True):
            problems.add(new[key].at("slug"), f"In the record {both(key, kind)}")
    problems.refuse()


def refuse_taken_ids(plan: Plan) -> None:
    """An effect's id is never given again, even when the effect is gone."""
    problems = Problems()
    for row, entry in plan.changed:
        if entry.type == RecordType.EVENT:
            held = {effect.number for effect in row.effects.all()}
            for index, effect in enumerate(entry.values.get("access", ()), 1):
                if effect["id"] not in held and effect["id"] <= row.effects_numbered:
                    problems.add(entry.at("access", index, "id"), rules.given_before(effect["id"]))
    problems.refuse()


# -------------------------------------------------------------------------------------------------------- writing it


def write(plan: Plan, dataset: Dataset) -> list[Event]:
    """Write the rows of what is new or changed; the new events, in the order in which they become public."""
    pk_of = writing.Keys()
    writing.create_references([entry for entry in plan.new if entry.type != RecordType.EVENT], pk_of)
    writing.mark_links(dataset.links, plan.new)
    for row, entry in plan.changed:
        if entry.type != RecordType.EVENT:
            writing.update_reference(row, entry, pk_of)
    for record_type in HUNG_ON:
        entries = {entry.key: entry for entry in plan.new if entry.type == record_type}
        entries |= {entry.key: entry for _, entry in plan.changed if entry.type == record_type}
        rows = prefetched(MODELS[record_type]._default_manager.filter(slug__in=entries))
        writing.hang_on([(row, entries[row.slug]) for row in rows], dataset, pk_of)
    new = {entry.key for entry in plan.new if entry.type == RecordType.EVENT}
    events = writing.create_events([entry for entry in in_order(dataset) if entry.key in new], pk_of)
    changed = [(row, entry) for row, entry in plan.changed if entry.type == RecordType.EVENT]
    writing.read_followed((entry for _, entry in changed), pk_of)
    for row, entry in changed:
        writing.update_event(row, entry.values, pk_of)
    return events


def publish(plan: Plan, events: list[Event], dataset: Dataset, advance: Callable[[int], object]) -> None:
    """Put on record what was written: corrections of what events refer to, new events, corrections of events."""
    maker = DocumentMaker()
    for row, entry in plan.changed:
        if entry.type != RecordType.EVENT:
            correct_with_owned(row, entry)
    values = {event.pk: dataset.entries[RecordType.EVENT, event.slug].values for event in events}
    for event in events:  # before what may have replaced it
        if "retracted" in values[event.pk]:
            publishing.publish(event, by=None, withdrawn=True)
            retract(event, values[event.pk])
            advance(1)
    changed = [(row, entry) for row, entry in plan.changed if entry.type == RecordType.EVENT]
    for row, entry in changed:
        if "retracted" in entry.values:
            put_in_step(row, withdrawn=True)
            retract(row, entry.values)
    rest = [event for event in events if "retracted" not in values[event.pk]]
    for batch in batched(rest, BATCH):
        publishing.publish_many(batch, by=None, maker=maker)
        advance(len(batch))
    for row, entry in changed:
        if "retracted" not in entry.values:
            put_in_step(row)
    publish_by_themselves(plan, dataset)
    redirect(plan, dataset)


def put_in_step(event: Event, *, withdrawn: bool = False) -> None:
    """Correct a public event as it was written; publish what was, by --force, an editor's draft."""
    if event.is_public:
        correct(event, withdrawn=withdrawn)
    else:
        Event.objects.filter(pk=event.pk).update(state=State.IN_REVIEW)
        publishing.publish(event, by=None, withdrawn=withdrawn)


def correct(row: Any, *, withdrawn: bool = False) -> None:
    if publishing.is_public(row):
        publishing.correct(row, by=None, correction_class=CorrectionClass.CLARIFICATION, note=NOTE, withdrawn=withdrawn)


def correct_with_owned(row: Any, entry: Entry) -> None:
    """Correct a record; of a company also those whose documents tell that it owns them, or no longer."""
    correct(row)
    if entry.type == RecordType.COMPANY:
        said = [*entry.values.get("ownerships", ()), *describe(row).get("ownerships", ())]  # now, and before
        owned = {ownership["owned"] for ownership in said}
        for company in MODELS[RecordType.COMPANY]._default_manager.filter(slug__in=owned):
            correct(company)


def retract(event: Event, values: dict[str, Any]) -> None:
    publishing.retract(event, by=None, reason=values["retracted"]["reason"], on=values["retracted"]["on"])


def publish_by_themselves(plan: Plan, dataset: Dataset) -> None:
    """Publish the records that the data set marks as public, and that no event made so."""
    rows: list[Any] = list(Country.objects.filter(code__in=dataset.countries))
    rows += [MODELS[entry.type]._default_manager.get(slug=entry.key) for entry in plan.new if entry.published]
    for row in rows:
        if not publishing.is_public(row):
            publishing.publish_record(row, by=None)


def redirect(plan: Plan, dataset: Dataset) -> None:
    """Let the addresses of what was merged lead on; an entry that is now another's earlier id is merged into it."""
    merged = [MODELS[e.type]._default_manager.get(slug=e.key) for e in plan.new if "merged_into" in e.values]
    for entry in [*plan.new, *(entry for _, entry in plan.changed)]:
        if not (slugs := entry.values.get("redirects")):
            continue
        into = Event.objects.get(slug=entry.key)
        there = {event.slug: event for event in Event.objects.filter(slug__in=slugs)}
        for slug in slugs:
            if slug not in there:
                merged.append(Event.objects.create(slug=slug, state=State.MERGED, merged_into=into))
            elif there[slug].merged_into_id != into.pk:
                publishing.merge(there[slug], into=into, by=None, note=NOTE)
    for batch in batched(merged, BATCH):
        publishing.redirect(batch, by=None)


def remember(plan: Plan, dataset: Dataset, *, since: int) -> None:
    """Note what was loaded, and at which revision each record was left."""
    touched = [*plan.new, *plan.same, *(entry for _, entry in plan.changed)]
    newest = newest_changes(touched)
    LoadedEntry.objects.bulk_create(
        (
            LoadedEntry(type=entry.type, key=entry.key, entry_hash=entry.digest, revision=newest.get(entry.id, 0))
            for entry in touched
        ),
        update_conflicts=True,
        unique_fields=["type", "key"],
        update_fields=["entry_hash", "revision"],
    )
    # What this load corrected on the way (the other side of an ownership) was edited by nobody.
    done = {entry.id for entry in touched}
    others = [entry for entry in dataset.entries.values() if entry.id not in done]
    before = {(row.type, row.key): row for row in LoadedEntry.objects.exclude(revision=0)}
    moved = newest_changes(others, after=since)
    for entry in others:
        row = before.get(entry.id)
        if row and entry.id in moved:
            between = Change.objects.of(*entry.id).filter(seq__gt=row.revision, seq__lte=since)
            if not between.exclude(action=Action.REISSUED).exists():
                LoadedEntry.objects.filter(pk=row.pk).update(revision=moved[entry.id])


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """itertools.batched, which Python 3.11 does not have."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch
