"""What importing a file would do, row by row; all that this depends on in one digest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery, prefetch_related_objects

from events.choices import State, Verdict
from events.documents import prefetched
from events.lib.canonical import canonical, sha256
from events.models import Event
from events.services import rules
from events.services.dataset.describing import describe_whole
from events.services.dataset.entries import Entry, digest
from events.services.dataset.layout import flow
from events.services.dataset.reading import Dataset
from events.services.imports.files import rows_of
from events.services.imports.reading import Draft, read
from events.services.imports.references import in_batches

Version = tuple[str, int | None]
LONGEST = 160  # characters of a value that is shown
# How the normal form calls what a file calls so.
NORMAL = {"sources": "citations", "quote": "citations"}


@dataclass
class Planned:
    """A row and what becomes of it: `said` is why it is bad, or what changes; `event` the one that is there."""

    draft: Draft
    verdict: Verdict
    said: list[str]
    event: Event | None = None
    standing: str = ""  # a digest of what the event says now

    @property
    def entry(self) -> Entry:
        assert self.draft.entry is not None
        return self.draft.entry


@dataclass
class Plan:
    rows: list[Planned]
    sources: Dataset  # that new drafts would make
    versions: dict[str, Version]  # of the events that are there

    @property
    def written(self) -> list[Planned]:
        return [*self.of(Verdict.NEW), *self.of(Verdict.CHANGED)]

    def of(self, verdict: Verdict) -> list[Planned]:
        return [row for row in self.rows if row.verdict == verdict]

    @property
    def digest(self) -> str:
        """Equal where importing would do the same to the same."""
        return sha256(
            canonical(
                [
                    [
                        row.draft.key,
                        row.verdict.value,
                        digest(row.draft.entry.values) if row.draft.entry else "",
                        row.standing,
                    ]
                    for row in self.rows
                ]
            )
        )


def make_plan(content: bytes, name: str, advance: Callable[[int, int], object] = lambda done, of: None) -> Plan:
    """Read a file and compare it with the record. Raises DatasetError where it cannot be read at all."""
    rows = rows_of(content, name)
    done = 0

    def one() -> None:
        nonlocal done
        done += 1
        if done % 100 == 0:
            advance(done, len(rows))

    advance(0, len(rows))
    drafts, sources = read(rows, name, one)
    advance(len(rows), len(rows))
    keys = {draft.key for draft in drafts}
    versions = versions_of(keys)  # before what they tell of
    there = events_called(keys)
    return Plan([planned(draft, there.get(draft.key)) for draft in drafts], sources, versions)


def versions_of(slugs: Collection[str]) -> dict[str, Version]:
    """The events that have these slugs, each with its state and its newest version: equal while nobody saved it."""
    newest = Event.history.filter(id=OuterRef("pk")).order_by("-history_id").values("history_id")[:1]
    return {
        slug: (state, version)
        for batch in in_batches(slugs)
        for slug, state, version in Event.objects.filter(slug__in=batch).values_list("slug", "state", Subquery(newest))
    }


def events_called(slugs: set[str]) -> dict[str, Event]:
    """The events that have these slugs, with all that describing them reads."""
    found: dict[str, Event] = {}
    for batch in in_batches(slugs):
        rows = prefetched(Event.objects.filter(slug__in=batch))
        prefetch_related_objects(rows, "merged_into", "merged_from")
        found |= {row.slug: row for row in rows}
    return found


def planned(draft: Draft, event: Event | None) -> Planned:
    if draft.entry is None:
        return Planned(draft, Verdict.BAD, draft.problems)
    values = draft.entry.values
    if event is None:
        if problems := [f"{key}: Only what is public has it." for key in ("retracted", "redirects") if key in values]:
            return Planned(draft, Verdict.BAD, problems)
        return Planned(draft, Verdict.NEW, [])
    if event.state == State.MERGED:
        assert event.merged_into
        return Planned(draft, Verdict.BAD, [f"id: {rules.now(event.slug, event.merged_into.slug)}"])
    said = describe_whole(event)
    standing = digest(said)
    complete(draft, said)
    changes = list(differences(comparable(said, values), values))
    if not changes:
        return Planned(draft, Verdict.SAME, [], event, standing)
    if event.is_public:
        why = "It is public: correct it in its form, or give this draft another id."
        return Planned(draft, Verdict.BAD, [why, *changes], event, standing)
    if problems := taken_ids(event, values):
        return Planned(draft, Verdict.BAD, problems, event, standing)
    if event.state == State.IN_REVIEW:
        changes.append("It waits for review, and becomes a draft again.")
    return Planned(draft, Verdict.CHANGED, changes, event, standing)


def complete(draft: Draft, said: dict[str, Any]) -> None:
    """Take over from the event what the table has no column for."""
    kept = {NORMAL.get(key, key) for key in draft.kept}
    if not {"sources", "quote"} <= draft.kept:
        kept.discard("citations")
    draft.entry.values |= {key: said[key] for key in kept & said.keys()}  # type: ignore[union-attr]


def comparable(said: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What the event says of that which a file says: neither where it is kept, nor ids that are left out there."""
    found = {
        key: value for key, value in said.items() if key in values or key not in ("theme", "numbered", "redirects")
    }
    if not any("id" in citation for citation in values.get("citations", ())):
        found["citations"] = [
            {key: value for key, value in citation.items() if key != "id"} for citation in said.get("citations", ())
        ]
    return {key: value for key, value in found.items() if value != []}


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """What differs, key by key: "title: A → B"."""
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            yield f"{key}: {shown(before.get(key))} → {shown(after.get(key))}"


def shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else flow(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def taken_ids(event: Event, values: dict[str, Any]) -> list[str]:
    """An effect's id is never given again, even when the effect is gone."""
    held = {effect.number for effect in event.effects.all()}
    return [
        f"access[{index}].id: {rules.given_before(effect['id'])}"
        for index, effect in enumerate(values.get("access", ()), 1)
        if effect["id"] not in held and effect["id"] <= event.effects_numbered
    ]


def counted(rows: Iterable[Planned]) -> dict[str, int]:
    found = dict.fromkeys(Verdict.values, 0)
    for row in rows:
        found[row.verdict] += 1
    return found
