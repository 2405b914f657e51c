"""Rules of any kind, of governments and of companies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from events.choices import PolicyKind
from events.models.actors import Agency, Alias, Company, Country
from events.models.base import (
    Mergeable,
    Name,
    TextLine,
    is_well_formed_slug,
    merges_into_another,
    not_empty,
    one_of,
    unique_whatever_the_case,
    web_address,
)
from events.models.naming import Named


class Policy(Named, Mergeable):
    """A rule, with its issuer: an agency or a company. Its stages are derived from its events (`events.documents`)."""

    NAMED_BY = "title"

    title = Name()
    kind = models.CharField(max_length=30, choices=PolicyKind)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="policies")
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="policies")
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="policies", help_text="Of the issuer"
    )
    citation = TextLine(help_text="89 FR 5698")
    official_url = models.URLField(max_length=1000, blank=True, validators=[web_address])

    history = HistoricalRecords()

    class Meta:
        ordering = ("title",)
        verbose_name_plural = "policies"
        constraints = (
            is_well_formed_slug("policy_slug_well_formed"),
            merges_into_another("policy_merged_into_another"),
            not_empty("title", "policy_has_a_title"),
            unique_whatever_the_case("title", "policy_title_unique"),
            one_of("kind", PolicyKind, "policy_kind_known"),
            models.CheckConstraint(
                name="policy_has_one_issuer",
                condition=Q(agency=None, company__isnull=False) | Q(agency__isnull=False, company=None),
                violation_error_message="A policy is issued by one agency or by one company.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("policy-detail", args=[self.slug])

    @property
    def issuer(self) -> Agency | Company | None:
        return self.agency or self.company


class PolicyAlias(Alias):
    of = models.ForeignKey(Policy, models.CASCADE, related_name="aliases")

    class Meta(Alias.Meta):
        abstract = False
        constraints = (*Alias.Meta.constraints, unique_whatever_the_case("name", "policyalias_unique"))
