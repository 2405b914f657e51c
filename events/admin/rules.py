"""What is accessed, and under which rules."""

from __future__ import annotations

from django.contrib import admin

from events.admin.base import RecordAdmin
from events.admin.lists import PublicFilter
from events.admin.parts import PartTable
from events.models import Policy, PolicyAlias, Product, ProductAlias


class ProductAliases(PartTable):
    model = ProductAlias
    fields = ("name",)


@admin.register(Product)
class ProductAdmin(RecordAdmin):
    fields = ("name", "slug", "kind", "company", "models_from")
    autocomplete_fields = ("company", "models_from")
    inlines = (ProductAliases,)
    list_display = ("name", "kind", "company", "models_from", "public")
    list_filter = ("kind", PublicFilter)
    list_select_related = ("company", "models_from")
    search_fields = ("name", "slug", "aliases__name", "company__name")


class PolicyAliases(PartTable):
    model = PolicyAlias
    fields = ("name",)


@admin.register(Policy)
class PolicyAdmin(RecordAdmin):
    fields = ("title", "slug", "kind", ("agency", "company"), "country", "citation", "official_url")
    autocomplete_fields = ("agency", "company", "country")
    inlines = (PolicyAliases,)
    list_display = ("title", "kind", "issuer", "country", "citation", "public")
    list_filter = ("kind", PublicFilter, ("country", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("agency", "company", "country")
    search_fields = ("title", "slug", "citation", "aliases__name")
