"""What readers say is wrong: editors read it, answer it, and name the revision that corrects the record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.utils import timezone
from django.utils.html import format_html

from events.admin.base import editor
from events.admin.lists import CappedPaginator
from events.admin.queues import QueueFilter
from events.choices import ReportState
from events.models import ErrorReport
from events.models.reports import ADDRESS_KEPT


class AnswerForm(forms.ModelForm[ErrorReport]):
    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        state, correction = said.get("state"), said.get("correction")
        if state == ReportState.ACCEPTED and correction is None and "correction" not in self.errors:
            self.add_error("correction", "Name the revision that corrects the record, or leave the report open.")
        if state != ReportState.ACCEPTED and correction is not None:
            self.add_error("correction", "Only a report that is accepted has a revision that corrects the record.")
        if correction is not None and correction.seq <= self.instance.revision:
            self.add_error(
                "correction",
                ValidationError(
                    "Revision %(seq)s is no answer: the sender read revision %(read)s.",
                    params={"seq": correction.seq, "read": self.instance.revision},
                ),
            )
        if state == ReportState.DECLINED and not said.get("answer", "").strip():
            self.add_error("answer", "Say why: the sender reads it.")
        return said


@admin.register(ErrorReport)
class ErrorReportAdmin(admin.ModelAdmin[ErrorReport]):
    """What the sender wrote is read only. Reports are neither added nor deleted here."""

    form = AnswerForm
    list_display = ("received_at", "state", "path", "beginning", "revision", "answered_by")
    list_display_links = ("received_at", "beginning")
    list_filter = ("state", QueueFilter)
    list_select_related = ("answered_by",)
    list_per_page = 50
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=path",)
    search_help_text = "The path of a page, as in its address"
    paginator = CappedPaginator
    show_full_result_count = False
    view_on_site = False
    actions = None
    raw_id_fields = ("correction",)
    readonly_fields = ("page", "revision", "message", "address", "received_at", "answered_at", "answered_by")
    fieldsets = (
        ("What a reader wrote", {"fields": ("page", "revision", "message", "address", "received_at")}),
        ("Our answer", {"fields": ("state", "answer", "correction", "answered_at", "answered_by")}),
    )

    class Media:
        css = {"all": ("admin-desk/desk.css",)}

    @admin.display(description="what is wrong")
    def beginning(self, report: ErrorReport) -> str:
        return truncatechars(report.message, 100)

    @admin.display(description="page")
    def page(self, report: ErrorReport) -> str:
        return format_html('<a href="{0}">{0}</a>', report.path)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kept = f"Where the sender left one; it is deleted {ADDRESS_KEPT.days} days after the report."
        return super().get_form(request, obj, change=change, help_texts={"address": kept}, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ErrorReport, form: Any, change: bool) -> None:
        is_open = obj.state == ReportState.RECEIVED
        obj.answered_at = None if is_open else timezone.now()
        obj.answered_by_id = None if is_open else editor(request).pk
        super().save_model(request, obj, form, change)
