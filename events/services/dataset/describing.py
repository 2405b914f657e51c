"""Rows of the record as entries in normal form: what a file would have to say to make them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from events.choices import Precision, RecordType, State
from events.documents import type_of
from events.lib.dates import edtf
from events.lib.urls import source_slug
from events.models import Agency, Citation, Company, CountryGroup, Event, Ownership, Policy, Product, Publisher, Source
from events.services.dataset.reading import DEFAULTS, without_usual_ids


def describe(row: Any) -> dict[str, Any]:
    """The normal form of a row that `events.documents.prefetched` has loaded; empty values are left out."""
    return filled(DESCRIBERS[type_of(row)](row))


def describe_whole(event: Event) -> dict[str, Any]:
    """The same of an event as it stands on the desk: its relations to what is not public are among the others."""
    return filled(describe_event(event, whole=True))


def filled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in ("", None, [], False)}


def aliases(row: Any) -> list[str]:
    return [alias.name for alias in row.aliases.all()]


def merged_into(row: Any) -> str | None:
    return row.merged_into.slug if row.merged_into_id else None


def describe_group(row: CountryGroup) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "issuer": row.issuer.slug if row.issuer else None,
        "citation": row.citation,
        "url": row.official_url,
        "members": [
            filled({"code": member.country_id, "since": member.since, "until": member.until})
            for member in row.memberships.all()
        ],
        "checked": row.checked,
        "note": row.note,
    }


def describe_agency(row: Agency) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "short": row.short,
        "aliases": aliases(row),
        "country": row.country_id,
        "group": row.group.slug if row.group else None,
        "merged_into": merged_into(row),
    }


def describe_company(row: Company) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "aliases": aliases(row),
        "country": row.country_id,
        "kind": row.kind,
        "merged_into": merged_into(row),
        "ownerships": [describe_ownership(ownership) for ownership in row.owns.all()],
    }


def describe_ownership(row: Ownership) -> dict[str, Any]:
    return filled(
        {
            "owned": row.owned.slug,
            "kind": row.kind,
            "since": row.since and edtf(row.since, row.since_precision),
            "until": row.until and edtf(row.until, row.until_precision),
            "note": row.note,
        }
    )


def describe_product(row: Product) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "aliases": aliases(row),
        "company": row.company.slug if row.company else None,
        "kind": row.kind,
        "models_from": row.models_from.slug if row.models_from else None,
        "merged_into": merged_into(row),
    }


def describe_policy(row: Policy) -> dict[str, Any]:
    assert row.issuer
    return {
        "slug": row.slug,
        "title": row.title,
        "aliases": aliases(row),
        "kind": row.kind,
        "issuer": row.issuer.slug,
        "country": row.country_id,
        "citation": row.citation,
        "url": row.official_url,
        "merged_into": merged_into(row),
    }


def describe_publisher(row: Publisher) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "kind": row.kind,
        "country": row.country_id,
        "group": row.group.slug if row.group else None,
        "merged_into": merged_into(row),
    }


def describe_source(row: Source) -> dict[str, Any]:
    return {
        "publisher": row.publisher.slug,
        "title": row.title,
        "url": row.url,
        "slug": row.slug if row.slug != source_slug(row.url) else None,
        "date": row.published,
        "authors": row.authors,
        "language": row.language,
        "tier": row.tier,
        "paywalled": row.paywalled,
        "relays": row.relays.slug if row.relays else None,
        "archive": row.archive_url,
        "merged_into": merged_into(row),
    }


def describe_event(row: Event, *, whole: bool = False) -> dict[str, Any]:
    """`whole`: with its relations to events that are not public, too."""
    effects = [effect.number for effect in row.effects.all()]
    citations = [citation.number for citation in row.citations.all()]
    return {
        "id": row.slug,
        "date": row.date,
        "precision": row.date_precision,
        "end_date": row.end_date,
        "kind": row.kind,
        "certainty": row.certainty,
        "title": row.title,
        "summary": row.summary,
        "body": row.body,
        "companies": [{"slug": link.company.slug, "role": link.role} for link in row.company_links.all()],
        "agencies": [link.agency.slug for link in row.agency_links.all()],
        "countries": [{"code": link.country_id, "role": link.role} for link in row.country_links.all()],
        "groups": [{"slug": link.group.slug, "role": link.role} for link in row.group_links.all()],
        "products": [link.product.slug for link in row.product_links.all()],
        "policies": [
            filled({"slug": link.policy.slug, "relation": link.relation, "partial": link.partial})
            for link in row.policy_links.all()
        ],
        "access": [describe_effect(effect) for effect in row.effects.all()],
        "follows": [
            {"id": link.earlier.slug, "relation": link.relation}
            for link in row.relation_links.all()
            if whole or link.earlier.is_public
        ],
        "citations": without_usual_ids([describe_citation(citation) for citation in row.citations.all()]),
        # The highest ids ever given, where they cannot be seen: none is given twice.
        "numbered": filled(
            {
                "access": row.effects_numbered if row.effects_numbered > max(effects, default=0) else None,
                "sources": row.citations_numbered if row.citations_numbered > max(citations, default=0) else None,
            }
        )
        or None,
        "retracted": (
            {"on": row.retracted_on, "reason": row.retraction_reason} if row.state == State.RETRACTED else None
        ),
        "redirects": [merged.slug for merged in row.merged_from.all()],
        "checked": row.checked,
        "theme": row.theme,
    }


def describe_effect(row: Any) -> dict[str, Any]:
    return filled(
        {
            "id": row.number,
            "product": row.product.slug,
            "country": row.country_id,
            "group": row.group.slug if row.group else None,
            "except": row.exceptions,
            "status": row.status,
            "from": row.effective_date,
            "precision": row.date_precision if row.date_precision != Precision.DAY else None,
            "until": row.until,
            "by": row.by,
            "note": row.note,
        }
    )


def describe_citation(row: Citation) -> dict[str, Any]:
    values = {
        "source": row.source.slug,
        "stance": row.stance,
        "locator": row.locator,
        "id": row.number,
        "text": row.quote,
        "speaker": row.speaker,
        "about": f"effect:{row.effect.number}" if row.effect else row.about,
    }
    return filled({key: value for key, value in values.items() if value != DEFAULTS.get(key)})


DESCRIBERS: dict[RecordType, Callable[[Any], dict[str, Any]]] = {
    RecordType.GROUP: describe_group,
    RecordType.AGENCY: describe_agency,
    RecordType.COMPANY: describe_company,
    RecordType.PRODUCT: describe_product,
    RecordType.POLICY: describe_policy,
    RecordType.PUBLISHER: describe_publisher,
    RecordType.SOURCE: describe_source,
    RecordType.EVENT: describe_event,
}
