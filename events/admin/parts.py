"""Rows that hang on a record and are edited on its form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from events.admin.fields import LabelledAutocomplete, LabelledFormSet, TableFormSet


class RelatedMixin:
    """Beside a foreign key: links to add, change and see the other row, none to delete it."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False
        return field


class PartMixin(RelatedMixin):
    """Rows that hang on a record and are edited with it: autocomplete, and as many queries for 20 rows as for one."""

    formset: Any = LabelledFormSet
    extra = 0
    read_with: Sequence[str] = ()  # what its label names, besides the fields chosen by autocomplete
    first_rows = 0  # empty rows offered on the form of a new record

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return self.extra if obj else self.first_rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.select_related(*self.get_autocomplete_fields(request), *self.read_with)  # type: ignore[attr-defined]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = LabelledAutocomplete(db_field, self.admin_site, using=kwargs.get("using"))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class PartTable(PartMixin, admin.TabularInline[Any, Any]):
    formset: Any = TableFormSet


class PartStack(PartMixin, admin.StackedInline[Any, Any]):
    pass
