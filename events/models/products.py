"""What is accessed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from events.choices import ProductKind
from events.models.actors import Alias, Company
from events.models.base import (
    Mergeable,
    Name,
    is_well_formed_slug,
    merges_into_another,
    not_empty,
    one_of,
    unique_whatever_the_case,
)
from events.models.naming import Named


class Product(Named, Mergeable):
    """A product is a route to the models of `models_from`, or, where that is empty, to those of its own company."""

    ALIASES_SHARED = True

    name = Name()
    kind = models.CharField(max_length=20, choices=ProductKind)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="products", help_text="Empty: goods of many makers"
    )
    models_from = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="served_by",
        help_text="The developer whose models it serves, where that is another company",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        constraints = (
            is_well_formed_slug("product_slug_well_formed"),
            merges_into_another("product_merged_into_another"),
            not_empty("name", "product_has_a_name"),
            unique_whatever_the_case("name", "product_name_unique"),
            one_of("kind", ProductKind, "product_kind_known"),
            models.CheckConstraint(
                name="product_serves_models_of_another",
                condition=Q(models_from=None) | Q(company=None) | ~Q(models_from=F("company")),
                violation_error_message="“Models from” names another company than the product's own.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("product-detail", args=[self.slug])


class ProductAlias(Alias):
    """Two products may share an alias: "Copilot"."""

    of = models.ForeignKey(Product, models.CASCADE, related_name="aliases")

    class Meta(Alias.Meta):
        abstract = False
        constraints = (
            *Alias.Meta.constraints,
            models.UniqueConstraint(Lower("name"), "of", name="productalias_once_a_product"),
        )
