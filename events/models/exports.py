"""Bulk files: what was written out, and what is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

ADDRESS = "/api/v1/exports/"


class ExportQuerySet(models.QuerySet["Export"]):
    def standing(self) -> Self:
        """Those whose files can be had, newest first."""
        return self.filter(removed_at=None, withdrawn_at=None).order_by("-pk")


class Export(models.Model):
    """One package of files, drawn from the log as it stood at `revision`. Its files never change.

    `previous` is the one made before it, which its delta starts from. `files` lists them as the package's manifest
    does (`path`, `bytes`, `hash`, `rows`, …), the manifest itself among them. `removed_at`: its files went when newer
    ones had come; `withdrawn_at`: they hold what was redacted later.
    """

    revision = models.BigIntegerField()
    head_hash = models.CharField(max_length=64)
    head_at = models.DateTimeField()
    created_at = models.DateTimeField()
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="next")
    files = models.JSONField(default=list)
    removed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("-id",), condition=Q(removed_at=None, withdrawn_at=None), name="export_standing"),
        )
        constraints = (
            models.CheckConstraint(name="export_of_a_revision", condition=Q(revision__gte=1)),
            models.CheckConstraint(
                name="export_after_its_head",
                condition=Q(created_at__gte=F("head_at")),
                violation_error_message="A package cannot be made before what it holds.",
            ),
            models.CheckConstraint(
                name="export_not_before_itself", condition=Q(previous=None) | Q(previous__lt=F("id"))
            ),
        )

    def __str__(self) -> str:
        return f"export {self.pk} of revision {self.revision}"

    @property
    def folder(self) -> Path:
        return settings.MEDIA_ROOT / "exports" / str(self.pk)

    @property
    def base(self) -> str:
        """The path of its files, in the API."""
        return f"{ADDRESS}{self.pk}/"

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file["bytes"] for file in self.files)

    def file(self, path: str) -> dict[str, Any] | None:
        """What is known of one file; None: it has none of this path."""
        return next((file for file in self.files if file["path"] == path), None)


class ExportRequestQuerySet(models.QuerySet["ExportRequest"]):
    def outstanding(self) -> Self:
        return self.filter(done_at=None).order_by("pk")


class ExportRequest(models.Model):
    """Somebody wants a package now, before the next one is due. `export` is the one that answered it."""

    requested_at = models.DateTimeField(auto_now_add=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    export = models.ForeignKey(Export, models.PROTECT, null=True, blank=True, editable=False, related_name="requests")

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("id",), condition=Q(done_at=None), name="exportrequest_outstanding"),)
        constraints = (
            models.CheckConstraint(
                name="exportrequest_answered_once_done", condition=Q(export=None) | Q(done_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"request of {self.requested_at:%Y-%m-%d %H:%M}" if self.requested_at else "request"
