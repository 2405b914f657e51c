"""The log and what is drawn from it, and the parts of records: to look at."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from events.admin.looking import HistoryAdmin, LookingMixin
from events.choices import RecordType
from events.models import (
    AccessEffect,
    AccessRecord,
    Change,
    Citation,
    GroupRecord,
    LoadedEntry,
    LogHead,
    Membership,
    Ownership,
    PublicDocument,
    Reissue,
    TimelineEntry,
    day_of,
    pk_of,
)


class LookingAdmin(LookingMixin, admin.ModelAdmin[Any]):
    pass


class PartAdmin(LookingMixin, HistoryAdmin):
    """Rows that are edited on the form of their record."""


class ByKey(LookingAdmin):
    """Found by the key of a record, through an index that begins with the type: the type is always said."""

    search_fields = ("=key",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        return queryset.filter(self.found_by(term)), False

    def found_by(self, term: str) -> Q:
        keys = Q(type__in=RecordType.values, key__in={term, term.lower(), term.upper()})
        # On PostgreSQL and SQLite alike a seq is at most 2^63 - 1.
        return keys | Q(pk=int(term)) if term.isdecimal() and len(term) < 19 else keys


@admin.register(Change)
class ChangeAdmin(ByKey):
    list_display = ("seq", "at", "type", "key", "action", "correction_class", "note", "self_published")
    list_display_links = ("seq", "key")
    list_filter = ("type", "action", "correction_class")
    ordering = ("-seq",)
    sortable_by = ("seq",)
    search_help_text = "The slug or code of a record, or a revision"
    exclude = ("document",)
    readonly_fields = ("document_as_json",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        return super().get_queryset(request).defer("document")

    @admin.display(description="document")
    def document_as_json(self, change: Change) -> str:
        if change.document is None:
            return "Redacted."
        text = orjson.dumps(orjson.loads(change.document), option=orjson.OPT_INDENT_2).decode()
        return format_html("<pre class='document'>{}</pre>", text)


@admin.register(LogHead)
class LogHeadAdmin(LookingAdmin):
    list_display = ("seq", "at", "hash")


@admin.register(PublicDocument)
class PublicDocumentAdmin(ByKey):
    list_display = ("type", "key", "name", "is_listed", "change_id")
    list_display_links = ("key",)
    list_filter = ("type", "is_listed")
    ordering = ("-pk",)
    sortable_by = ()
    raw_id_fields = ("change",)
    search_help_text = "The slug or code of a record"


@admin.register(Reissue)
class ReissueAdmin(LookingAdmin):
    list_display = ("type", "key", "embedders", "cursor", "requested_at", "done_at")
    list_filter = ("type", ("done_at", admin.EmptyFieldListFilter))
    ordering = ("-pk",)
    search_fields = ("=key",)
    date_hierarchy = "requested_at"


@admin.register(LoadedEntry)
class LoadedEntryAdmin(LookingAdmin):
    list_display = ("type", "key", "revision", "entry_hash")
    list_filter = ("type",)
    search_fields = ("=key",)


@admin.register(TimelineEntry)
class TimelineEntryAdmin(LookingAdmin):
    list_display = ("day", "event_key", "kind", "direction", "change_id")
    list_filter = ("kind", "direction")
    ordering = ("-position",)
    sortable_by = ()
    raw_id_fields = ("change",)

    @admin.display(description="date")
    def day(self, entry: TimelineEntry) -> str:
        return day_of(entry.position).isoformat()

    @admin.display(description="event")
    def event_key(self, entry: TimelineEntry) -> int:
        return pk_of(entry.position)


@admin.register(AccessRecord)
class AccessRecordAdmin(LookingAdmin):
    list_display = (
        "event", "effect", "product", "place", "status", "effective_date", "until", "reported_on",
        "recorded_from", "recorded_until",
    )  # fmt: skip
    list_filter = ("status",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=event", "=product")
    search_help_text = "The slug of an event or of a product"


@admin.register(GroupRecord)
class GroupRecordAdmin(LookingAdmin):
    list_display = ("group", "country", "since", "until", "recorded_from", "recorded_until")
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("=group", "=country")
    search_help_text = "The slug of a group or the code of a country"


@admin.register(AccessEffect)
class AccessEffectAdmin(PartAdmin):
    list_display = ("event", "number", "product", "country", "group", "status", "effective_date", "until")
    list_filter = ("status",)
    list_select_related = ("event", "product", "country", "group")
    search_fields = ("event__slug", "product__name", "country__name", "=country__code", "group__name")
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(Citation)
class CitationAdmin(PartAdmin):
    list_display = ("event", "number", "source", "stance", "about", "quote")
    list_filter = ("stance", "about")
    list_select_related = ("event", "source")
    search_fields = ("event__slug", "source__title", "=source__slug", "speaker", "quote")
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(Ownership)
class OwnershipAdmin(PartAdmin):
    list_display = ("owner", "kind", "owned", "since", "until")
    list_display_links = ("kind",)
    list_filter = ("kind",)
    list_select_related = ("owner", "owned")
    search_fields = ("owner__name", "owner__aliases__name", "owned__name", "owned__aliases__name")
    date_hierarchy = "since"


@admin.register(Membership)
class MembershipAdmin(PartAdmin):
    list_display = ("country", "group", "since", "until")
    list_filter = ("group",)
    list_select_related = ("country", "group")
    search_fields = ("country__name", "=country__code", "group__name", "group__slug")
    date_hierarchy = "since"
