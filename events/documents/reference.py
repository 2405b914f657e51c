"""Documents of what events refer to: who, where, what, under which rule, and who says so."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.choices import (
    CompanyKind,
    LinkStatus,
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
    name = serializers.CharField(source="region", help_text="Name of the region")


class CountryDocument(Document):
    code = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    alpha3 = serializers.CharField(help_text="ISO 3166-1 alpha-3")
    name = serializers.CharField(help_text="Short English name (CLDR)")
    region = RegionDocument(source="*", help_text="Where it lies, by the United Nations' division")
    url = serializers.SerializerMethodField(help_text="Path in the API")
    html_url = serializers.SerializerMethodField(help_text="Path of its page")
    revision = serializers.SerializerMethodField(help_text="seq of the change that holds this document")

    get_url, get_html_url, get_revision = (Addressed.get_url, Addressed.get_html_url, Addressed.get_revision)

    def reader(self, field: serializers.Field[Any, Any, Any, Any]) -> Reader:
        if field.field_name == "region":  # drawn from the country itself, like the methods' fields
            return self.fields["region"].to_representation
        return super().reader(field)


class MembershipDocument(Document):
    code = serializers.CharField(source="country_id", help_text="ISO 3166-1 alpha-2")
    name = serializers.CharField(source="country.name", help_text="Short English name (CLDR)")
    since = serializers.DateField(
        allow_null=True, help_text="The first day of membership; null: from the start, or unknown"
    )
    until = serializers.DateField(allow_null=True, help_text="The first day outside")


class GroupDocument(Addressed):
    name = serializers.CharField(help_text="What it is called")
    issuer = Named(allow_null=True, help_text="The agency that defines it; null if none")
    citation = serializers.CharField(allow_blank=True, help_text="Where it is defined; may be empty")
    official_url = serializers.CharField(allow_blank=True, help_text="The definition; may be empty")
    note = serializers.CharField(allow_blank=True, help_text="What else there is to know; may be empty")
    is_world = serializers.BooleanField(help_text="Every country; the list of members is then empty")
    members = MembershipDocument(source="memberships", many=True, help_text="Countries and when they belong to it")

    def get_html_url(self, row: Any) -> str | None:
        return None


class AgencyDocument(Addressed, WithAliases):
    name = serializers.CharField(help_text="What it is called")
    short = serializers.CharField(allow_blank=True, help_text="Its acronym; may be empty")
    country = CountryRef(allow_null=True, help_text="Whose body it is; null if of a group or of none")
    group = Named(allow_null=True, help_text="The group whose body it is; null if a country's")


class OwnershipDocument(Document):
    kind = serializers.ChoiceField(choices=OwnershipKind.choices, help_text="What the owner is")
    company = serializers.SerializerMethodField(help_text="The company at the other end")
    since = serializers.SerializerMethodField(help_text="EDTF: a day, month or year")
    until = serializers.SerializerMethodField(help_text="EDTF; the first day, month or year without")
    note = serializers.CharField(allow_blank=True, help_text="What else there is to know; may be empty")

    other = "owned"

    @extend_schema_field(Named)
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
    name = serializers.CharField(help_text="What it is called")
    kind = serializers.ChoiceField(
        choices=CompanyKind.choices, help_text="The part in which the record mostly meets it"
    )
    country = CountryRef(allow_null=True, help_text="Of the headquarters")
    owns = OwnershipDocument(many=True, help_text="Companies that it owns, or once did")
    owned_by = OwnedByDocument(many=True, help_text="Companies that own it, or once did")


class ProductDocument(Addressed, WithAliases):
    name = serializers.CharField(help_text="What it is called")
    kind = serializers.ChoiceField(choices=ProductKind.choices, help_text="What kind of thing it is")
    company = Named(allow_null=True, help_text="Whose product it is; null: goods of many makers")
    models_from = Named(
        allow_null=True, help_text="The developer whose models it serves, where that is another company"
    )


class StageDocument(Document):
    stage = serializers.ChoiceField(choices=Stage.choices, help_text="The stage that it reached")
    partial = serializers.BooleanField(  # type: ignore[assignment]  # an argument of serializers has the name
        help_text="Some places or provisions only; moves nothing"
    )
    date = serializers.DateField(help_text="The first day of it")
    date_precision = serializers.ChoiceField(choices=Precision.choices, help_text="How exact that date is")
    edtf = serializers.CharField(help_text="The date in one word (EDTF, ISO 8601-2)")
    event = serializers.CharField(help_text="Slug of the event that it derives from")


class IssuerDocument(Document):
    type = serializers.ChoiceField(
        choices=[RecordType.AGENCY.value, RecordType.COMPANY.value], help_text="Whether an agency or a company"
    )
    slug = serializers.CharField(help_text="The issuer")
    name = serializers.CharField(help_text="What it is called")


class PolicyDocument(Addressed, WithAliases):
    title = serializers.CharField(help_text="What it is called")
    kind = serializers.ChoiceField(choices=PolicyKind.choices, help_text="What kind of rule it is")
    issuer = serializers.SerializerMethodField(help_text="Who made it")
    country = CountryRef(allow_null=True, help_text="Of the issuer")
    citation = serializers.CharField(
        allow_blank=True, help_text="How lawyers cite it, such as 89 FR 5698; may be empty"
    )
    official_url = serializers.CharField(allow_blank=True, help_text="Its official text; may be empty")
    stages = serializers.SerializerMethodField(
        help_text="All stages with their dates; which is current depends on the day"
    )

    @extend_schema_field(IssuerDocument)
    def get_issuer(self, row: Policy) -> dict[str, str]:
        issuer = row.issuer
        assert issuer
        kind = RecordType.AGENCY if isinstance(issuer, Agency) else RecordType.COMPANY
        return {"type": kind.value, "slug": issuer.slug, "name": issuer.name}

    @extend_schema_field(StageDocument(many=True))
    def get_stages(self, row: Policy) -> list[dict[str, Any]]:
        return stages(row)


class PublisherDocument(Addressed):
    name = serializers.CharField(help_text="What it is called")
    kind = serializers.ChoiceField(choices=PublisherKind.choices, help_text="What kind of publisher it is")
    country = CountryRef(allow_null=True, help_text="Where it is based; null if unknown")
    group = Named(allow_null=True, help_text="The group that it belongs to, such as the EU; else null")

    def get_html_url(self, row: Any) -> str | None:
        return None


class SourceDocument(Addressed):
    page_url = serializers.CharField(source="url", help_text="The document itself")
    normalized_url = serializers.CharField(help_text="The form by which spellings of the URL are compared")
    title = serializers.CharField(help_text="Its title")
    publisher = Named(help_text="Who published it")
    authors = serializers.ListField(child=serializers.CharField(), help_text="Who wrote it")
    language = serializers.CharField(allow_blank=True, help_text="BCP 47; empty: English")
    published = serializers.DateField(allow_null=True, help_text="The day it was published; null if it bears no date")
    tier = serializers.ChoiceField(choices=Tier.choices, help_text="How near it is to what happened")
    paywalled = serializers.BooleanField(help_text="Whether it takes a subscription to read it")
    relays = Named(allow_null=True, help_text="The publisher whose report it repeats")
    archive_url = serializers.SerializerMethodField(help_text="A kept copy; null if none is known")
    link_status = serializers.SerializerMethodField(
        help_text="Whether its page still answers and says what it said, as checks three days apart agree"
    )
    link_status_since = serializers.SerializerMethodField(
        help_text="The day on which that was noticed; null where it has been so ever since"
    )

    def get_html_url(self, row: Any) -> str | None:
        return None

    @extend_schema_field(serializers.ChoiceField(choices=LinkStatus.choices))
    def get_link_status(self, row: Source) -> str:
        check = getattr(row, "link_check", None)
        return LinkStatus(check.status).value if check else LinkStatus.OK.value

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_link_status_since(self, row: Source) -> str | None:
        check = getattr(row, "link_check", None)
        return check.status_since.isoformat() if check and check.status_since else None

    def get_archive_url(self, row: Source) -> str | None:
        return row.archive_url or None
