"""Entries as rows: new ones a table at a time, changed ones one by one. What is public of them is for `loading`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.db import models

from events.choices import About, Precision, RecordType, Stance, State
from events.documents import MODELS, prefetched
from events.lib.dates import parse_edtf
from events.lib.urls import normalize
from events.models import (
    AccessEffect,
    Citation,
    Event,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    EventRelation,
    LinkCheck,
    Membership,
    Ownership,
    Source,
)
from events.services.dataset.describing import describe, describe_whole
from events.services.dataset.entries import Entry
from events.services.dataset.problems import DatasetError
from events.services.dataset.reading import Dataset

Values = dict[str, Any]
BATCH = 500
HELD_BACK = ("issuer_id", "merged_into_id")  # of a group, and of anything: they may point at what is created later


class Keys:
    """Primary keys by type and slug; a slug that an editor merged stands for what it became."""

    def __init__(self) -> None:
        self.known: dict[tuple[RecordType, str], int] = {}

    def read(self, record_type: RecordType, slugs: Collection[str] | None = None) -> None:
        """Those of a type that have these slugs; None: all of the type."""
        if slugs is not None and len(slugs) > BATCH:
            wanted = list(slugs)
            for start in range(0, len(wanted), BATCH):
                self.read(record_type, wanted[start : start + BATCH])
            return
        rows = MODELS[record_type]._default_manager.all()
        if slugs is not None:
            rows = rows.filter(slug__in=slugs)
        if record_type == RecordType.GROUP:
            self.known |= {(record_type, slug): pk for slug, pk in rows.values_list("slug", "pk")}
        else:
            for slug, pk, into in rows.values_list("slug", "pk", "merged_into"):
                self.known[record_type, slug] = into or pk

    def __call__(self, record_type: RecordType, slug: str) -> int:
        if (record_type, slug) not in self.known:  # loaded once, unchanged since, and deleted by an editor
            raise DatasetError([f"The record has no {record_type.label.lower()} “{slug}” any more."])
        return self.known[record_type, slug]

    def maybe(self, record_type: RecordType, slug: str | None) -> int | None:
        return self(record_type, slug) if slug else None


def fields_of(record_type: RecordType, values: Values, pk_of: Keys) -> dict[str, Any]:
    """The columns of an entry's own row."""
    fields = FIELDS[record_type](values, pk_of)
    if "merged_into" in values:
        fields["merged_into_id"] = pk_of(record_type, values["merged_into"])
    return fields


def _place(values: Values, pk_of: Keys) -> Values:
    return {"country_id": values.get("country"), "group_id": pk_of.maybe(RecordType.GROUP, values.get("group"))}


def _named(values: Values) -> Values:
    return {"slug": values["slug"], "name": values["name"]}


def _group(values: Values, pk_of: Keys) -> Values:
    return {
        **_named(values),
        "issuer_id": pk_of.maybe(RecordType.AGENCY, values.get("issuer")),
        "citation": values.get("citation", ""),
        "official_url": values.get("url", ""),
        "note": values.get("note", ""),
        "checked": values.get("checked", ""),
    }


def _product(values: Values, pk_of: Keys) -> Values:
    return {
        **_named(values),
        "kind": values["kind"],
        "company_id": pk_of.maybe(RecordType.COMPANY, values.get("company")),
        "models_from_id": pk_of.maybe(RecordType.COMPANY, values.get("models_from")),
    }


def _policy(values: Values, pk_of: Keys) -> Values:
    agency = pk_of.known.get((RecordType.AGENCY, values["issuer"]))
    return {
        "slug": values["slug"],
        "title": values["title"],
        "kind": values["kind"],
        "agency_id": agency,
        "company_id": None if agency else pk_of(RecordType.COMPANY, values["issuer"]),
        "country_id": values.get("country"),
        "citation": values.get("citation", ""),
        "official_url": values.get("url", ""),
    }


def _source(values: Values, pk_of: Keys) -> Values:
    return {
        "url": values["url"],
        "normalized_url": normalize(values["url"]),
        "title": values["title"],
        "publisher_id": pk_of(RecordType.PUBLISHER, values["publisher"]),
        "authors": values.get("authors", []),
        "language": values.get("language", ""),
        "published": values.get("date"),
        "tier": values["tier"],
        "paywalled": values.get("paywalled", False),
        "relays_id": pk_of.maybe(RecordType.PUBLISHER, values.get("relays")),
        "archive_url": values.get("archive", ""),
    }


def _event(values: Values, pk_of: Keys) -> Values:
    return {
        "slug": values["id"],
        "title": values["title"],
        "summary": values.get("summary", ""),
        "body": values.get("body", ""),
        "kind": values.get("kind", ""),
        "certainty": values["certainty"],
        "date": values.get("date"),
        "date_precision": values["precision"],
        "end_date": values.get("end_date"),
        "theme": values.get("theme", ""),
        "checked": values.get("checked", ""),
    }


FIELDS: dict[RecordType, Callable[[Values, Keys], Values]] = {
    RecordType.GROUP: _group,
    RecordType.AGENCY: lambda v, pk_of: {**_named(v), "short": v.get("short", ""), **_place(v, pk_of)},
    RecordType.COMPANY: lambda v, pk_of: {**_named(v), "kind": v["kind"], "country_id": v.get("country")},
    RecordType.PRODUCT: _product,
    RecordType.POLICY: _policy,
    RecordType.PUBLISHER: lambda v, pk_of: {**_named(v), "kind": v["kind"], **_place(v, pk_of)},
    RecordType.SOURCE: _source,
    RecordType.EVENT: _event,
}


# ---------------------------------------------------------------------------------------------------------- references


def create_references(entries: Sequence[Entry], pk_of: Keys) -> None:
    """Rows of new reference records, without what hangs on them. Reads the keys of all reference records on the way."""
    later = []
    for record_type in FIELDS:
        if record_type == RecordType.EVENT:
            continue
        # An issuer may be created after its group; what one merged into, after it.
        model, rows = MODELS[record_type], []
        for entry in entries:
            if entry.type == record_type:
                held = {"issuer": None, "merged_into": None} if entry.type == RecordType.GROUP else {}
                values = {key: value for key, value in {**entry.values, **held}.items() if value is not None}
                values.pop("merged_into", None)
                rows.append(model(**{"slug": entry.key} | fields_of(record_type, values, pk_of)))
                if ("issuer" in entry.values and record_type == RecordType.GROUP) or "merged_into" in entry.values:
                    later.append((rows[-1], entry))
        model._default_manager.bulk_create(rows)
        pk_of.read(record_type)
    for row, entry in later:
        fields = fields_of(entry.type, entry.values, pk_of)
        type(row)._default_manager.filter(pk=row.pk).update(
            **{name: fields[name] for name in HELD_BACK if name in fields}
        )


def mark_links(links: Values, entries: Iterable[Entry]) -> None:
    """What was confirmed of new sources where they were exported; what is checked here counts more."""
    new = [entry.key for entry in entries if entry.type == RecordType.SOURCE and entry.key in links]
    LinkCheck.objects.bulk_create(
        LinkCheck(
            source=source,
            status=links[source.slug]["status"],
            status_since=links[source.slug]["since"],
            found=links[source.slug]["status"],
            found_since=dt.datetime.combine(links[source.slug]["since"], dt.time(), dt.UTC),
        )
        for source in Source.objects.filter(slug__in=new)
    )


def alias_model(record_type: RecordType) -> Any:
    return MODELS[record_type]._meta.get_field("aliases").related_model


def update_reference(row: Any, entry: Entry, pk_of: Keys) -> None:
    """Bring a record's own row in step with its entry."""
    for name, value in fields_of(entry.type, entry.values, pk_of).items():
        setattr(row, name, value)
    row.save()


def hang_on(rows: Iterable[tuple[Any, Entry]], dataset: Dataset, pk_of: Keys) -> None:
    """Write the aliases, memberships and ownerships of these prefetched records anew, where they differ."""
    aliases: dict[RecordType, list[Any]] = {}
    memberships: list[Membership] = []
    owners: dict[str, int] = {}
    for row, entry in rows:
        said, values = describe(row), entry.values
        if said.get("aliases") != values.get("aliases"):
            row.aliases.all().delete()
            model = alias_model(entry.type)
            aliases.setdefault(entry.type, []).extend(model(of=row, name=name) for name in values.get("aliases", ()))
        if said.get("members") != values.get("members"):
            row.memberships.all().delete()
            memberships += [
                Membership(group=row, country_id=member["code"], since=member.get("since"), until=member.get("until"))
                for member in values.get("members", ())
            ]
        if said.get("ownerships") != values.get("ownerships"):
            row.owns.all().delete()
            owners[entry.key] = row.pk
    for record_type, found in aliases.items():
        alias_model(record_type)._default_manager.bulk_create(found)
    Membership.objects.bulk_create(memberships)
    Ownership.objects.bulk_create(
        ownership(owners[owner], values, pk_of) for owner, values in dataset.ownerships if owner in owners
    )


def ownership(owner: int, values: Values, pk_of: Keys) -> Ownership:
    since, since_precision = parse_edtf(values["since"]) if "since" in values else (None, Precision.DAY)
    until, until_precision = parse_edtf(values["until"]) if "until" in values else (None, Precision.DAY)
    return Ownership(
        owner_id=owner,
        owned_id=pk_of(RecordType.COMPANY, values["owned"]),
        kind=values["kind"],
        since=since,
        since_precision=since_precision,
        until=until,
        until_precision=until_precision,
        note=values.get("note", ""),
    )


# -------------------------------------------------------------------------------------------------------------- events

# A list of an event, its model, and the columns of one item.
LINKS: dict[str, tuple[type[models.Model], Callable[[Any, Keys], Values]]] = {
    "companies": (
        EventCompany,
        lambda link, pk_of: {"company_id": pk_of(RecordType.COMPANY, link["slug"]), "role": link["role"]},
    ),
    "agencies": (EventAgency, lambda slug, pk_of: {"agency_id": pk_of(RecordType.AGENCY, slug)}),
    "countries": (EventCountry, lambda link, pk_of: {"country_id": link["code"], "role": link["role"]}),
    "groups": (
        EventGroup,
        lambda link, pk_of: {"group_id": pk_of(RecordType.GROUP, link["slug"]), "role": link["role"]},
    ),
    "products": (EventProduct, lambda slug, pk_of: {"product_id": pk_of(RecordType.PRODUCT, slug)}),
    "policies": (
        EventPolicy,
        lambda link, pk_of: {
            "policy_id": pk_of(RecordType.POLICY, link["slug"]),
            "relation": link["relation"],
            "partial": link.get("partial", False),
        },
    ),
    "follows": (
        EventRelation,
        lambda link, pk_of: {"earlier_id": pk_of(RecordType.EVENT, link["id"]), "relation": link["relation"]},
    ),
}


def create_events(entries: Sequence[Entry], pk_of: Keys, **standing: Any) -> list[Event]:
    """Rows of new events, in review if `standing` does not say otherwise, with all that hangs on them."""
    standing = {"state": State.IN_REVIEW} | standing
    events = [
        Event(**standing, **numbered(entry.values, Event()), **fields_of(entry.type, entry.values, pk_of))
        for entry in entries
    ]
    Event.objects.bulk_create(events)
    pk_of.read(RecordType.EVENT, [entry.key for entry in entries])
    read_followed(entries, pk_of)
    pairs = [(event, entry.values) for event, entry in zip(events, entries, strict=True)]
    for name in LINKS:
        link(name, pairs, pk_of)
    effects = [effect(event, said, pk_of) for event, values in pairs for said in values.get("access", ())]
    AccessEffect.objects.bulk_create(effects)
    of_event = {(each.event_id, each.number): each for each in effects}
    citations = []
    for event, values in pairs:
        for position, said in enumerate(values.get("citations", ())):
            number = said.get("id", position + 1)
            citations.append(citation(event, said, position, number, pk_of, of_event))
    Citation.objects.bulk_create(citations)
    return events


def read_followed(entries: Iterable[Entry], pk_of: Keys) -> None:
    """The keys of the earlier events to which these relate."""
    pk_of.read(RecordType.EVENT, {link["id"] for entry in entries for link in entry.values.get("follows", ())})


def numbered(values: Values, event: Event) -> dict[str, int]:
    """The highest ids ever given: those that are there, those that were, and those that the entry remembers."""
    said = values.get("numbered", {})
    citations = [citation.get("id", index) for index, citation in enumerate(values.get("citations", ()), 1)]
    effects = [effect["id"] for effect in values.get("access", ())]
    return {
        "effects_numbered": max(event.effects_numbered, said.get("access", 0), *effects, 0),
        "citations_numbered": max(event.citations_numbered, said.get("sources", 0), *citations, 0),
    }


def link(name: str, pairs: Iterable[tuple[Event, Values]], pk_of: Keys) -> None:
    model, columns = LINKS[name]
    model._default_manager.bulk_create(
        model(event=event, **columns(item, pk_of)) for event, values in pairs for item in values.get(name, ())
    )


def effect(event: Event, values: Values, pk_of: Keys) -> AccessEffect:
    return AccessEffect(
        event=event,
        number=values["id"],
        product_id=pk_of(RecordType.PRODUCT, values["product"]),
        country_id=values.get("country"),
        group_id=pk_of.maybe(RecordType.GROUP, values.get("group")),
        exceptions=values.get("except", []),
        status=values["status"],
        effective_date=values["from"],
        date_precision=values.get("precision", Precision.DAY),
        until=values.get("until"),
        by=values.get("by", []),
        note=values.get("note", ""),
    )


def citation(
    event: Event,
    values: Values,
    position: int,
    number: int,
    pk_of: Keys,
    effects: dict[tuple[int, int], AccessEffect],
) -> Citation:
    about, _, effect_number = values.get("about", About.EVENT).partition(":")
    return Citation(
        event=event,
        number=number,
        position=position,
        source_id=pk_of(RecordType.SOURCE, values["source"]),
        quote=values.get("text", ""),
        speaker=values.get("speaker", ""),
        locator=values.get("locator", ""),
        stance=values.get("stance", Stance.SUPPORTS),
        about=about,
        effect=effects[event.pk, int(effect_number)] if effect_number else None,
    )


def update_event(event: Event, values: Values, pk_of: Keys) -> None:
    """Bring an event's rows in step with its entry. Ids of effects and citations stay what they were."""
    [event] = prefetched([event])
    said = describe_whole(event)
    for name, (model, _) in LINKS.items():
        if said.get(name) != values.get(name):
            model._default_manager.filter(event=event).delete()
            link(name, [(event, values)], pk_of)
    held = {effect.number: effect for effect in event.effects.all()}
    effects = {}
    for each in values.get("access", ()):
        row = effect(event, each, pk_of)
        row.pk = held[row.number].pk if row.number in held else None
        row.save()
        effects[event.pk, row.number] = row
    cite_anew(event, values.get("citations", ()), pk_of, effects)
    AccessEffect.objects.filter(event=event).exclude(pk__in=[row.pk for row in effects.values()]).delete()
    for name, value in (fields_of(RecordType.EVENT, values, pk_of) | numbered(values, event)).items():
        setattr(event, name, value)
    event.save()


def cite_anew(
    event: Event, citations: Sequence[Values], pk_of: Keys, effects: dict[tuple[int, int], AccessEffect]
) -> None:
    """Write an event's citations anew."""
    new = cited_anew(event, event.citations.all(), citations, pk_of, effects)
    Citation.objects.filter(event=event).delete()
    Citation.objects.bulk_create(new)


def cited_anew(
    event: Event,
    held: Iterable[Citation],
    citations: Sequence[Values],
    pk_of: Keys,
    effects: dict[tuple[int, int], AccessEffect],
) -> list[Citation]:
    """The rows of an event's citations; one of the same source as one held, best with the same quote, keeps its id."""
    given = {said.get("id") for said in citations}
    left = [old for old in held if old.number not in given]
    new: list[Citation] = []
    highest = max([event.citations_numbered, *(said.get("id", 0) for said in citations)])
    for position, said in enumerate(citations):
        row = citation(event, said, position, said.get("id", 0), pk_of, effects)
        if not row.number:
            same = [old for old in left if old.source_id == row.source_id]
            same.sort(key=lambda old: old.quote != row.quote)
            if same:
                row.number = same[0].number
                left.remove(same[0])
            else:
                highest += 1
                row.number = highest
        new.append(row)
    event.citations_numbered = highest
    return new
