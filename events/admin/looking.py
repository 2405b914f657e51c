"""Pages to look at: versions of a row, and rows that nobody edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin

from events.admin.lists import CappedPaginator


class HistoryAdmin(SimpleHistoryAdmin):
    """The versions of a row, to look at: nothing is reverted, since that would pass publishing by."""

    history_list_per_page = 50
    object_history_list_template = "admin/history_list.html"

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if not version_id.isdecimal():
            raise Http404
        request.looks_back = True  # type: ignore[attr-defined]
        return super().history_form_view(request, object_id, version_id, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        fields = super().get_readonly_fields(request, obj)
        if not getattr(request, "looks_back", False):
            return fields
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [*fields, *(name for name in shown if name not in fields)]


class LookingMixin:
    """To look at, for superusers too."""

    paginator: Any = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    view_on_site: Any = False
    actions: Any = None

    class Media:
        css = {"all": ("admin-desk/desk.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
