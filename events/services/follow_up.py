"""What else has to be made anew once a document has changed, written down as rows for `events.services.reissue`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import models

from events.choices import RecordType, State
from events.documents import type_of
from events.models import AccessEffect, Change, Country, CountryGroup, Event, EventRelation, Product
from events.models.actors import Alias
from events.queries.access import Geography, events_after
from events.queries.stages import REACHES
from events.services import reissue


def published(events: Sequence[Event], *, geography: Geography) -> None:
    """After a first publication: policies' stages, later events' directions, relations that can now be shown."""
    policies = {link.policy.slug for event in events for link in event.policy_links.all() if link.relation in REACHES}
    reissue.request(RecordType.POLICY, policies, embedders=False)
    request_after([effect for event in events for effect in event.effects.all()], geography, but=events)
    waiting = EventRelation.objects.filter(
        earlier__in=[event.pk for event in events], event__state__in=(State.PUBLISHED, State.RETRACTED)
    ).exclude(event__in=[event.pk for event in events])
    reissue.request(RecordType.EVENT, set(waiting.values_list("earlier__slug", flat=True)), embedders=True)


def changed(row: Any, *, old: Change, geography: Geography) -> None:
    """After any other change of a public record: all that embeds it, and what derives from an event."""
    reissue.request(type_of(row), {row.key}, embedders=True)
    if isinstance(row, Event):
        before = orjson.loads(old.document or "{}")
        policies = {link["slug"] for link in before.get("policies", ())}
        policies |= {link.policy.slug for link in row.policy_links.select_related("policy")}
        reissue.request(RecordType.POLICY, policies, embedders=False)
        request_after([*effects_in(before), *row.effects.all()], geography, but=[row])


def request_after(effects: Iterable[AccessEffect], geography: Geography, *, but: Sequence[Event]) -> None:
    """Ask for the events that come after these effects to be made anew: their direction may be another now."""
    pks = events_after(effects, geography) - {event.pk for event in but}
    if pks:
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


def hand_over(row: models.Model, into: models.Model) -> None:
    """Point at `into` whatever points at `row`; what `into` has already is left out."""
    for relation in row._meta.related_objects:
        model, name = relation.related_model, relation.field.name
        if name == "merged_into" or model.__name__.startswith("Historical"):
            continue
        if isinstance(row, Event) and model is not EventRelation:
            continue  # an event's own evidence and effects stay with it
        mine = model._default_manager.filter(**{name: row})
        for constraint in model._meta.total_unique_constraints:
            others = [field for field in constraint.fields if field != name]
            if name in constraint.fields and len(others) == 1:
                held = model._default_manager.filter(**{name: into}).values(others[0])
                mine.filter(**{f"{others[0]}__in": held}).delete()
        mine.update(**{name: into})
    if isinstance(row, Event):
        EventRelation.objects.filter(event=into, earlier=into).delete()
    for_name = getattr(into, "aliases", None)
    if (
        for_name is not None
        and issubclass(for_name.model, Alias)
        and not for_name.filter(name__iexact=str(row)).exists()
    ):
        for_name.create(name=str(row))
