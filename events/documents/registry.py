"""Which type of record has which model and document, what a document reads, and what embeds what."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Prefetch

from events.choices import RecordType
from events.documents.base import Document
from events.documents.events import EventDocument
from events.documents.reference import (
    AgencyDocument,
    CompanyDocument,
    CountryDocument,
    GroupDocument,
    PolicyDocument,
    ProductDocument,
    PublisherDocument,
    SourceDocument,
)
from events.models import (
    AccessEffect,
    Agency,
    Citation,
    Company,
    Country,
    CountryGroup,
    Event,
    EventRelation,
    Policy,
    Product,
    Publisher,
    Source,
)
from events.queries.stages import stage_links

MODELS: dict[RecordType, type[models.Model]] = {
    RecordType.COUNTRY: Country,
    RecordType.GROUP: CountryGroup,
    RecordType.AGENCY: Agency,
    RecordType.COMPANY: Company,
    RecordType.PRODUCT: Product,
    RecordType.POLICY: Policy,
    RecordType.PUBLISHER: Publisher,
    RecordType.SOURCE: Source,
    RecordType.EVENT: Event,
}
TYPES: dict[type[models.Model], RecordType] = {model: record_type for record_type, model in MODELS.items()}
SERIALIZERS: dict[RecordType, type[Document]] = {
    RecordType.COUNTRY: CountryDocument,
    RecordType.GROUP: GroupDocument,
    RecordType.AGENCY: AgencyDocument,
    RecordType.COMPANY: CompanyDocument,
    RecordType.PRODUCT: ProductDocument,
    RecordType.POLICY: PolicyDocument,
    RecordType.PUBLISHER: PublisherDocument,
    RecordType.SOURCE: SourceDocument,
    RecordType.EVENT: EventDocument,
}
# What a document reads of other rows: loaded for a whole batch at once.
READS: dict[RecordType, tuple[str | Prefetch[Any], ...]] = {
    RecordType.COUNTRY: (),
    RecordType.GROUP: ("issuer", "memberships__country"),
    RecordType.AGENCY: ("aliases", "country", "group"),
    RecordType.COMPANY: ("aliases", "country", "owns__owned", "owned_by__owner"),
    RecordType.PRODUCT: ("aliases", "company", "models_from"),
    RecordType.POLICY: ("aliases", "agency", "company", "country", stage_links()),
    RecordType.PUBLISHER: ("country", "group"),
    RecordType.SOURCE: ("publisher", "relays", "link_check"),
    RecordType.EVENT: (
        "company_links__company",
        "agency_links__agency",
        "country_links__country",
        "group_links__group",
        "product_links__product",
        "policy_links__policy",
        Prefetch("relation_links", EventRelation.objects.select_related("earlier")),
        Prefetch("effects", AccessEffect.objects.select_related("product", "country", "group")),
        Prefetch("citations", Citation.objects.select_related("effect", "source__publisher", "source__relays")),
    ),
}
# Which documents embed or derive from which records, as the lookup that finds them: the reissue table.
# Changing a record of the left has the documents on the right made anew.
EMBEDDED_IN: dict[RecordType, tuple[tuple[RecordType, str], ...]] = {
    RecordType.COUNTRY: (
        (RecordType.GROUP, "memberships__country"),
        (RecordType.AGENCY, "country"),
        (RecordType.COMPANY, "country"),
        (RecordType.POLICY, "country"),
        (RecordType.PUBLISHER, "country"),
        (RecordType.EVENT, "country_links__country"),
    ),
    RecordType.GROUP: (  # names, and whether an effect is one of the place's own government
        (RecordType.AGENCY, "group"),
        (RecordType.PUBLISHER, "group"),
        (RecordType.EVENT, "group_links__group"),
        (RecordType.EVENT, "effects__group"),
        (RecordType.EVENT, "agency_links__agency__group"),
    ),
    RecordType.AGENCY: (
        (RecordType.GROUP, "issuer"),
        (RecordType.POLICY, "agency"),
        (RecordType.EVENT, "agency_links__agency"),
    ),
    RecordType.COMPANY: (  # names, and whether it or its owner is the provider
        (RecordType.COMPANY, "owns__owned"),
        (RecordType.COMPANY, "owned_by__owner"),
        (RecordType.PRODUCT, "company"),
        (RecordType.PRODUCT, "models_from"),
        (RecordType.POLICY, "company"),
        (RecordType.EVENT, "company_links__company"),
        (RecordType.EVENT, "company_links__company__owned_by__owner"),
    ),
    RecordType.PRODUCT: ((RecordType.EVENT, "product_links__product"), (RecordType.EVENT, "effects__product")),
    RecordType.POLICY: ((RecordType.EVENT, "policy_links__policy"),),
    RecordType.PUBLISHER: (
        (RecordType.SOURCE, "publisher"),
        (RecordType.SOURCE, "relays"),
        (RecordType.EVENT, "citations__source__publisher"),
        (RecordType.EVENT, "citations__source__relays"),
    ),
    RecordType.SOURCE: ((RecordType.EVENT, "citations__source"),),
    RecordType.EVENT: ((RecordType.EVENT, "relation_links__earlier"), (RecordType.POLICY, "event_links__event")),
}
