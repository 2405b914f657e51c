"""From rows to documents, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.functional import cached_property

from events.choices import RecordType
from events.documents.events import MergedDocument
from events.documents.registry import MODELS, READS, SERIALIZERS, TYPES
from events.lib.canonical import canonical
from events.lib.related import related
from events.models import Change, Country, Event
from events.queries.access import Geography, statuses_before

# So many rows have what they name read at once: on SQLite, Django 5.2 asks for a thousand records by as many ORs, which
# is deeper than SQLite goes.
TOGETHER = 500
# The single records that a document names, by the attribute.
NAMED = {
    record_type: tuple(
        name
        for name in ("issuer", "agency", "company", "models_from", "country", "group", "publisher", "relays")
        if hasattr(model, name)
    )
    for record_type, model in MODELS.items()
}


def type_of(row: models.Model) -> RecordType:
    return TYPES[type(row)]


def references(row: Any) -> Iterator[models.Model]:
    """The records that a document names, which therefore have to be public with it. Expects what READS names."""
    record_type = type_of(row)
    if record_type == RecordType.EVENT:
        for link in related(row, "company_links"):
            yield link.company
        for link in related(row, "agency_links"):
            yield link.agency
        for link in related(row, "country_links"):
            yield link.country
        for link in related(row, "group_links"):
            yield link.group
        for link in related(row, "product_links"):
            yield link.product
        for link in related(row, "policy_links"):
            yield link.policy
        for effect in related(row, "effects"):
            yield effect.product
            yield from (place for place in (effect.country, effect.group) if place)
            if effect.exceptions:
                yield from Country.objects.filter(code__in=effect.exceptions)
        for citation in related(row, "citations"):
            yield citation.source
        return
    if record_type == RecordType.GROUP:
        yield from (membership.country for membership in related(row, "memberships"))
    if record_type == RecordType.COMPANY:
        yield from (ownership.owned for ownership in related(row, "owns"))
        yield from (ownership.owner for ownership in related(row, "owned_by"))
    for name in NAMED[record_type]:
        if (other := getattr(row, name)) is not None:
            yield other


def prefetched(rows: Iterable[models.Model]) -> list[Any]:
    """The rows, of one type, with all that their documents read."""
    found = list(rows)
    lookups = [lookup for lookup in READS[type_of(found[0])] if not are_at_hand(lookup, found)] if found else []
    for start in range(0, len(found), TOGETHER) if lookups else ():
        prefetch_related_objects(found[start : start + TOGETHER], *lookups)
    return found


def are_at_hand(lookup: str | Prefetch[Any], rows: Iterable[models.Model]) -> bool:
    """Whether all rows hold the record that a field names: Django finds so, too, in ten times the time."""
    return isinstance(lookup, str) and all(lookup in row._state.fields_cache for row in rows)


class DocumentMaker:
    """Makes documents of any type: the serializers made once, memberships and ownerships read once."""

    def __init__(self) -> None:
        self.context: dict[str, Any] = {"revision": 0, "before": {}}
        self.serializers = {kind: made(context=self.context) for kind, made in SERIALIZERS.items()}
        self.merged = MergedDocument()

    @cached_property
    def geography(self) -> Geography:
        return Geography.read()

    def prepare(self, rows: Iterable[Any]) -> None:
        """Ask, for a whole batch at once, what its documents are compared with: the statuses before its effects."""
        effects = [effect for row in rows if isinstance(row, Event) for effect in related(row, "effects")]
        befores = statuses_before(effects, self.geography) if effects else []
        # By their numbers: what is not saved yet has no key.
        self.context["before"] = {
            (effect.event_id, effect.number): before for effect, before in zip(effects, befores, strict=True)
        }

    def document(self, row: Any, *, revision: int) -> dict[str, Any]:
        """The row's document as it is to stand in the change `revision`."""
        self.context["revision"] = revision
        if getattr(row, "merged_into_id", None):
            return self.merged.to_representation(row)
        if isinstance(row, Event):
            self.context["geography"] = self.geography
            before = self.context["before"]
            if any((effect.event_id, effect.number) not in before for effect in related(row, "effects")):
                self.prepare([row])
        return self.serializers[type_of(row)].to_representation(row)

    def says(self, row: Any, change: Change) -> bool:
        """Whether the row's document, but for its revision, is the one that the change holds."""
        return (
            change.document is not None
            and canonical(self.document(row, revision=change.seq)).decode() == change.document
        )
