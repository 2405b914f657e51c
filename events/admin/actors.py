"""Who acts and where: companies, agencies, countries and their groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from events.admin.base import RecordAdmin, may_publish
from events.admin.lists import PublicFilter
from events.admin.looking import LookingMixin
from events.admin.parts import PartTable
from events.models import Agency, AgencyAlias, Company, CompanyAlias, Country, CountryGroup, Membership, Ownership

OWNERSHIP_FIELDS = ("kind", "since", "since_precision", "until", "until_precision", "note")


class CompanyAliases(PartTable):
    model = CompanyAlias
    fields = ("name",)


class Owns(PartTable):
    model = Ownership
    fk_name = "owner"
    fields = ("owned", *OWNERSHIP_FIELDS)
    autocomplete_fields = ("owned",)
    read_with = ("owner",)
    verbose_name_plural = "companies that it owns or runs"


class OwnedBy(PartTable):
    model = Ownership
    fk_name = "owned"
    fields = ("owner", *OWNERSHIP_FIELDS)
    autocomplete_fields = ("owner",)
    read_with = ("owned",)
    verbose_name_plural = "companies that own or run it"


@admin.register(Company)
class CompanyAdmin(RecordAdmin):
    fields = ("name", "slug", "kind", "country")
    autocomplete_fields = ("country",)
    inlines = (CompanyAliases, Owns, OwnedBy)
    list_display = ("name", "kind", "country", "public")
    list_filter = ("kind", PublicFilter, ("country", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("country",)
    search_fields = ("name", "slug", "aliases__name")

    def touched(self, obj: Any, formsets: Sequence[Any]) -> Iterable[Any]:
        """An ownership stands in the documents of both companies: of the one it was with, and the one it is with."""
        others: set[Any] = set()
        for formset in formsets:
            if formset.model is Ownership:
                other = "owned" if formset.fk.name == "owner" else "owner"
                for form in formset.forms:
                    if form.has_changed():
                        company = form.cleaned_data.get(other)
                        others |= {form.initial.get(other), company.pk if company else None}
        return [obj, *Company.objects.filter(pk__in=others - {None, obj.pk}).order_by("pk")]

    def may_correct(self, request: HttpRequest, obj: Any) -> bool:
        # One that is not public may be owned by one that is, whose document then changes.
        if obj is None or not self.is_public(obj):
            return may_publish(request)
        return super().may_correct(request, obj)


class AgencyAliases(PartTable):
    model = AgencyAlias
    fields = ("name",)


@admin.register(Agency)
class AgencyAdmin(RecordAdmin):
    fields = ("name", "slug", "short", "country", "group")
    autocomplete_fields = ("country", "group")
    inlines = (AgencyAliases,)
    list_display = ("name", "short", "country", "group", "public")
    list_filter = (PublicFilter, ("country", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("country", "group")
    search_fields = ("name", "short", "slug", "aliases__name")


class Members(PartTable):
    model = Membership
    fields = ("country", "since", "until")
    autocomplete_fields = ("country",)
    read_with = ("group",)


@admin.register(CountryGroup)
class CountryGroupAdmin(RecordAdmin):
    fields = ("name", "slug", "issuer", "citation", "official_url", "note", "checked")
    autocomplete_fields = ("issuer",)
    inlines = (Members,)
    list_display = ("name", "issuer", "citation", "public")
    list_filter = (PublicFilter,)
    list_select_related = ("issuer",)
    search_fields = ("name", "slug", "citation")


@admin.register(Country)
class CountryAdmin(LookingMixin, admin.ModelAdmin[Country]):
    """Made by a migration from ISO 3166-1, and never typed in."""

    list_display = ("name", "code", "alpha3", "region")
    list_filter = ("region",)
    search_fields = ("name", "=code", "=alpha3")
