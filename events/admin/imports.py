"""Imports of drafts: upload a file, see what it would do row by row, and have it done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from events.admin.base import editor
from events.admin.looking import LookingMixin
from events.admin.nudging import nudge
from events.admin.queues import QueueFilter
from events.choices import ImportState, Verdict
from events.models import Import, ImportRow
from events.services.imports import running
from events.services.imports.files import FORMATS, MOST_BYTES, MOST_ROWS

ROWS = 100  # on a page
PRESSED = {"_import": running.start, "_again": running.check_again, "_discard": running.discard}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File of events",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(FORMATS)}),
        help_text=f"CSV, XLSX or YAML, at most {MOST_ROWS:,} rows, {MOST_BYTES // 2**20} MB. Nothing is changed yet.",
    )


@admin.register(Import)
class ImportAdmin(LookingMixin, admin.ModelAdmin[Import]):
    list_display = ("name", "by", "at", "state", "new", "changed", "same", "bad")
    list_filter = (QueueFilter, "state")
    list_select_related = ("by",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return running.may_import(editor(request))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                found = running.upload(file.name, file.read(MOST_BYTES + 1), by=editor(request))
            except running.ImportRefused as refusal:
                form.add_error("file", str(refusal))
            else:
                nudge("imports.run_imports")
                return HttpResponseRedirect(self.address(found))
        context = {"title": "Import drafts", "form": form, "columns": COLUMNS, "opts": self.opts}
        return self.page(request, "upload", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        if request.method == "POST":
            return self.press(request, found)
        if request.headers.get("HX-Request"):
            if found.is_at_work:
                return TemplateResponse(request, "admin/events/import/_progress.html", {"found": found})
            return HttpResponse(headers={"HX-Refresh": "true"})
        chosen = request.GET.get("verdict", "")
        rows = ImportRow.objects.filter(of=found).select_related("event")
        if chosen in Verdict.values:
            rows = rows.filter(verdict=chosen)
        is_own = found.by_id == editor(request).pk and running.may_import(editor(request))
        context = {
            "title": f"Import of {found.name}",
            "found": found,
            "rows": Paginator(rows, ROWS).get_page(request.GET.get("page")),
            "counts": [(verdict.value, verdict.label, getattr(found, verdict.value)) for verdict in Verdict],
            "chosen": chosen,
            "waits": found.state == ImportState.CHECKED,
            "is_own": is_own,
            "opts": self.opts,
        }
        return self.page(request, "page", context)

    def press(self, request: HttpRequest, found: Import) -> HttpResponse:
        act = next((PRESSED[name] for name in PRESSED if name in request.POST), None)
        if act is None or not self.has_add_permission(request):
            raise PermissionDenied
        try:
            act(found, by=editor(request))
        except running.ImportRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            nudge("imports.run_imports")
        return HttpResponseRedirect(self.address(found))

    def address(self, found: Import) -> str:
        return reverse("admin:events_import_change", args=[found.pk])

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "media": self.media, **context}
        return TemplateResponse(request, f"admin/events/import/{name}.html", context)


# What the page of the upload tells of a table's columns: the column, and what stands in it.
COLUMNS = (
    ("title", "The one that every row needs"),
    ("id", "The slug of the event; empty: made from the title. By it a row finds a draft that is there"),
    ("date", "2024-07-09; or 2024-07, 2024-35 (the third quarter), 2024"),
    ("kind, certainty, summary, body, end_date, checked", "As in the form, words in lower case: enforcement, reported"),
    ("companies", "openai:actor; Microsoft:target"),
    ("countries, groups", "CN:affected; Germany:acting"),
    ("agencies, products", "bis; US Department of Commerce"),
    ("policies, follows", "ai-diffusion-framework:rescinds; openai-announces-api-block:implements"),
    ("access.1.product, .country, .status, .from", "openai-api, CN, blocked, 2024-07-09; the next effect is access.2"),
    ("sources.1.url", "The address of a page. Of one that is not known also sources.1.title, .publisher, .tier"),
)  # fmt: skip
