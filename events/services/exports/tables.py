"""The newest state of the record in long form: which tables there are. A list in a document is a table of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from events.choices import RecordType
from events.documents import reference
from events.documents.events import (
    CitationDocument,
    EffectDocument,
    EventAgencyDocument,
    EventCompanyDocument,
    EventCountryDocument,
    EventDocument,
    EventGroupDocument,
    EventPolicyDocument,
    EventProductDocument,
    EventRelationDocument,
    MergedDocument,
    RetractionDocument,
)
from events.services.exports.columns import (
    Column,
    Table,
    columns,
    key_of,
    list_in,
    of,
    of_effects,
    texts_in,
    thirds,
)

EVENT = key_of("events", "event", "Slug of the event")
COMPANY = key_of("companies", "company", "Slug of the company")
EFFECT = Column("effect", ("effect",), "integer", "id of the effect in that event", is_required=True)
POSITION = Column("position", ("position",), "integer", "Its place in the list, from 1", is_required=True)
ADDRESSES = ("revision", "url", "html_url")


def aliases(table: str, record_type: RecordType) -> Table:
    name = record_type.value
    return Table(
        f"{name}_aliases",
        record_type,
        f"Other names of {table}, by which they are found",
        (Column("alias", ("alias",), "string", "Another name", is_required=True),),
        (name, "alias"),
        key_of(table, name, f"Slug of the {name}"),
        texts_in("aliases", "alias"),
    )


EVENTS = (
    Table(
        "events",
        RecordType.EVENT,
        "Published events: what happened, when, and since when it is known. Retracted ones stand in retracted_events",
        columns(
            EventDocument, "slug", "title", "summary", "body", "kind", "certainty", "direction", "date",
            "date_precision", "end_date", "edtf", "date_display", "reported_on", "reported_on_basis",
            "independent_origins", "published_at", "updated_at", *ADDRESSES,
        ),
        ("slug",),
    ),
    Table(
        "event_companies", RecordType.EVENT, "Companies of events, and what they are to them",
        (
            *of("companies", *columns(EventCompanyDocument, "slug as company")),
            *columns(EventCompanyDocument, "name", "role"),
        ),
        ("event", "company"), EVENT, list_in("companies"),
    ),
    Table(
        "event_agencies", RecordType.EVENT, "Agencies that acted in events",
        (*of("agencies", *columns(EventAgencyDocument, "slug as agency")), *columns(EventAgencyDocument, "name")),
        ("event", "agency"), EVENT, list_in("agencies"),
    ),
    Table(
        "event_countries", RecordType.EVENT, "Countries of events that are named themselves; groups stand apart",
        (
            *of("countries", *columns(EventCountryDocument, "code as country")),
            *columns(EventCountryDocument, "name", "role"),
        ),
        ("event", "country"), EVENT, list_in("countries"),
    ),
    Table(
        "event_groups", RecordType.EVENT, "Country groups of events; group_members tells who belongs to them, and when",
        (
            *of("groups", *columns(EventGroupDocument, "slug as group")),
            *columns(EventGroupDocument, "name", "role"),
        ),
        ("event", "group"), EVENT, list_in("groups"),
    ),
    Table(
        "event_products", RecordType.EVENT, "Products that events are about",
        (*of("products", *columns(EventProductDocument, "slug as product")), *columns(EventProductDocument, "name")),
        ("event", "product"), EVENT, list_in("products"),
    ),
    Table(
        "event_policies", RecordType.EVENT, "Rules of events, and what these do to them",
        (
            *of("policies", *columns(EventPolicyDocument, "slug as policy")),
            *columns(EventPolicyDocument, "title", "relation", "partial"),
        ),
        ("event", "policy"), EVENT, list_in("policies"),
    ),
    Table(
        "event_relations", RecordType.EVENT, "Earlier events that events follow from",
        (
            *columns(EventRelationDocument, "relation"),
            *of("events", *columns(EventRelationDocument, "event as earlier")),
        ),
        ("event", "earlier"), EVENT, list_in("relations"),
    ),
    Table(
        "event_effects", RecordType.EVENT, "What events change about who may use what, where",
        (
            *columns(EffectDocument, "id"),
            *of("products", *columns(EffectDocument, "product")),
            *of("countries", *columns(EffectDocument, "country")),
            *of("groups", *columns(EffectDocument, "group")),
            *columns(
                EffectDocument, "status", "effective_date", "date_precision", "until", "reported_on",
                "reported_on_basis", "note",
            ),
        ),
        ("event", "id"), EVENT, list_in("access_effects"),
    ),
    Table(
        "event_effect_deciders", RecordType.EVENT, "Who decides an effect",
        (EFFECT, Column("by", ("by",), "string", "Who decides it", is_required=True)),
        ("event", "effect", "by"), EVENT, of_effects("by", "by"),
    ),
    Table(
        "event_effect_exceptions", RecordType.EVENT, "Countries of a group that an effect leaves out",
        (EFFECT, key_of("countries", "country", "ISO 3166-1 alpha-2", "country")),
        ("event", "effect", "country"), EVENT, of_effects("except", "country"),
    ),
    Table(
        "event_citations", RecordType.EVENT, "The evidence of events; quotations are their authors'",
        (
            *columns(CitationDocument, "id"),
            *of("sources", *columns(CitationDocument, "source.slug as source")),
            *thirds(*columns(CitationDocument, "quote")),
            *columns(CitationDocument, "speaker", "locator", "stance", "about"),
        ),
        ("event", "id"), EVENT, list_in("citations"),
    ),
    Table(
        "retracted_events", RecordType.EVENT, "Events that were retracted: leave them out of what you hold",
        (
            *columns(EventDocument, "slug", "title", "date"),
            *(
                replace(each, path=("retraction", *each.path))
                for each in columns(RetractionDocument, "on as retracted_on", "reason")
            ),
            *columns(EventDocument, "revision"),
        ),
        ("slug",), state="retracted",
    ),
)  # fmt: skip

ACTORS = (
    Table(
        "companies", RecordType.COMPANY, "Companies",
        (
            *columns(reference.CompanyDocument, "slug", "name", "kind"),
            *of("countries", *columns(reference.CompanyDocument, "country.code as country")),
            *columns(reference.CompanyDocument, *ADDRESSES),
        ),
        ("slug",),
    ),
    aliases("companies", RecordType.COMPANY),
    Table(
        "company_owners", RecordType.COMPANY, "Who owns or owned companies, and how; dates are EDTF",
        (
            *of("companies", *columns(reference.OwnedByDocument, "company.slug as owner")),
            *columns(reference.OwnedByDocument, "kind", "since", "until", "note"),
        ),
        (), COMPANY, list_in("owned_by"),
    ),
    Table(
        "agencies", RecordType.AGENCY, "Government bodies, regulators, courts and international organizations",
        (
            *columns(reference.AgencyDocument, "slug", "name", "short"),
            *of("countries", *columns(reference.AgencyDocument, "country.code as country")),
            *of("groups", *columns(reference.AgencyDocument, "group.slug as group")),
            *columns(reference.AgencyDocument, *ADDRESSES),
        ),
        ("slug",),
    ),
    aliases("agencies", RecordType.AGENCY),
    Table(
        "countries", RecordType.COUNTRY, "Countries and areas of ISO 3166-1; names imply no view on status",
        (
            *columns(reference.CountryDocument, "code", "alpha3", "name"),
            *columns(reference.CountryDocument, "region.code as region_code", "region.name as region"),
            *columns(reference.CountryDocument, *ADDRESSES),
        ),
        ("code",),
    ),
    Table(
        "groups", RecordType.GROUP, "Named sets of countries",
        (
            *columns(reference.GroupDocument, "slug", "name"),
            *of("agencies", *columns(reference.GroupDocument, "issuer.slug as issuer")),
            *columns(reference.GroupDocument, "citation", "official_url", "note", "is_world", "revision", "url"),
        ),
        ("slug",),
    ),
    Table(
        "group_members", RecordType.GROUP, "Who belongs to a group, from when to when; the world lists none",
        (
            *of("countries", *columns(reference.MembershipDocument, "code as country")),
            *columns(reference.MembershipDocument, "name", "since", "until"),
        ),
        (), key_of("groups", "group", "Slug of the group"), list_in("members"),
    ),
)  # fmt: skip

RULES = (
    Table(
        "products", RecordType.PRODUCT, "What is accessed: each product is one route to its developer's models",
        (
            *columns(reference.ProductDocument, "slug", "name", "kind"),
            *of("companies", *columns(reference.ProductDocument, "company.slug as company")),
            *of("companies", *columns(reference.ProductDocument, "models_from.slug as models_from")),
            *columns(reference.ProductDocument, *ADDRESSES),
        ),
        ("slug",),
    ),
    aliases("products", RecordType.PRODUCT),
    Table(
        "policies", RecordType.POLICY, "Rules of any kind",
        (
            *columns(
                reference.PolicyDocument, "slug", "title", "kind", "issuer.type as issuer_type", "issuer.slug as issuer"
            ),
            *of("countries", *columns(reference.PolicyDocument, "country.code as country")),
            *columns(reference.PolicyDocument, "citation", "official_url", *ADDRESSES),
        ),
        ("slug",),
    ),
    aliases("policies", RecordType.POLICY),
    Table(
        "policy_stages", RecordType.POLICY, "The stages of rules, derived from events",
        (
            *columns(reference.StageDocument, "stage", "partial", "date", "date_precision", "edtf"),
            *of("events", *columns(reference.StageDocument, "event")),
        ),
        (), key_of("policies", "policy", "Slug of the policy"), list_in("stages"),
    ),
)  # fmt: skip

EVIDENCE = (
    Table(
        "publishers", RecordType.PUBLISHER, "Who publishes sources",
        (
            *columns(reference.PublisherDocument, "slug", "name", "kind"),
            *of("countries", *columns(reference.PublisherDocument, "country.code as country")),
            *of("groups", *columns(reference.PublisherDocument, "group.slug as group")),
            *columns(reference.PublisherDocument, "revision", "url"),
        ),
        ("slug",),
    ),
    Table(
        "sources", RecordType.SOURCE, "Documents that are cited, each at one address; titles are their authors'",
        (
            *columns(reference.SourceDocument, "slug", "page_url", "normalized_url"),
            *thirds(*columns(reference.SourceDocument, "title")),
            *of("publishers", *columns(reference.SourceDocument, "publisher.slug as publisher")),
            *columns(reference.SourceDocument, "language", "published", "tier", "paywalled"),
            *of("publishers", *columns(reference.SourceDocument, "relays.slug as relays")),
            *columns(reference.SourceDocument, "archive_url", "link_status", "link_status_since", "revision", "url"),
        ),
        ("slug",),
    ),
    Table(
        "source_authors", RecordType.SOURCE, "Who wrote sources",
        (Column("author", ("author",), "string", "Name of the author", is_required=True), POSITION),
        ("source", "position"), key_of("sources", "source", "The source, in the record"), texts_in("authors", "author"),
    ),
)  # fmt: skip

MERGED = Table(
    "merged_records", None, "Records that turned out to be others: what their slugs stand for now",
    (
        Column(
            "type", ("type",), "string", "Type of the record", is_required=True, words=tuple(RecordType.values)
        ),
        *columns(MergedDocument, "slug", "merged_into"),
    ),
    ("type", "slug"), state="merged",
)  # fmt: skip

TABLES: Sequence[Table] = (*EVENTS, *ACTORS, *RULES, *EVIDENCE, MERGED)
