"""What the pages of companies, countries, policies, products and agencies say beside their events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from events.choices import CompanyKind, PolicyKind, ProductKind, RecordType
from events.lib.dates import today
from events.models import PublicDocument
from events.web.life import ends_of_suspensions, stage_on
from events.web.record import Document, Link, address_of, documents_of

MOST = 100
KINDS: dict[str, Any] = {
    RecordType.COMPANY.value: CompanyKind,
    RecordType.PRODUCT.value: ProductKind,
    RecordType.POLICY.value: PolicyKind,
}


@dataclass(frozen=True)
class Some:
    """The first records of a list, by name, and the address of all of them where there are more."""

    links: Sequence[Link]
    all: str = ""


def link(document: Document, note: str = "") -> Link:
    record_type = TYPE_OF_PATH[document["html_url"].split("/")[1]]
    key = document.get("slug") or document["code"]
    return Link(address_of(record_type, key), document.get("name") or document["title"], note)


TYPE_OF_PATH = {
    "companies": RecordType.COMPANY,
    "agencies": RecordType.AGENCY,
    "countries": RecordType.COUNTRY,
    "products": RecordType.PRODUCT,
    "policies": RecordType.POLICY,
    "events": RecordType.EVENT,
}


def kind_label(record_type: str, document: Document) -> str:
    kinds = KINDS.get(record_type)
    return _(kinds(document["kind"]).label) if kinds else ""


def note_of(record_type: str, document: Document, day: dt.date, ends: Mapping[str, dt.date]) -> str:
    """What a list says of a record beside its name: its kind; whose models it serves; what stage it has reached.

    `ends`: the last days of suspensions, by event.
    """
    kind = kind_label(record_type, document)
    if record_type == RecordType.POLICY:
        return ", ".join(filter(None, (kind, stage_on(document["stages"], day, ends).lower())))
    if record_type != RecordType.PRODUCT or not document["models_from"]:
        return kind
    by = _(" by %(name)s") % {"name": document["company"]["name"]} if document["company"] else ""
    return _("%(kind)s%(by)s, with %(name)s’s models") % {
        "kind": kind,
        "by": by,
        "name": document["models_from"]["name"],
    }


def some(records: QuerySet[PublicDocument], record_type: RecordType, all_at: str) -> Some:
    """The first of these records, with their kinds."""
    documents = documents_of(records[: MOST + 1])
    now = today()
    ends = ends_of_suspensions([stage for each in documents for stage in each.get("stages", ())])
    links = [link(each, note_of(record_type, each, now, ends)) for each in documents[:MOST]]
    return Some(links, all_at if len(documents) > MOST else "")


def list_address(record_type: RecordType, parameter: str, value: str) -> str:
    return f"{reverse(f'{record_type}-list')}?{parameter}={value}"


def country_link(country: dict[str, str] | None) -> Link | None:
    return Link(address_of(RecordType.COUNTRY, country["code"]), country["name"]) if country else None


def company_link(company: dict[str, str] | None) -> Link | None:
    return Link(address_of(RecordType.COMPANY, company["slug"]), company["name"]) if company else None


def route(document: Document) -> str:
    """Whose models a product leads to, in words; "" where it leads to those of its own maker, if to any."""
    if not document["models_from"]:
        return ""
    developer = document["models_from"]["name"]
    if not document["company"]:
        return _("Serves %(developer)s’s models.") % {"developer": developer}
    return _("Serves %(developer)s’s models through %(name)s.") % {
        "developer": developer,
        "name": document["company"]["name"],
    }
