"""Who acts and where: countries and their groups, companies and who owns them, agencies."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from events.choices import Checked, CompanyKind, OwnershipKind, Precision
from events.lib.names import shared
from events.models.base import (
    BySlug,
    FoundByNaturalKey,
    Mergeable,
    Name,
    Part,
    TextLine,
    in_order,
    is_well_formed_slug,
    merges_into_another,
    not_empty,
    one_of,
    starts_its_period,
    storable,
    unique_whatever_the_case,
    web_address,
)
from events.models.naming import Named, book_of

# The group that stands for every country, and has no list of members.
WORLD = "world"


class CountryManager(models.Manager["Country"]):
    def get_by_natural_key(self, code: str) -> Country:
        return self.get(code=code)


class Country(models.Model):
    """An ISO 3166-1 entry: codes by pycountry, the short English name of CLDR, the region of UN M49.

    Rows are made by a migration and never typed in. Names imply no view on status.
    """

    code = models.CharField(max_length=2, primary_key=True, help_text="ISO 3166-1 alpha-2")
    alpha3 = models.CharField(max_length=3, unique=True, help_text="ISO 3166-1 alpha-3")
    name = Name(max_length=100, unique=True)
    region_code = models.CharField(max_length=3, help_text="UN M49 code of the region")
    region = models.CharField(max_length=60)

    objects = CountryManager()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "countries"
        constraints = (
            models.CheckConstraint(name="country_code_is_alpha_2", condition=Q(code__regex="^[A-Z]{2}$")),
            models.CheckConstraint(name="country_alpha3_is_alpha_3", condition=Q(alpha3__regex="^[A-Z]{3}$")),
            not_empty("name", "country_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("country-detail", args=[self.code])

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def key(self) -> str:
        return self.code


class CountryGroup(Named, BySlug):
    """A named set of countries, with dated membership: the EU, EAR Country Group D:5, the world."""

    name = Name()
    issuer = models.ForeignKey("Agency", models.PROTECT, null=True, blank=True, related_name="issued_groups")
    citation = TextLine()
    official_url = models.URLField(max_length=1000, blank=True, validators=[web_address])
    note = models.TextField(blank=True, validators=[storable])
    checked = models.CharField(max_length=10, choices=Checked, blank=True)
    countries: models.ManyToManyField[Country, Membership] = models.ManyToManyField(
        Country, through="Membership", related_name="groups"
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        constraints = (
            is_well_formed_slug("group_slug_well_formed"),
            not_empty("name", "group_has_a_name"),
            unique_whatever_the_case("name", "group_name_unique"),
            models.CheckConstraint(name="group_checked_known", condition=Q(checked__in=("", *Checked.values))),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("api:group-detail", args=[self.slug])

    @property
    def is_world(self) -> bool:
        return self.slug == WORLD


class MembershipQuerySet(FoundByNaturalKey, models.QuerySet["Membership"]):
    def on(self, day: dt.date) -> Self:
        """Memberships that hold on `day`: since it or before, and not yet ended."""
        return self.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gt=day))


class Membership(Part):
    """A country's time in a group. `until` is the first day outside; None at either end: not known to be bounded."""

    NATURAL_KEY = ("group__slug", "country_id", "since")

    group = models.ForeignKey(CountryGroup, models.CASCADE, related_name="memberships")
    country = models.ForeignKey(Country, models.PROTECT, related_name="memberships")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("pk",)
        constraints = (
            in_order("since", "until", "membership_ends_after_it_starts", "A membership cannot end before it starts."),
            # PostgreSQL also excludes overlapping spans (migration 0003); these are the nearest rules that SQLite has.
            models.UniqueConstraint(fields=("group", "country", "since"), name="membership_once_a_start"),
            models.UniqueConstraint(
                fields=("group", "country"), condition=Q(since=None), name="membership_one_without_a_start"
            ),
            models.UniqueConstraint(
                fields=("group", "country"), condition=Q(until=None), name="membership_one_without_an_end"
            ),
        )

    def __str__(self) -> str:
        return f"{self.country_id} in {self.group}"


class Agency(Named, Mergeable):
    """A government body, regulator, court, legislature or international organization."""

    name = Name()
    short = TextLine(max_length=60)
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="agencies")
    group = models.ForeignKey(
        CountryGroup, models.PROTECT, null=True, blank=True, related_name="agencies", help_text="For bodies of a group"
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "agencies"
        constraints = (
            is_well_formed_slug("agency_slug_well_formed"),
            merges_into_another("agency_merged_into_another"),
            not_empty("name", "agency_has_a_name"),
            unique_whatever_the_case("name", "agency_name_unique"),
            models.CheckConstraint(
                name="agency_of_a_country_or_a_group",
                condition=Q(country=None) | Q(group=None),
                violation_error_message="An agency is of a country, or of a group, or of neither.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agency-detail", args=[self.slug])

    @staticmethod
    def not_both() -> tuple[type[models.Model], str]:
        """Whose slugs it may not bear."""
        return Company, "a company"


class Company(Named, Mergeable):
    name = Name()
    kind = models.CharField(max_length=20, choices=CompanyKind)
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="companies", help_text="Of its headquarters"
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "companies"
        constraints = (
            is_well_formed_slug("company_slug_well_formed"),
            merges_into_another("company_merged_into_another"),
            not_empty("name", "company_has_a_name"),
            unique_whatever_the_case("name", "company_name_unique"),
            one_of("kind", CompanyKind, "company_kind_known"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("company-detail", args=[self.slug])

    @staticmethod
    def not_both() -> tuple[type[models.Model], str]:
        """Whose slugs it may not bear."""
        return Agency, "an agency"


class Ownership(Part):
    """`owner` holds, shares or runs `owned`, from `since` to the day before `until` as exactly as is known."""

    NATURAL_KEY = ("owner__slug", "owned__slug", "kind", "since")

    owner = models.ForeignKey(Company, models.PROTECT, related_name="owns")
    owned = models.ForeignKey(Company, models.PROTECT, related_name="owned_by")
    kind = models.CharField(max_length=20, choices=OwnershipKind)
    since = models.DateField(null=True, blank=True)
    since_precision = models.CharField(max_length=7, choices=Precision, default=Precision.DAY)
    until = models.DateField(null=True, blank=True)
    until_precision = models.CharField(max_length=7, choices=Precision, default=Precision.DAY)
    note = TextLine(max_length=500)

    history = HistoricalRecords()

    class Meta:
        ordering = ("pk",)
        constraints = (
            one_of("kind", OwnershipKind, "ownership_kind_known"),
            one_of("since_precision", Precision, "ownership_since_precision_known"),
            one_of("until_precision", Precision, "ownership_until_precision_known"),
            starts_its_period("since", "since_precision", "ownership_since_starts_its_period"),
            starts_its_period("until", "until_precision", "ownership_until_starts_its_period"),
            in_order("since", "until", "ownership_ends_after_it_starts", "An ownership cannot end before it starts."),
            models.CheckConstraint(
                name="ownership_is_of_another",
                condition=~Q(owner=F("owned")),
                violation_error_message="A company does not own itself.",
            ),
            models.UniqueConstraint(fields=("owner", "owned", "kind", "since"), name="ownership_once_a_start"),
            models.UniqueConstraint(
                fields=("owner", "owned", "kind"), condition=Q(since=None), name="ownership_one_without_a_start"
            ),
            models.UniqueConstraint(
                fields=("owner", "owned", "kind"),
                condition=Q(until=None),
                name="ownership_one_without_an_end",
                violation_error_message="Another ownership of this kind has no end either.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner} – {self.get_kind_display()} – {self.owned}"


class Alias(Part):
    """Another name by which a text may call a thing; no two things of one table share one, whatever the case."""

    NATURAL_KEY = ("of__slug", "name")

    name = models.CharField(max_length=200, validators=[storable])
    of: Any

    class Meta:
        abstract = True
        ordering = ("pk",)
        verbose_name_plural = "aliases"
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (not_empty("name", "%(class)s_not_empty"),)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        model = self._meta.get_field("of").related_model
        held = book_of(model, but=[self.of_id]).clash("", self.name, is_alias=True)  # type: ignore[attr-defined]
        if held is not None:
            raise ValidationError({"name": shared(self.name, held)})


class CompanyAlias(Alias):
    of = models.ForeignKey(Company, models.CASCADE, related_name="aliases")

    class Meta(Alias.Meta):
        abstract = False
        constraints = (*Alias.Meta.constraints, unique_whatever_the_case("name", "companyalias_unique"))


class AgencyAlias(Alias):
    of = models.ForeignKey(Agency, models.CASCADE, related_name="aliases")

    class Meta(Alias.Meta):
        abstract = False
        constraints = (*Alias.Meta.constraints, unique_whatever_the_case("name", "agencyalias_unique"))
