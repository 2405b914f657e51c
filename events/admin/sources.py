"""Who says so: publishers and their documents."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from events.admin.base import RecordAdmin
from events.admin.forms import SourceForm
from events.admin.lists import PublicFilter
from events.admin.nudging import nudge
from events.admin.queues import QueueFilter
from events.choices import LinkStatus
from events.lib.urls import BadUrl, normalize
from events.models import LinkCheck, Publisher, Source
from events.services import links


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
        "page",
    )
    readonly_fields = ("page",)
    autocomplete_fields = ("publisher", "relays")
    list_display = ("title", "publisher", "published", "tier", "paywalled", "page_status", "public")
    list_filter = (QueueFilter, "tier", "paywalled", "link_check__status", PublicFilter)
    list_select_related = ("publisher", "link_check")
    actions = (*RecordAdmin.actions, "check_now", "take_as_cited")
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

    # ------------------------------------------------------------------------------------------ what became of the page

    @admin.display(description="page", ordering="link_check__status")
    def page_status(self, source: Source) -> str:
        """What is confirmed of it, and what the last check found where that is another thing."""
        check = getattr(source, "link_check", None)
        if check is None or check.checked_at is None:
            return "Not checked yet"
        status = LinkStatus(check.status).label
        if check.found in ("", check.status):
            return status
        return f"{status}; {LinkStatus(check.found).label.lower()} since {check.found_since:%Y-%m-%d}, to be confirmed"

    @admin.display(description="checks of the page")
    def page(self, source: Source) -> str:
        check = getattr(source, "link_check", None)
        if check is None or check.checked_at is None:
            return "Not checked yet"
        lines = [("Status", self.page_status(source)), ("Checked", f"{check.checked_at:%Y-%m-%d %H:%M} UTC")]
        lines += [
            (name, said)
            for name, said in (
                ("Since", check.status_since if check.status != LinkStatus.OK else None),
                ("Answer", check.http_status),
                ("Led to", check.final_url if check.final_url != check.url else ""),
                ("Problem", check.problem),
                ("Words that count as cited", check.cited_at and f"as read on {check.cited_at:%Y-%m-%d}"),
                ("Copy at the archiver", check.archive_url),
                ("Archiver", check.archive_problem),
                ("Next check", f"{check.next_at:%Y-%m-%d %H:%M} UTC"),
            )
            if said
        ]
        return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines))

    @admin.action(description="Check the pages of the selected now", permissions=["change"])
    def check_now(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        links.check_now(list(queryset.values_list("pk", flat=True)))
        nudge("links.check_sources")
        said = "A worker checks them." if settings.CHECK_SOURCES else "They are due, but CHECK_SOURCES is not set."
        self.message_user(request, said, messages.SUCCESS if settings.CHECK_SOURCES else messages.WARNING)

    @admin.action(description="What the pages of the selected say now is what is cited", permissions=["change"])
    def take_as_cited(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for check in LinkCheck.objects.filter(source__in=queryset).exclude(content_hash=""):
            links.take_as_cited(check)
        self.message_user(request, "The marks go within a minute.", messages.SUCCESS)
