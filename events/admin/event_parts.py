"""What hangs on an event, in the order of its form: who, where, under what, the effects, the evidence."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from events.admin.citing import CitationForm, CitationFormSet
from events.admin.forms import EffectForm
from events.admin.parts import PartStack, PartTable
from events.models import (
    AccessEffect,
    Citation,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    EventRelation,
)


class Companies(PartTable):
    model = EventCompany
    fields = ("company", "role")
    autocomplete_fields = ("company",)
    verbose_name_plural = "who: companies"
    first_rows = 1


class Agencies(PartTable):
    model = EventAgency
    fields = ("agency",)
    autocomplete_fields = ("agency",)
    verbose_name_plural = "who: agencies that acted"


class Countries(PartTable):
    model = EventCountry
    fields = ("country", "role")
    autocomplete_fields = ("country",)
    verbose_name_plural = "where: countries"
    first_rows = 1


class Groups(PartTable):
    model = EventGroup
    fields = ("group", "role")
    autocomplete_fields = ("group",)
    verbose_name_plural = "where: country groups"


class Policies(PartTable):
    model = EventPolicy
    fields = ("policy", "relation", "partial")
    autocomplete_fields = ("policy",)
    verbose_name_plural = "under what: policies"


class Relations(PartTable):
    model = EventRelation
    fk_name = "event"
    fields = ("relation", "earlier")
    autocomplete_fields = ("earlier",)
    verbose_name_plural = "after what: earlier events"


class Products(PartTable):
    model = EventProduct
    fields = ("product",)
    autocomplete_fields = ("product",)
    verbose_name_plural = "products"


class Effects(PartStack):
    model = AccessEffect
    form = EffectForm
    fields = (
        ("product", "status"),
        ("country", "group", "exceptions"),
        ("effective_date", "date_precision", "until"),
        "by",
        "note",
    )
    autocomplete_fields = ("product", "country", "group")


class Citations(PartStack):
    model = Citation
    form = CitationForm
    formset = CitationFormSet
    fields = (
        "url",
        "source",
        ("new_title", "new_publisher", "new_published", "new_tier"),
        ("stance", "about", "effect"),
        "quote",
        ("speaker", "locator", "position"),
    )
    autocomplete_fields = ("source",)
    verbose_name_plural = "evidence: citations"
    first_rows = 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.has_empty_form = self.has_add_permission(request, obj)
        return formset


EVENT_PARTS = (Companies, Agencies, Countries, Groups, Policies, Relations, Products, Effects, Citations)
