"""What a list shows as a file: the same filters, search and order, all pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse

from events.documents import type_of
from events.services import listing


class Listing:
    """For the admin of records."""

    admin_site: Any
    opts: Any
    model: Any
    get_changelist_instance: Callable[..., Any]
    has_view_or_change_permission: Callable[..., bool]

    def listing_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/<str:form>/", self.admin_site.admin_view(self.export_view), name=name)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        query = request.GET.copy()
        query.pop(PAGE_VAR, None)
        addresses = {form: f"{self.export_address(form)}?{query.urlencode()}" for form in listing.FORMS}
        context = {"exports": addresses} | (extra_context or {})
        found: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return found

    def export_address(self, form: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export", args=[form])

    def export_view(self, request: HttpRequest, form: str) -> HttpResponseBase:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if form not in listing.FORMS or request.method not in ("GET", "HEAD"):
            raise Http404
        try:
            request.for_file = True  # type: ignore[attr-defined]  # of which no row may be left out
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            # As the list itself does with a filter that there is not: it must not be all rows instead.
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist") + "?e=1"
            )
        chunks = listing.export(shown.queryset, type_of(self.model()), form)
        response = StreamingHttpResponse(chunks, content_type=listing.FORMS[form].media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}-list.{form}"'
        return response
