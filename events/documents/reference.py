"""Documents of what events refer to: who, where, what, under which rule, and who says so."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from events.choices import (
    CompanyKind,
    OwnershipKind,
    PolicyKind,
    Precision,
    ProductKind,
    PublisherKind,
    RecordType,
    Stage,
    Tier,
)
from events.documents.base import Addressed, CountryRef, Document, Named, Reader, WithAliases
from events.lib.dates import edtf
from events.models import Agency, Ownership, Policy, Source
from events.queries.stages import stages


class RegionDocument(Document):
    code = serializers.CharField(source="region_code", help_text="UN M49")
    name = serializers.CharField(source="region")


class CountryDocument(Document):
    code = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    alpha3 = serializers.CharField(help_text="ISO 3166-1 alpha-3")
    name = serializers.CharField(help_text="Short English name (CLDR)")
    region = RegionDocument(source="*")
    url = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    revision = serializers.SerializerMethodField()

    get_url, get_html_url, get_revision = (Addressed.get_url, Addressed.get_html_url, Addressed.get_revision)

    def reader(self, field: serializers.Field[Any, Any, Any, Any]) -> Reader:
        if field.source == "*":
            return self.fields["region"].to_representation
        return super().reader(field)


class MembershipDocument(Document):
    code = serializers.CharField(source="country_id")
    name = serializers.CharField(source="country.name")
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True, help_text="The first day outside")


class GroupDocument(Addressed):
    name = serializers.CharField()
    issuer = Named(allow_null=True)
    citation = serializers.CharField(allow_blank=True)
    official_url = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    is_world = serializers.BooleanField(help_text="Every country; the list of members is then empty")
    members = MembershipDocument(source="memberships", many=True)

    def get_html_url(self, row: Any) -> None:
        return None


class AgencyDocument(Addressed, WithAliases):
    name = serializers.CharField()
    short = serializers.CharField(allow_blank=True)
    country = CountryRef(allow_null=True)
    group = Named(allow_null=True)


class OwnershipDocument(Document):
    kind = serializers.ChoiceField(choices=OwnershipKind.choices)
    company = serializers.SerializerMethodField()
    since = serializers.SerializerMethodField(help_text="EDTF: a day, month or year")
    until = serializers.SerializerMethodField(help_text="EDTF; the first day, month or year without")
    note = serializers.CharField(allow_blank=True)

    other = "owned"

    def get_company(self, row: Ownership) -> dict[str, str]:
        company = getattr(row, self.other)
        return {"slug": company.slug, "name": company.name}

    def get_since(self, row: Ownership) -> str | None:
        return edtf(row.since, row.since_precision) if row.since else None

    def get_until(self, row: Ownership) -> str | None:
        return edtf(row.until, row.until_precision) if row.until else None


class OwnedByDocument(OwnershipDocument):
    other = "owner"


class CompanyDocument(Addressed, WithAliases):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=CompanyKind.choices)
    country = CountryRef(allow_null=True, help_text="Of the headquarters")
    owns = OwnershipDocument(many=True)
    owned_by = OwnedByDocument(many=True)


class ProductDocument(Addressed, WithAliases):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ProductKind.choices)
    company = Named(allow_null=True, help_text="null: goods of many makers")
    models_from = Named(
        allow_null=True, help_text="The developer whose models it serves, where that is another company"
    )


class StageDocument(Document):
    stage = serializers.ChoiceField(choices=Stage.choices)
    partial = serializers.BooleanField(help_text="Some places or provisions only; moves nothing")
    date = serializers.DateField()
    date_precision = serializers.ChoiceField(choices=Precision.choices)
    edtf = serializers.CharField()
    event = serializers.CharField(help_text="Slug of the event that it derives from")


class IssuerDocument(Document):
    type = serializers.ChoiceField(choices=[RecordType.AGENCY.value, RecordType.COMPANY.value])
    slug = serializers.CharField()
    name = serializers.CharField()


class PolicyDocument(Addressed, WithAliases):
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=PolicyKind.choices)
    issuer = serializers.SerializerMethodField()
    country = CountryRef(allow_null=True, help_text="Of the issuer")
    citation = serializers.CharField(allow_blank=True)
    official_url = serializers.CharField(allow_blank=True)
    stages = serializers.SerializerMethodField(
        help_text="All stages with their dates; which is current depends on the day"
    )

    def get_issuer(self, row: Policy) -> dict[str, str]:
        issuer = row.issuer
        assert issuer
        kind = RecordType.AGENCY if isinstance(issuer, Agency) else RecordType.COMPANY
        return {"type": kind.value, "slug": issuer.slug, "name": issuer.name}

    def get_stages(self, row: Policy) -> list[dict[str, Any]]:
        return stages(row)


class PublisherDocument(Addressed):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=PublisherKind.choices)
    country = CountryRef(allow_null=True)
    group = Named(allow_null=True)

    def get_html_url(self, row: Any) -> None:
        return None


class SourceDocument(Addressed):
    page_url = serializers.CharField(source="url", help_text="The document itself")
    normalized_url = serializers.CharField(help_text="The form by which spellings of the URL are compared")
    title = serializers.CharField()
    publisher = Named()
    authors = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField(allow_blank=True, help_text="BCP 47; empty: English")
    published = serializers.DateField(allow_null=True)
    tier = serializers.ChoiceField(choices=Tier.choices)
    paywalled = serializers.BooleanField()
    relays = Named(allow_null=True, help_text="The publisher whose report it repeats")
    archive_url = serializers.SerializerMethodField()

    def get_html_url(self, row: Any) -> None:
        return None

    def get_archive_url(self, row: Source) -> str | None:
        return row.archive_url or None
