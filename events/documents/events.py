"""The document of an event."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
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
from events.lib.related import related
from events.models import AccessEffect, Citation, Event, EventRelation, Source
from events.queries.access import closed_by, direction
from events.queries.evidence import independent, reported_on, voice


class EventCompanyDocument(Document):
    slug = serializers.CharField(source="company.slug", help_text="The company")
    name = serializers.CharField(source="company.name", help_text="What it is called")
    role = serializers.ChoiceField(choices=CompanyRole.choices, help_text="What it is to the event")


class EventAgencyDocument(Document):
    slug = serializers.CharField(source="agency.slug", help_text="The agency")
    name = serializers.CharField(source="agency.name", help_text="What it is called")


class EventCountryDocument(Document):
    code = serializers.CharField(source="country_id", help_text="ISO 3166-1 alpha-2")
    name = serializers.CharField(source="country.name", help_text="Short English name (CLDR)")
    role = serializers.ChoiceField(
        choices=PlaceRole.choices, help_text="Whether the state itself acted, or was affected"
    )


class EventGroupDocument(Document):
    slug = serializers.CharField(source="group.slug", help_text="The group")
    name = serializers.CharField(source="group.name", help_text="What it is called")
    role = serializers.ChoiceField(choices=PlaceRole.choices, help_text="Whether it acted, or was affected")


class EventProductDocument(Document):
    slug = serializers.CharField(source="product.slug", help_text="The product")
    name = serializers.CharField(source="product.name", help_text="What it is called")


class EventPolicyDocument(Document):
    slug = serializers.CharField(source="policy.slug", help_text="The policy")
    title = serializers.CharField(source="policy.title", help_text="What it is called")
    relation = serializers.ChoiceField(choices=PolicyRelation.choices, help_text="What the event does to the policy")
    partial = serializers.BooleanField(help_text="Some places or provisions only: moves no stage")  # type: ignore[assignment]  # an argument of serializers has the name


class EffectDocument(Document):
    id = serializers.IntegerField(source="number", help_text="Unique in the event, never given again")
    product = serializers.CharField(source="product.slug", help_text="Slug of the product")
    country = serializers.CharField(
        source="country_id", allow_null=True, help_text="Code of the country; null where it is a group"
    )
    group = serializers.SerializerMethodField(help_text="Slug of the group; null where it is a country")
    status = serializers.ChoiceField(
        choices=AccessStatus.choices, help_text="Who may use the product there, from open to closed"
    )
    effective_date = serializers.DateField(help_text="The first day on which it holds")
    date_precision = serializers.ChoiceField(choices=Precision.choices, help_text="How exact that date is")
    until = serializers.DateField(allow_null=True, help_text="The first day on which it no longer holds")
    by = serializers.ListField(child=serializers.ChoiceField(choices=ClosedBy.choices), help_text="Who decides it")
    reported_on = serializers.DateField(help_text="When it was first known in public")
    reported_on_basis = serializers.ChoiceField(choices=ReportedBasis.choices, help_text="Where that date comes from")
    note = serializers.CharField(allow_blank=True, help_text="What else there is to know; may be empty")

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
    relation = serializers.ChoiceField(
        choices=RelationKind.choices, help_text="How this event relates to the earlier one"
    )
    event = serializers.CharField(source="earlier.slug", help_text="Slug of the earlier event")
    title = serializers.CharField(source="earlier.title", help_text="Its title")
    date = serializers.DateField(source="earlier.date", help_text="Its date")
    edtf = serializers.SerializerMethodField(help_text="Its date as exactly as it is known, ISO 8601-2")

    def get_edtf(self, row: EventRelation) -> str:
        assert row.earlier.date
        return edtf(row.earlier.date, row.earlier.date_precision)


class CitedSourceDocument(Document):
    slug = serializers.CharField(help_text="The source, in the record")
    url = serializers.CharField(help_text="The document itself")
    title = serializers.CharField(help_text="Its title")
    publisher = Named(help_text="Who published it")
    published = serializers.DateField(allow_null=True, help_text="The day it was published; null if it bears no date")
    tier = serializers.ChoiceField(choices=Tier.choices, help_text="How near it is to what happened")
    paywalled = serializers.BooleanField(help_text="Whether it takes a subscription to read it")
    archive_url = serializers.SerializerMethodField(help_text="A kept copy; null if none is known")
    relays = Named(allow_null=True, help_text="The publisher whose report it repeats; null if none")

    def get_archive_url(self, row: Source) -> str | None:
        return row.archive_url or None


class CitationDocument(Document):
    id = serializers.IntegerField(source="number", help_text="Unique in the event, never given again")
    quote = serializers.CharField(
        allow_blank=True, help_text="The words that matter, at most 300 characters; may be empty"
    )
    speaker = serializers.CharField(allow_blank=True, help_text="Who is quoted; may be empty")
    locator = serializers.CharField(allow_blank=True, help_text="Where in the source: a page, a section; may be empty")
    stance = serializers.ChoiceField(choices=Stance.choices, help_text="What the source does to the claim")
    about = serializers.SerializerMethodField(help_text='"event", "date" or "effect:ID"')
    source = CitedSourceDocument(help_text="The document that is cited")  # type: ignore[assignment]  # likewise

    def get_about(self, row: Citation) -> str:
        # By the key first: asking for what is not there takes many times as long.
        return f"effect:{row.effect.number}" if row.effect_id and row.effect else row.about


class RetractionDocument(Document):
    on = serializers.DateField(source="retracted_on", help_text="The day of the retraction")
    reason = serializers.CharField(source="retraction_reason", help_text="Why")


class EventDocument(Addressed):
    state = serializers.ChoiceField(
        choices=[State.PUBLISHED.value, State.RETRACTED.value], help_text="Whether it still stands"
    )
    title = serializers.CharField(help_text="What happened, in a line")
    summary = serializers.CharField(allow_blank=True, help_text="What happened, in a few sentences; may be empty")
    body = serializers.CharField(allow_blank=True, help_text="More, as Markdown; may be empty")
    kind = serializers.ChoiceField(choices=EventKind.choices, help_text="What kind of act it is")
    certainty = serializers.ChoiceField(choices=Certainty.choices, help_text="How sure it is that it happened")
    direction = serializers.ChoiceField(
        choices=Direction.choices, help_text="Whether it closes or opens access, derived from its effects and kind"
    )
    date = serializers.DateField(help_text="The first day of the span that date_precision names; local to the event")
    date_precision = serializers.ChoiceField(choices=Precision.choices, help_text="How exact the date is")
    end_date = serializers.DateField(allow_null=True, help_text="The last day, where it lasted; else null")
    edtf = serializers.CharField(help_text="The date in one word, as exact as it is known (EDTF, ISO 8601-2)")
    date_display = serializers.CharField(help_text="The date as people read it")
    reported_on = serializers.DateField(help_text="The earliest publication date among what supports it")
    reported_on_basis = serializers.ChoiceField(choices=ReportedBasis.choices, help_text="Where that date comes from")
    companies = EventCompanyDocument(source="company_links", many=True, help_text="The companies involved")
    agencies = EventAgencyDocument(source="agency_links", many=True, help_text="The agencies that acted")
    countries = EventCountryDocument(source="country_links", many=True, help_text="The countries involved")
    groups = EventGroupDocument(source="group_links", many=True, help_text="The country groups involved")
    products = EventProductDocument(source="product_links", many=True, help_text="The products that it is about")
    policies = EventPolicyDocument(
        source="policy_links", many=True, help_text="The rules involved, and what it does to them"
    )
    access_effects = EffectDocument(
        source="effects", many=True, help_text="What it changes about who may use what, where"
    )
    relations = EventRelationDocument(
        source="relation_links", many=True, help_text="Earlier events that it follows from"
    )
    citations = CitationDocument(many=True, help_text="The evidence, in the editors' order")
    independent_origins = serializers.IntegerField(
        help_text="How many origins, relays followed to their source, support it"
    )
    published_at = serializers.DateTimeField(help_text="When it was first published here")
    updated_at = serializers.DateTimeField(help_text="Of the newest change that was no reissue")
    retraction = RetractionDocument(allow_null=True, help_text="When and why it was retracted; else null")

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
        geography, before = self.context["geography"], self.context["before"]
        citations, effects = list(related(event, "citations")), list(related(event, "effects"))
        for effect, row in zip(effects, document["access_effects"], strict=True):
            day, basis = reported_on(event, citations, effect)
            row["reported_on"], row["reported_on_basis"] = day.isoformat(), basis.value
            row["by"] = closed_by(event, effect, geography)
        day, basis = reported_on(event, citations)
        assert event.date
        document |= {
            "direction": direction(
                event, effects, [before[effect.event_id, effect.number] for effect in effects]
            ).value,
            "edtf": edtf(event.date, event.date_precision, event.end_date),
            "date_display": display(event.date, event.date_precision, event.end_date),
            "reported_on": day.isoformat(),
            "reported_on_basis": basis.value,
            # A draft is nobody's business: a relation shows once its earlier event is public.
            "relations": [
                self.of_relation(link) for link in related(event, "relation_links") if link.earlier.is_public
            ],
            "independent_origins": independent(map(voice, citations)),
            "retraction": self.of_retraction(event) if event.state == State.RETRACTED else None,
        }
        return document


class MergedDocument(Document):
    """What stands at the slug of a record that turned out to be another."""

    slug = serializers.CharField(help_text="The record that was merged")
    state = serializers.SerializerMethodField(help_text="Always merged")
    merged_into = serializers.CharField(source="merged_into.slug", help_text="Slug of the record that it became")

    @extend_schema_field({"type": "string", "enum": [State.MERGED.value]})
    def get_state(self, row: Any) -> str:
        return State.MERGED.value
