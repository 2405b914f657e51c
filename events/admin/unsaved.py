"""An event as its form has been filled in, with all that hangs on it, and nothing saved."""

from __future__ import annotations

import copy
from typing import Any

from django.http import HttpRequest

from events.documents import working_document
from events.lib.related import related
from events.models import Event, EventProduct

NEEDED = {
    "company_links": "company_id",
    "agency_links": "agency_id",
    "country_links": "country_id",
    "group_links": "group_id",
    "product_links": "product_id",
    "policy_links": "policy_id",
    "relation_links": "earlier_id",
    "effects": "product_id",
    "citations": "source_id",
}
NUMBERED = ("effects", "citations")


def filled_in(admin: Any, request: HttpRequest, obj: Event | None) -> Event:
    """The event of a posted form: rules and documents read its rows as those of a saved one.

    A field or a row that is not valid yet stands as it was, or is left out.
    """
    form_class = admin.get_form(request, obj, change=obj is not None)
    form = form_class(request.POST, request.FILES, instance=copy.copy(obj) if obj else Event())
    form.is_valid()
    formsets, _ = admin._create_formsets(request, form.instance, change=obj is not None)
    return of_forms(form, formsets)


def of_forms(form: Any, formsets: Any) -> Event:
    """The same of a form and of its formsets, whether they are valid or not."""
    event: Event = copy.copy(form.instance)
    cache: dict[str, list[Any]] = {}
    for formset in formsets:
        name = formset.fk.remote_field.get_accessor_name()
        cache[name] = [row for each in formset.forms if (row := row_of(each, event, NEEDED[name])) is not None]
        if name in NUMBERED:
            number_anew(cache[name])
    named = {link.product_id for link in cache["product_links"]}
    for effect in cache["effects"]:  # as saving does
        if effect.product_id and effect.product_id not in named:
            named.add(effect.product_id)
            cache["product_links"].append(EventProduct(event=event, product=effect.product))
    event._prefetched_objects_cache = cache  # type: ignore[attr-defined]
    return event


def row_of(form: Any, event: Event, needed: str) -> Any:
    """The row of an inline form; None: it is empty, to be deleted, or does not yet say what it ties the event to.

    A citation may name its source by an address alone.
    """
    form.is_valid()
    cleaned = getattr(form, "cleaned_data", {})
    if cleaned.get("DELETE") or (not form.has_changed() and form.instance.pk is None):
        return None
    if not getattr(form.instance, needed) and not ("url" in form.fields and form["url"].value()):
        return None
    row = copy.copy(form.instance)
    row.event = event
    return row


def number_anew(rows: list[Any]) -> None:
    """Give rows that are not saved yet numbers behind those that are."""
    highest = max((row.number or 0 for row in rows), default=0)
    for row in rows:
        if not row.number:
            highest += 1
            row.number = highest


def document_of(event: Event) -> dict[str, Any]:
    """What the document of such an event would be; rows that name nothing yet are left out."""
    whole = copy.copy(event)
    whole._prefetched_objects_cache = {  # type: ignore[attr-defined]
        name: [row for row in related(event, name) if getattr(row, needed) and is_whole(row)]
        for name, needed in NEEDED.items()
    }
    return working_document(whole)


def is_whole(row: Any) -> bool:
    """Whether an effect has what its document needs."""
    if not hasattr(row, "effective_date"):
        return True
    return bool(row.effective_date and (row.country_id or row.group_id))
