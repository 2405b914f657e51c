"""From a document of an event back to its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from events.choices import Precision, RecordType
from events.lib.related import related
from events.models import Event
from events.queries.access import Geography, closed_by
from events.services.dataset import writing
from events.services.dataset.describing import filled
from events.services.publishing import PublishingError, fresh


def restore(event: Event, document: dict[str, Any]) -> None:
    """Bring an event's rows in step with a document of it; belongs into the transaction that takes it further.

    Ids of effects and citations are those of the document; records that were merged since are what they became.
    Raises PublishingError where it names a record that is gone, or is no event any more.
    """
    if "merged_into" in document:
        raise PublishingError("What was merged holds nothing to go back to.")
    values = values_of(document) | {"theme": event.theme, "checked": event.checked}
    try:
        with transaction.atomic():
            writing.update_event(event, values, keys_of(values))
    except IntegrityError as error:  # two of what it names were merged into one since
        raise PublishingError("Records that it names were merged since: it cannot be taken over as it is.") from error
    [row] = fresh(Event, [event.pk])
    geography = Geography.read()
    said = {each["id"]: each["by"] for each in document["access_effects"]}
    for effect in related(row, "effects"):
        # A document tells who decides an effect; its row only where that is not what the rule gives.
        if said[effect.number] != closed_by(row, effect, geography):
            effect.by = said[effect.number]
            effect.save()


def values_of(document: dict[str, Any]) -> dict[str, Any]:
    """A document of an event as an entry in the normal form of the data set, whose dates are dates."""
    return {
        "id": document["slug"],
        "date": day(document["date"]),
        "precision": document["date_precision"],
        "kind": document["kind"],
        "certainty": document["certainty"],
        "title": document["title"],
        "citations": [citation(each) for each in document["citations"]],
    } | filled(
        {
            "end_date": day(document["end_date"]),
            "summary": document["summary"],
            "body": document["body"],
            "companies": [{"slug": each["slug"], "role": each["role"]} for each in document["companies"]],
            "agencies": [each["slug"] for each in document["agencies"]],
            "countries": [{"code": each["code"], "role": each["role"]} for each in document["countries"]],
            "groups": [{"slug": each["slug"], "role": each["role"]} for each in document["groups"]],
            "products": [each["slug"] for each in document["products"]],
            "policies": [
                filled({"slug": each["slug"], "relation": each["relation"], "partial": each["partial"]})
                for each in document["policies"]
            ],
            "access": [effect(each) for each in document["access_effects"]],
            "follows": [{"id": each["event"], "relation": each["relation"]} for each in document["relations"]],
        }
    )


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def effect(each: dict[str, Any]) -> dict[str, Any]:
    return filled(
        {
            "id": each["id"],
            "product": each["product"],
            "country": each["country"],
            "group": each["group"],
            "except": each["except"],
            "status": each["status"],
            "from": day(each["effective_date"]),
            "precision": each["date_precision"] if each["date_precision"] != Precision.DAY else None,
            "until": day(each["until"]),
            "note": each["note"],
        }
    )


def citation(each: dict[str, Any]) -> dict[str, Any]:
    return filled(
        {
            "id": each["id"],
            "source": each["source"]["slug"],
            "stance": each["stance"],
            "locator": each["locator"],
            "text": each["quote"],
            "speaker": each["speaker"],
            "about": each["about"],
        }
    )


def keys_of(values: dict[str, Any]) -> writing.Keys:
    """The primary keys of all that an entry names, with a query for each type of record."""
    effects = values.get("access", ())
    named = {
        RecordType.COMPANY: [each["slug"] for each in values.get("companies", ())],
        RecordType.AGENCY: values.get("agencies", ()),
        RecordType.GROUP: [each["slug"] for each in values.get("groups", ())]
        + [each["group"] for each in effects if "group" in each],
        RecordType.PRODUCT: [*values.get("products", ()), *(each["product"] for each in effects)],
        RecordType.POLICY: [each["slug"] for each in values.get("policies", ())],
        RecordType.EVENT: [each["id"] for each in values.get("follows", ())],
        RecordType.SOURCE: [each["source"] for each in values["citations"]],
    }
    keys = writing.Keys()
    for record_type, slugs in named.items():
        wanted = set(slugs)
        if wanted:
            keys.read(record_type, wanted)
        if gone := sorted(wanted - {slug for kind, slug in keys.known if kind == record_type}):
            raise PublishingError(f"There is no {record_type.label.lower()} “{gone[0]}” any more.")
    return keys
