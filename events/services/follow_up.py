"""What else has to be made anew once a document has changed, written down as rows for `events.services.reissue`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from events.choices import CompanyRole, RecordType, State
from events.documents import type_of
from events.lib.names import folded
from events.lib.related import related
from events.models import (
    AccessEffect,
    Change,
    Company,
    CountryGroup,
    Event,
    EventCompany,
    EventRelation,
    Ownership,
    Policy,
    Product,
    Publisher,
    Source,
)
from events.models.naming import book_of
from events.queries.access import Geography, events_after
from events.queries.stages import REACHES
from events.services import reissue, rules


def published(events: Sequence[Event], *, new: Iterable[Any], geography: Geography) -> None:
    """After a first publication: policies' stages, later events' directions, relations that can now be shown.

    `new` are the records that became public with the events: what they say is up to date.
    """
    policies = {
        link.policy.slug for event in events for link in related(event, "policy_links") if link.relation in REACHES
    }
    policies -= {row.slug for row in new if isinstance(row, Policy)}
    reissue.request(RecordType.POLICY, policies, embedders=False)
    request_after([effect for event in events for effect in related(event, "effects")], geography, but=events)
    reissue.request(RecordType.EVENT, waited_for(events), embedders=True)


def waited_for(events: Sequence[Event]) -> set[str]:
    """Slugs of those of the events to which others relate that were public before them."""
    slugs = {event.pk: event.slug for event in events}
    links = rules.relating_to(slugs)
    shown = Event.objects.filter(state__in=(State.PUBLISHED, State.RETRACTED))
    public = set(shown.filter(pk__in={pk for pk, _ in links}).values_list("pk", flat=True))
    return {slugs[earlier] for pk, earlier in links if pk in public}


def changed(row: Any, *, old: Change, geography: Geography) -> None:
    """After any other change of a public record: all that embeds it or did, and what derives from it."""
    reissue.request(type_of(row), {row.key}, embedders=True)
    before = orjson.loads(old.document or "{}")
    if isinstance(row, Event):
        policies = {link["slug"] for link in before.get("policies", ())}
        policies |= {link.policy.slug for link in row.policy_links.select_related("policy")}
        reissue.request(RecordType.POLICY, policies, embedders=False)
        request_after([*effects_in(before), *row.effects.all()], geography, but=[row])
    elif isinstance(row, Company):
        gone: set[str] = set()
        # Each side by itself: two companies may each have owned a part of the other.
        for side, now in (
            ("owns", {held.owned.slug for held in row.owns.all()}),
            ("owned_by", {held.owner.slug for held in row.owned_by.all()}),
        ):
            gone |= {held["company"]["slug"] for held in before.get(side, ())} - now
        reissue.request(RecordType.COMPANY, gone, embedders=False)
        reissue.request(RecordType.COMPANY, gone, embedders=True)  # events tell whether an owner is the provider
    elif isinstance(row, CountryGroup):
        members = {member["code"] for member in before.get("members", ())}
        members |= set(row.memberships.values_list("country_id", flat=True))
        counting = AccessEffect.objects.counting()
        reached = counting.filter(country__in=members, product__in=counting.filter(group=row).values("product"))
        request_events(reached.values_list("event", flat=True))
    elif isinstance(row, Source) and before.get("published") != (row.published and row.published.isoformat()):
        # Whether an effect of theirs or another decides may hang on the day of its report.
        request_after(AccessEffect.objects.counting().filter(event__citations__source=row), geography, but=[])


def request_after(effects: Iterable[AccessEffect], geography: Geography, *, but: Sequence[Event]) -> None:
    """Ask for the events that come after these effects to be made anew: their direction may be another now."""
    request_events(events_after(effects, geography) - {event.pk for event in but})


def request_events(pks: Iterable[int]) -> None:
    slugs = Event.objects.filter(pk__in=pks).values_list("slug", flat=True)
    reissue.request(RecordType.EVENT, set(slugs), embedders=False)


def effects_in(document: dict[str, Any]) -> list[AccessEffect]:
    """The effects of an older document, as unsaved rows."""
    rows = document.get("access_effects", ())
    products = dict(Product.objects.filter(slug__in={row["product"] for row in rows}).values_list("slug", "pk"))
    groups = dict(CountryGroup.objects.filter(slug__in={row["group"] for row in rows}).values_list("slug", "pk"))
    return [
        AccessEffect(
            product_id=products[row["product"]],
            country_id=row["country"],
            group_id=groups.get(row["group"]),
            effective_date=dt.date.fromisoformat(row["effective_date"]),
        )
        for row in rows
        if row["product"] in products
    ]


def hand_over(row: Any, into: Any) -> None:
    """Point at `into` whatever points at `row`; what `into` has already is left out."""
    untie(row, into)
    relations = [EventRelation] if isinstance(row, Event) else None  # an event's own evidence and effects stay with it
    for relation in row._meta.related_objects:
        model: Any = relation.related_model
        name = relation.field.name
        if relation.many_to_many or name == "merged_into" or (relations and model not in relations):
            continue
        mine = model._default_manager.filter(**{name: row})
        for constraint in model._meta.total_unique_constraints:
            others = [field for field in constraint.fields if field not in (name, "since")]
            if name in constraint.fields and others:
                same = {other: OuterRef(other) for other in others}
                mine.filter(Exists(model._default_manager.filter(**{name: into}, **same))).delete()
        mine.update(**{name: into})
    if hasattr(into, "aliases"):
        name = str(row)[: into.aliases.model._meta.get_field("name").max_length]
        taken = {folded(alias.name) for alias in into.aliases.all()}
        book = book_of(type(row), but=[row.pk, into.pk])
        if folded(name) not in taken and book.clash("", name, is_alias=True) is None:
            into.aliases.create(name=name)


def untie(row: Any, into: Any) -> None:
    """Take away what ties the two to each other: no record is tied to itself."""
    both = (row, into)
    if isinstance(row, Company):
        Ownership.objects.filter(owner__in=both, owned__in=both).delete()
        Product.objects.filter(company__in=both, models_from__in=both).update(models_from=None)
        # Where an event names both, the one that stays has acted if either has.
        acted = EventCompany.objects.filter(company=row, role=CompanyRole.ACTOR).values("event")
        EventCompany.objects.filter(company=into, event__in=acted).update(role=CompanyRole.ACTOR)
    elif isinstance(row, Publisher):
        Source.objects.filter(publisher__in=both, relays__in=both).update(relays=None)
    elif isinstance(row, Event):
        EventRelation.objects.filter(event__in=both, earlier__in=both).delete()
    if hasattr(row, "aliases"):
        held = into.aliases.annotate(word=Lower("name")).values("word")
        row.aliases.alias(word=Lower("name")).filter(word__in=held).delete()
