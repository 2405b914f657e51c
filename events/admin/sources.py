"""Who says so: publishers and their documents."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from events.admin.base import RecordAdmin
from events.admin.forms import SourceForm
from events.admin.lists import PublicFilter
from events.lib.urls import BadUrl, normalize
from events.models import Publisher, Source


@admin.register(Publisher)
class PublisherAdmin(RecordAdmin):
    fields = ("name", "slug", "kind", "country", "group")
    autocomplete_fields = ("country", "group")
    list_display = ("name", "kind", "country", "group", "public")
    list_filter = ("kind", PublicFilter)
    list_select_related = ("country", "group")
    search_fields = ("name", "slug")


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    form = SourceForm
    fields = (
        "url",
        "title",
        ("publisher", "relays"),
        "authors",
        ("published", "language"),
        ("tier", "paywalled"),
        "archive_url",
    )
    autocomplete_fields = ("publisher", "relays")
    list_display = ("title", "publisher", "published", "tier", "paywalled", "public")
    list_filter = ("tier", "paywalled", PublicFilter)
    list_select_related = ("publisher",)
    search_fields = ("title", "=slug", "publisher__name")
    search_help_text = "Words of the title or the publisher, or the address in any of its spellings"
    show_facets = admin.ShowFacets.NEVER

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Source], search_term: str
    ) -> tuple[QuerySet[Source], bool]:
        """An address is looked up in its normalized form, by its index."""
        try:
            return queryset.filter(normalized_url=normalize(search_term.strip())), False
        except BadUrl:
            return super().get_search_results(request, queryset, search_term)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in super().get_readonly_fields(request, obj) if name != "slug"]
