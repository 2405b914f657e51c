"""What the record's companies, agencies, products, policies, groups and publishers are called, for `events.ingest`."""

from __future__ import annotations

from typing import Any

from events.ingest.called import Named
from events.ingest.names import Vocabulary
from events.models import Agency, Company, CountryGroup, Policy, Product, Publisher
from events.models.naming import title_of


def vocabulary() -> Vocabulary:
    """Of all records, drafts included, but for those merged into others: one query a table."""
    return Vocabulary(
        [
            *named("company", Company.objects.filter(merged_into=None).prefetch_related("aliases")),
            *named("agency", Agency.objects.filter(merged_into=None).prefetch_related("aliases")),
            *named(
                "product",
                Product.objects.filter(merged_into=None).select_related("company").prefetch_related("aliases"),
            ),
            *named("policy", Policy.objects.filter(merged_into=None).prefetch_related("aliases")),
            *named("group", CountryGroup.objects.all()),
            *named("publisher", Publisher.objects.filter(merged_into=None)),
        ]
    )


def named(kind: str, rows: Any) -> list[Named]:
    found = []
    for row in rows.order_by("pk"):
        names = [getattr(row, title_of(type(row)))]
        names += [alias.name for alias in row.aliases.all()] if hasattr(row, "aliases") else []
        found.append(
            Named(
                kind,
                row.slug,
                tuple(names + citations(row)),
                country=(getattr(row, "country_id", "") or "") if kind == "agency" else "",
                maker=row.company.slug if kind == "product" and row.company else "",
                short=row.short if kind == "agency" else "",
                sort=row.kind if kind == "publisher" else "",
            )
        )
    return found


def citations(row: Any) -> list[str]:
    """A rule is spoken of by where it is printed, too: each of "EO 14105; 88 FR 54867"."""
    return [part.strip() for part in getattr(row, "citation", "").split(";") if part.strip()]
