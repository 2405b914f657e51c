"""The forms of answers that are no documents themselves, for the schema alone: answers are put together as bytes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from events.choices import Action, CorrectionClass, Direction, RecordType
from events.documents import COLLECTIONS, MODELS, SERIALIZERS
from events.documents.access import AnswerDocument
from events.documents.events import MergedDocument
from events.documents.reference import SourceDocument
from events.queries.rolled import FACETS

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


@extend_schema_field(SHA256)
class HashField(serializers.CharField):
    """64 lower-case hexadecimal digits."""


class RedactionDocument(serializers.Serializer[Any]):
    """The document of a redaction: which change's document is gone."""

    key = serializers.CharField()
    redacts = serializers.IntegerField(help_text="seq of that change")


ANY_DOCUMENT = PolymorphicProxySerializer(
    component_name="AnyDocument",
    serializers=[*SERIALIZERS.values(), MergedDocument, RedactionDocument],
    resource_type_field_name=None,
    allow_null=True,
    help_text="The record after this change; null once redacted",
)


class Change(serializers.Serializer[Any]):
    """One entry of the public log."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    type = serializers.ChoiceField(choices=RecordType.choices)
    key = serializers.CharField(help_text="The record's slug or code")
    action = serializers.ChoiceField(choices=Action.choices)
    note = serializers.CharField(allow_blank=True)
    self_published = serializers.BooleanField(help_text="No second person checked it")
    document_hash = HashField(help_text="SHA-256 of the document's canonical JSON (RFC 8785)")
    previous_hash = HashField(help_text="hash of the change before it; 64 zeros in the first")
    hash = HashField(help_text="SHA-256 of the canonical JSON of all fields above")
    document = ANY_DOCUMENT

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        kind = serializers.ChoiceField(
            choices=CorrectionClass.choices, allow_blank=True, help_text="Of a correction, else empty"
        )
        before = ("seq", "at", "type", "key", "action")
        return {name: fields.pop(name) for name in before} | {"class": kind} | fields


class Head(serializers.Serializer[Any]):
    """Where the log stood."""

    seq = serializers.IntegerField()
    hash = HashField()
    at = serializers.DateTimeField(allow_null=True)


class Root(serializers.Serializer[Any]):
    title = serializers.CharField()
    api_version = serializers.CharField()
    addresses = serializers.DictField(child=serializers.CharField(), help_text="URI templates by the names of routes")


class JobStatus(serializers.Serializer[Any]):
    name = serializers.CharField()
    every_seconds = serializers.IntegerField()
    last_started_at = serializers.DateTimeField(allow_null=True)
    last_good_at = serializers.DateTimeField(allow_null=True)
    last_duration_ms = serializers.IntegerField(allow_null=True)
    last_failed_at = serializers.DateTimeField(allow_null=True)
    late = serializers.BooleanField(help_text="It has not ended well for three times as long as it should take")


class FeedStatus(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    every_minutes = serializers.IntegerField()
    last_good_at = serializers.DateTimeField(allow_null=True)
    failures = serializers.IntegerField(help_text="In a row")
    late = serializers.BooleanField(help_text="It was not read well for three times as long as it should take")


class Status(serializers.Serializer[Any]):
    revision = serializers.IntegerField(help_text="seq of the newest change")
    last_change_at = serializers.DateTimeField(allow_null=True)
    head_hash = HashField()
    outstanding_reissues = serializers.IntegerField(
        help_text="How many records' documents are still brought up to date"
    )
    build = serializers.CharField()
    api_version = serializers.CharField()
    jobs = JobStatus(many=True, help_text="Scheduled work, by name")
    feeds = FeedStatus(many=True, help_text="The feeds that are watched, by name")


class ExportedFile(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Of the resource in the manifest")
    path = serializers.CharField(help_text="Within the package")
    url = serializers.CharField(help_text="Path of the file")
    description = serializers.CharField()
    mediatype = serializers.CharField(help_text="Of what it holds; names that end in .gz are compressed")
    bytes = serializers.IntegerField(help_text="As it is sent")
    hash = serializers.CharField(help_text="sha256: and 64 hexadecimal digits, of those bytes")
    rows = serializers.IntegerField(allow_null=True, help_text="Of data; null: it has none")


class Export(serializers.Serializer[Any]):
    """A package of bulk files, which never change."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="Path, in the API, that the paths of its files go on from")
    manifest = serializers.CharField(help_text="Path of its manifest, a Frictionless Data Package")
    revision = serializers.IntegerField(help_text="seq of the newest change in it")
    head_hash = HashField(help_text="hash of that change")
    head_at = serializers.DateTimeField(help_text="Time of that change")
    created_at = serializers.DateTimeField()
    previous = serializers.IntegerField(
        allow_null=True, help_text="id of the package that its delta starts from; null: it is the first"
    )
    bytes = serializers.IntegerField(help_text="Of all files together")
    files = ExportedFile(many=True)


class ProblemDetail(serializers.Serializer[Any]):
    parameter = serializers.CharField(required=False)
    pointer = serializers.CharField(required=False, help_text="JSON pointer (RFC 6901) into what was sent")
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="Path of the request")
    errors = ProblemDetail(many=True, required=False)  # type: ignore[assignment]  # serializers have a property so named


class AccessChange(serializers.Serializer[Any]):
    """The answers for one pair on two days."""

    to = AnswerDocument(help_text="On the second day; `next` is left null")

    def get_fields(self) -> dict[str, Any]:
        return {"from": AnswerDocument(help_text="On the first day; `next` is left null")} | super().get_fields()


class CitingEvent(serializers.Serializer[Any]):
    slug = serializers.CharField()
    url = serializers.CharField(help_text="Path of its document")
    html_url = serializers.CharField()
    title = serializers.CharField()
    date = serializers.DateField()
    date_display = serializers.CharField()
    citations = serializers.ListField(child=serializers.IntegerField(), help_text="Ids of its citations of the source")


class SourceLookup(serializers.Serializer[Any]):
    """What the record holds of one page of the web; empty lists: nothing."""

    normalized_url = serializers.CharField(help_text="The form by which addresses are compared")
    sources = SourceDocument(many=True)
    events = CitingEvent(many=True, help_text="Published events that cite it, newest first")
    complete = serializers.BooleanField(help_text="Whether these are all of them")


class FacetValue(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="As the filter takes it")
    name = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="Events that bear it; null: not counted")


class Facet(serializers.Serializer[Any]):
    """Counts of one filter's values among the events that all other filters match."""

    exact = serializers.BooleanField(help_text="Whether they were counted; else all counts are null")
    complete = serializers.BooleanField(help_text="Whether no other value has any event")
    values = FacetValue(many=True)


class EventFacets(serializers.Serializer[Any]):
    count = serializers.IntegerField(allow_null=True, help_text="Events that match; null: too many to be counted")
    exact = serializers.BooleanField(help_text="Whether every count is there")

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {name: Facet() for name in FACETS}


class Interval(serializers.Serializer[Any]):
    """A month, quarter or year that has events: those dated in it."""

    interval = serializers.CharField(help_text="2024-07, 2024-Q3 or 2024")
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        days = {
            "from": serializers.DateField(help_text="Its first day"),
            "to": serializers.DateField(help_text="Its last day"),
        }
        return (
            {"interval": fields.pop("interval")}
            | days
            | fields
            | {each: serializers.IntegerField() for each in Direction.values}
        )


class EventHistogram(serializers.Serializer[Any]):
    interval = serializers.ChoiceField(choices=["month", "quarter", "year"])
    count = serializers.IntegerField(allow_null=True, help_text="Events that match; null: too many to be counted")
    exact = serializers.BooleanField(help_text="Whether they were counted")
    intervals = Interval(many=True, allow_null=True, help_text="Earliest first; null where they were not counted")


def list_of(shape: type[serializers.Serializer[Any]], *, counted: bool = True) -> type[serializers.Serializer[Any]]:
    """The form of a page of such results."""
    count = {"count": serializers.IntegerField(required=False, help_text="With count=true")} if counted else {}
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        **count,
        "results": shape(many=True),
    }
    return type(f"{shape.__name__.removesuffix('Document')}List", (serializers.Serializer,), fields)


LISTS = {record_type: list_of(SERIALIZERS[record_type]) for record_type in RecordType}
CHANGES = list_of(Change, counted=False)
EXPORTS = list_of(Export, counted=False)
ACCESS = list_of(AnswerDocument)
ACCESS_CHANGES = list_of(AccessChange, counted=False)
PLURALS = {record_type: COLLECTIONS[model] for record_type, model in MODELS.items()}
