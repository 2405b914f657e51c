"""The public log, its head, and what it says now of each record."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from events.choices import Action, CorrectionClass, RecordType
from events.models.base import RowNumber, one_of

NO_HASH = "0" * 64


class ChangeQuerySet(models.QuerySet["Change"]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def of(self, record_type: str, key: str) -> Self:
        """All changes of one record, newest first."""
        return self.filter(type=record_type, key=key).order_by("-seq")

    def corrections(self) -> Self:
        return self.filter(action__in=(Action.CORRECTED, Action.RETRACTED, Action.MERGED, Action.REDACTED))


class Change(models.Model):
    """One entry of the append-only, hash-chained public log. Written by `events.services.log` alone.

    `document` is the canonical JSON (RFC 8785) of the record after the change, None once redacted; `document_hash` is
    its SHA-256, `hash` that of the canonical JSON of all fields before it, the document left out.
    """

    seq = RowNumber(primary_key=True)
    at = models.DateTimeField()
    type = models.CharField(max_length=10, choices=RecordType)
    key = models.CharField(max_length=120)
    action = models.CharField(max_length=10, choices=Action)
    correction_class = models.CharField(max_length=15, choices=CorrectionClass, blank=True)
    note = models.TextField(blank=True)
    self_published = models.BooleanField(default=False)
    document_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    document = models.TextField(null=True)  # None: redacted

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-seq",)
        indexes = (
            models.Index(fields=("type", "key", "-seq"), name="change_by_record"),
            models.Index(fields=("type", "-seq"), name="change_by_type"),
            models.Index(fields=("action", "-seq"), name="change_by_action"),
        )
        constraints = (
            models.CheckConstraint(name="change_seq_from_1", condition=Q(seq__gte=1)),
            one_of("type", RecordType, "change_type_known"),
            one_of("action", Action, "change_action_known"),
            models.CheckConstraint(
                name="change_class_where_corrected",
                condition=Q(action=Action.CORRECTED, correction_class__in=CorrectionClass.values)
                | ~Q(action=Action.CORRECTED) & Q(correction_class=""),
            ),
            models.CheckConstraint(
                name="change_note_where_needed",
                condition=~Q(action__in=(Action.CORRECTED, Action.RETRACTED, Action.REDACTED)) | ~Q(note=""),
                violation_error_message="Say why.",
            ),
            models.UniqueConstraint(fields=("hash",), name="change_hash_unique"),
        )

    def __str__(self) -> str:
        return f"{self.seq}: {self.type} {self.key} {self.action}"


class LogHead(models.Model):
    """The one row that every append locks first: the newest change's seq and hash (0 and zeros: an empty log)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=NO_HASH)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(name="loghead_is_one_row", condition=Q(id=1)),)

    def __str__(self) -> str:
        return f"revision {self.seq}"


class PublicDocumentQuerySet(models.QuerySet["PublicDocument"]):
    def of_type(self, record_type: str) -> Self:
        return self.filter(type=record_type)

    def listed(self) -> Self:
        """What lists show: neither retracted nor merged."""
        return self.filter(is_listed=True)

    def with_document(self) -> Self:
        return self.select_related("change")


class PublicDocument(models.Model):
    """The newest change of each record: where every public page and answer begins."""

    type = models.CharField(max_length=10, choices=RecordType)
    key = models.CharField(max_length=120)
    name = models.CharField(max_length=500)
    change = models.OneToOneField(Change, models.PROTECT, related_name="current")
    is_listed = models.BooleanField(default=True)

    objects = PublicDocumentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("type", "key"), name="publicdocument_once_a_record"),
            one_of("type", RecordType, "publicdocument_type_known"),
        )
        indexes = (models.Index(fields=("type", "is_listed", "name", "key"), name="publicdocument_by_name"),)

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class ReissueQuerySet(models.QuerySet["Reissue"]):
    def outstanding(self) -> Self:
        return self.filter(done_at=None).order_by("pk")


class Reissue(models.Model):
    """Documents still to be brought up to date, since a record that they embed has changed.

    With `embedders` those of all that embed the record, in order of primary key, `cursor` being the last one done, as
    "event:1234"; without, the record's own (its derived parts changed).
    """

    type = models.CharField(max_length=10, choices=RecordType)
    key = models.CharField(max_length=120)
    embedders = models.BooleanField()
    cursor = models.CharField(max_length=40, blank=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = ReissueQuerySet.as_manager()

    class Meta:
        constraints = (
            one_of("type", RecordType, "reissue_type_known"),
            models.UniqueConstraint(
                fields=("type", "key", "embedders"), condition=Q(done_at=None), name="reissue_once_outstanding"
            ),
        )

    def __str__(self) -> str:
        return f"{'embedders of ' if self.embedders else ''}{self.type} {self.key}"
