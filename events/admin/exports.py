"""Bulk files: which there are, and asking for some before they are due."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest

from events.admin.looking import LookingMixin
from events.models import Export, ExportRequest
from events.services.exports import building


@admin.register(Export)
class ExportAdmin(LookingMixin, admin.ModelAdmin[Export]):
    fields = ("revision", "head_hash", "head_at", "created_at", "previous", "size", "removed_at", "withdrawn_at")
    readonly_fields = fields
    list_display = ("id", "revision", "created_at", "size", "removed_at", "withdrawn_at")

    @admin.display(description="Bytes")
    def size(self, export: Export) -> str:
        return f"{export.size:,}"


@admin.register(ExportRequest)
class ExportRequestAdmin(LookingMixin, admin.ModelAdmin[ExportRequest]):
    """Adding one asks for a package; a background task makes it within a minute."""

    readonly_fields = ("requested_at", "requested_by", "done_at", "export")
    list_display = ("requested_at", "requested_by", "done_at", "export")
    list_select_related = ("requested_by", "export")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.add_exportrequest")

    def get_fields(self, request: HttpRequest, obj: ExportRequest | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: ExportRequest, form: Any, change: bool) -> None:
        made = building.request(by=cast("User", request.user))
        obj.pk, obj.requested_at = made.pk, made.requested_at
        self.message_user(request, "Bulk files are made within a minute, if anything has changed.", messages.INFO)
