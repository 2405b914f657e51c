"""What the pages of companies, countries, policies, products and agencies say beside their events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from events.choices import CompanyKind, OwnershipKind, PolicyKind, ProductKind, RecordType, Stage
from events.models import PublicDocument
from events.web import words
from events.web.record import Document, Link, address_of, documents_of, names_of

MOST = 100
KINDS: dict[str, Any] = {
    RecordType.COMPANY.value: CompanyKind,
    RecordType.PRODUCT.value: ProductKind,
    RecordType.POLICY.value: PolicyKind,
}
OWNS = {
    OwnershipKind.PARENT: "owns",
    OwnershipKind.JOINT_VENTURE: "has a joint venture in",
    OwnershipKind.INVESTOR: "invested in",
    OwnershipKind.OPERATOR: "operates",
}
OWNED_BY = {
    OwnershipKind.PARENT: "owned by",
    OwnershipKind.JOINT_VENTURE: "joint venture of",
    OwnershipKind.INVESTOR: "backed by",
    OwnershipKind.OPERATOR: "operated by",
}
STAGE_NOW = {
    Stage.ANNOUNCED: "Announced",
    Stage.PROPOSED: "Proposed, not adopted",
    Stage.ADOPTED: "Adopted, not yet in force",
    Stage.IN_FORCE: "In force",
    Stage.SUSPENDED: "Suspended",
    Stage.RESCINDED: "Rescinded",
    Stage.NEVER_TOOK_EFFECT: "Never took effect",
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
    return str(kinds(document["kind"]).label) if kinds else ""


def some(records: QuerySet[PublicDocument], record_type: RecordType, all_at: str) -> Some:
    """The first of these records, with their kinds."""
    documents = documents_of(records[: MOST + 1])
    links = [link(each, kind_label(record_type, each)) for each in documents[:MOST]]
    return Some(links, all_at if len(documents) > MOST else "")


def list_address(record_type: RecordType, parameter: str, value: str) -> str:
    return f"{reverse(f'{record_type}-list')}?{parameter}={value}"


def country_link(country: dict[str, str] | None) -> Link | None:
    return Link(address_of(RecordType.COUNTRY, country["code"]), country["name"]) if country else None


def company_link(company: dict[str, str] | None) -> Link | None:
    return Link(address_of(RecordType.COMPANY, company["slug"]), company["name"]) if company else None


def ownerships(document: Document) -> list[dict[str, Any]]:
    """Both ways, in words: "owned by Alphabet since 2015"."""
    found: list[dict[str, Any]] = []
    for rows, verbs in ((document["owned_by"], OWNED_BY), (document["owns"], OWNS)):
        found += [
            {
                "verb": verbs[OwnershipKind(row["kind"])],
                "link": company_link(row["company"]),
                "since": words.edtf_in_words(row["since"]) if row["since"] else "",
                "until": words.edtf_in_words(row["until"]) if row["until"] else "",
                "note": row["note"],
            }
            for row in rows
        ]
    return found


def stages(document: Document, day: dt.date) -> list[dict[str, Any]]:
    """A policy's stages in the order of their dates; those after `day` are scheduled."""
    names = names_of((RecordType.EVENT.value, stage["event"]) for stage in document["stages"])
    return [
        {
            "stage": stage["stage"],
            "label": Stage(stage["stage"]).label,
            "partial": stage["partial"],
            "date": stage["date"],
            "date_display": words.day_in_words(stage["date"], stage["date_precision"]),
            "scheduled": stage["date"] > day.isoformat(),
            "event": Link(
                address_of(RecordType.EVENT, stage["event"]),
                names.get((RecordType.EVENT.value, stage["event"]), stage["event"]),
            ),
        }
        for stage in document["stages"]
    ]


def current_stage(document: Document, day: dt.date) -> str:
    """The stage that a policy has reached on `day`, in words; "" where its events tell of none yet."""
    reached = [s for s in document["stages"] if not s["partial"] and s["date"] <= day.isoformat()]
    if not reached:
        return ""
    last = reached[-1]
    since = words.day_in_words(last["date"], last["date_precision"])
    preposition = "on" if last["date_precision"] == "day" else "in"
    stage = Stage(last["stage"])
    if stage in (Stage.IN_FORCE, Stage.SUSPENDED):
        return f"{STAGE_NOW[stage]} since {since}"
    return f"{STAGE_NOW[stage]} ({preposition} {since})"


def lead_time(document: Document) -> str:
    """How long it took from the first announcement, proposal or adoption to the first day in force, in words.

    Counted only between two exact days: of anything vaguer a number of days would say more than is known.
    """
    full = [stage for stage in document["stages"] if not stage["partial"]]
    starts = [s for s in full if s["stage"] in (Stage.ANNOUNCED, Stage.PROPOSED, Stage.ADOPTED)]
    in_force = [s for s in full if s["stage"] == Stage.IN_FORCE]
    if not starts or not in_force or starts[0]["date"] > in_force[0]["date"]:
        return ""
    first, force = starts[0], in_force[0]
    if first["date_precision"] != "day" or force["date_precision"] != "day":
        return ""
    days = (dt.date.fromisoformat(force["date"]) - dt.date.fromisoformat(first["date"])).days
    began = {Stage.ANNOUNCED: "announcement", Stage.PROPOSED: "proposal", Stage.ADOPTED: "adoption"}
    return f"{words.count_in_words(days, 'day', 'days')} from {began[Stage(first['stage'])]} to effect"


def route(document: Document) -> str:
    """Whose models a product leads to, in words; "" where it leads to those of its own maker, if to any."""
    if not document["models_from"]:
        return ""
    developer = document["models_from"]["name"]
    if not document["company"]:
        return f"Serves {developer}’s models."
    return f"Serves {developer}’s models through {document['company']['name']}."
