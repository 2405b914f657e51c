"""Finding documents of the public record for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from events.choices import RecordType, State
from events.models import PublicDocument
from events.web.words import country_names

Document = dict[str, Any]
PAGES = (
    RecordType.EVENT,
    RecordType.COMPANY,
    RecordType.AGENCY,
    RecordType.COUNTRY,
    RecordType.PRODUCT,
    RecordType.POLICY,
)


@dataclass(frozen=True)
class Link:
    """A record as an event names it."""

    address: str
    name: str
    note: str = ""


class Merged(Exception):
    """The record turned out to be another one, which has the page."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def address_of(record_type: str, key: str) -> str:
    """The path of a record's page; of a country group, which has none, that of the events that name it; else ""."""
    if record_type in PAGES:
        return reverse(f"{record_type}-detail", args=[key])
    return f"{reverse('timeline')}?group={key}" if record_type == RecordType.GROUP else ""


def page_of_country(code: str) -> str:
    """The path of a country's page, "" where nothing that is public names the country: it has none then."""
    is_public = PublicDocument.objects.of_type(RecordType.COUNTRY).filter(key=code).exists()
    return address_of(RecordType.COUNTRY, code) if is_public else ""


def find(record_type: RecordType, key: str) -> tuple[PublicDocument, Document]:
    """A record and its newest document. Raises Http404 where it is not public, Merged where it became another one."""
    current = PublicDocument.objects.of_type(record_type).filter(key=key).with_document().first()
    if current is None or current.change.document is None:
        raise Http404
    document = orjson.loads(current.change.document)
    if document.get("state") == State.MERGED:
        raise Merged(address_of(record_type, document["merged_into"]))
    return current, document


def documents_of(current: QuerySet[PublicDocument]) -> list[Document]:
    """Their documents, in their order."""
    return [orjson.loads(text) for text in current.values_list("change__document", flat=True) if text]


def listed(record_type: RecordType, keys: Iterable[str] | QuerySet[Any, Any]) -> QuerySet[PublicDocument]:
    """The listed records among these, in the order of their names; `keys` may be a query that selects them."""
    return PublicDocument.objects.of_type(record_type).listed().filter(key__in=keys).order_by("name", "key")


def names_of(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of records by type and key, in at most one query; what is not public is absent."""
    found: dict[tuple[str, str], str] = {}
    wanted: dict[str, set[str]] = {}
    for record_type, key in keys:
        if record_type == RecordType.COUNTRY:
            if key in country_names():
                found[record_type, key] = country_names()[key]
        else:
            wanted.setdefault(record_type, set()).add(key)
    if wanted:
        any_of = reduce(or_, (Q(type=record_type, key__in=sorted(each)) for record_type, each in wanted.items()))
        for record_type, key, name in PublicDocument.objects.filter(any_of).values_list("type", "key", "name"):
            found[record_type, key] = name
    return found


def names_in(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The names that an event's document gives of what its effects refer to."""
    found = {(RecordType.PRODUCT.value, each["slug"]): each["name"] for each in document["products"]}
    found |= {(RecordType.GROUP.value, each["slug"]): each["name"] for each in document["groups"]}
    return found


def names_missing(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What an event's effects refer to without its document giving a name."""
    needed = {(RecordType.PRODUCT.value, effect["product"]) for effect in document["access_effects"]}
    needed |= {(RecordType.GROUP.value, effect["group"]) for effect in document["access_effects"] if effect["group"]}
    return needed - names_in(document).keys() if needed else needed
