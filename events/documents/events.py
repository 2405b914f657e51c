"""The document of an event."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from rest_framework import serializers

from events.choices import (
    AccessStatus,
    Certainty,
    ClosedBy,
    CompanyRole,
    Direction,
    EventKind,
    PlaceRole,
    PolicyRelation,
    Precision,
    RelationKind,
    ReportedBasis,
    Stance,
    State,
    Tier,
)
from events.documents.base import Addressed, Document, Named, Reader
from events.lib.dates import display, edtf
from events.models import AccessEffect, Citation, Event, Source
from events.queries.access import closed_by, direction
from events.queries.evidence import independent_origins, reported_on


class EventCompanyDocument(Document):
    slug = serializers.CharField(source="company.slug")
    name = serializers.CharField(source="company.name")
    role = serializers.ChoiceField(choices=CompanyRole.choices)


class EventAgencyDocument(Document):
    slug = serializers.CharField(source="agency.slug")
    name = serializers.CharField(source="agency.name")


class EventCountryDocument(Document):
    code = serializers.CharField(source="country_id")
    name = serializers.CharField(source="country.name")
    role = serializers.ChoiceField(choices=PlaceRole.choices)


class EventGroupDocument(Document):
    slug = serializers.CharField(source="group.slug")
    name = serializers.CharField(source="group.name")
    role = serializers.ChoiceField(choices=PlaceRole.choices)


class EventProductDocument(Document):
    slug = serializers.CharField(source="product.slug")
    name = serializers.CharField(source="product.name")


class EventPolicyDocument(Document):
    slug = serializers.CharField(source="policy.slug")
    title = serializers.CharField(source="policy.title")
    relation = serializers.ChoiceField(choices=PolicyRelation.choices)
    partial = serializers.BooleanField()


class EffectDocument(Document):
    id = serializers.IntegerField(source="number", help_text="Unique in the event, never given again")
    product = serializers.CharField(source="product.slug")
    country = serializers.CharField(source="country_id", allow_null=True)
    group = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=AccessStatus.choices)
    effective_date = serializers.DateField()
    date_precision = serializers.ChoiceField(choices=Precision.choices)
    until = serializers.DateField(allow_null=True, help_text="The first day on which it no longer holds")
    by = serializers.ListField(child=serializers.ChoiceField(choices=ClosedBy.choices))
    reported_on = serializers.DateField()
    reported_on_basis = serializers.ChoiceField(choices=ReportedBasis.choices)
    note = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["except"] = serializers.ListField(
            child=serializers.CharField(), source="exceptions", help_text="Countries of the group left out"
        )
        return fields

    def get_group(self, row: AccessEffect) -> str | None:
        return row.group.slug if row.group else None

    def reader(self, field: serializers.Field[Any, Any, Any, Any]) -> Reader:
        # What depends on the whole event is told by the event's own document, below.
        if field.field_name in {"by", "reported_on", "reported_on_basis"}:
            return lambda row: None
        return super().reader(field)


class EventRelationDocument(Document):
    relation = serializers.ChoiceField(choices=RelationKind.choices)
    event = serializers.CharField(source="earlier.slug")
    title = serializers.CharField(source="earlier.title")
    date = serializers.DateField(source="earlier.date")


class CitedSourceDocument(Document):
    slug = serializers.CharField()
    url = serializers.CharField(help_text="The document itself")
    title = serializers.CharField()
    publisher = Named()
    published = serializers.DateField(allow_null=True)
    tier = serializers.ChoiceField(choices=Tier.choices)
    paywalled = serializers.BooleanField()
    archive_url = serializers.SerializerMethodField()
    relays = Named(allow_null=True)

    def get_archive_url(self, row: Source) -> str | None:
        return row.archive_url or None


class CitationDocument(Document):
    id = serializers.IntegerField(source="number")
    quote = serializers.CharField(allow_blank=True)
    speaker = serializers.CharField(allow_blank=True)
    locator = serializers.CharField(allow_blank=True)
    stance = serializers.ChoiceField(choices=Stance.choices)
    about = serializers.SerializerMethodField(help_text='"event", "date" or "effect:ID"')
    source = CitedSourceDocument()

    def get_about(self, row: Citation) -> str:
        return f"effect:{row.effect.number}" if row.effect else row.about


class RetractionDocument(Document):
    on = serializers.DateField(source="retracted_on")
    reason = serializers.CharField(source="retraction_reason")


class EventDocument(Addressed):
    state = serializers.ChoiceField(choices=[State.PUBLISHED.value, State.RETRACTED.value])
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    body = serializers.CharField(allow_blank=True, help_text="Markdown")
    kind = serializers.ChoiceField(choices=EventKind.choices)
    certainty = serializers.ChoiceField(choices=Certainty.choices)
    direction = serializers.ChoiceField(choices=Direction.choices)
    date = serializers.DateField(help_text="The first day of the span that date_precision names; local to the event")
    date_precision = serializers.ChoiceField(choices=Precision.choices)
    end_date = serializers.DateField(allow_null=True)
    edtf = serializers.CharField(help_text="ISO 8601-2")
    date_display = serializers.CharField()
    reported_on = serializers.DateField()
    reported_on_basis = serializers.ChoiceField(choices=ReportedBasis.choices)
    companies = EventCompanyDocument(source="company_links", many=True)
    agencies = EventAgencyDocument(source="agency_links", many=True)
    countries = EventCountryDocument(source="country_links", many=True)
    groups = EventGroupDocument(source="group_links", many=True)
    products = EventProductDocument(source="product_links", many=True)
    policies = EventPolicyDocument(source="policy_links", many=True)
    access_effects = EffectDocument(source="effects", many=True)
    relations = EventRelationDocument(source="relation_links", many=True)
    citations = CitationDocument(many=True)
    independent_origins = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(help_text="Of the newest change that was no reissue")
    retraction = RetractionDocument(allow_null=True)

    derived = frozenset(
        {"direction", "edtf", "date_display", "reported_on", "reported_on_basis", "relations", "retraction"}
        | {"independent_origins"}
    )

    def reader(self, field: serializers.Field[Any, Any, Any, Any]) -> Reader:
        return (lambda event: None) if field.field_name in self.derived else super().reader(field)

    @cached_property
    def of_relation(self) -> Reader:
        return EventRelationDocument().to_representation

    @cached_property
    def of_retraction(self) -> Reader:
        return RetractionDocument().to_representation

    def to_representation(self, event: Event) -> dict[str, Any]:
        document = super().to_representation(event)
        geography = self.context["geography"]
        citations = event.citations.all()
        effects = event.effects.all()
        for effect, row in zip(effects, document["access_effects"], strict=True):
            day, basis = reported_on(event, citations, effect)
            row["reported_on"], row["reported_on_basis"] = day.isoformat(), basis.value
            row["by"] = closed_by(event, effect, geography)
        day, basis = reported_on(event, citations)
        assert event.date
        return document | {
            "direction": direction(event, list(effects), geography).value,
            "edtf": edtf(event.date, event.date_precision, event.end_date),
            "date_display": display(event.date, event.date_precision, event.end_date),
            "reported_on": day.isoformat(),
            "reported_on_basis": basis.value,
            # A draft is nobody's business: a relation shows once its earlier event is public.
            "relations": [self.of_relation(link) for link in event.relation_links.all() if link.earlier.is_public],
            "independent_origins": independent_origins(citations),
            "retraction": self.of_retraction(event) if event.state == State.RETRACTED else None,
        }


class MergedDocument(Document):
    """What stands at the slug of a record that turned out to be another."""

    slug = serializers.CharField()
    state = serializers.SerializerMethodField()
    merged_into = serializers.CharField(source="merged_into.slug")

    def get_state(self, row: Any) -> str:
        return State.MERGED.value
