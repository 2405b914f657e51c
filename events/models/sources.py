"""Who says so: publishers and their documents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from events.choices import PublisherKind, Tier
from events.lib.urls import BadUrl, normalize, source_slug
from events.models.actors import Country, CountryGroup
from events.models.base import (
    Mergeable,
    Name,
    SlugField,
    TextLine,
    is_well_formed_slug,
    merges_into_another,
    not_empty,
    one_of,
    storable,
    unique_whatever_the_case,
    web_address,
)
from events.models.naming import Named


def is_still_to_come(day: dt.date) -> bool:
    """Whether the day has dawned nowhere yet."""
    return day > (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date()


class Publisher(Named, Mergeable):
    name = Name()
    kind = models.CharField(max_length=20, choices=PublisherKind)
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="publishers")
    group = models.ForeignKey(CountryGroup, models.PROTECT, null=True, blank=True, related_name="publishers")

    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        constraints = (
            is_well_formed_slug("publisher_slug_well_formed"),
            merges_into_another("publisher_merged_into_another"),
            not_empty("name", "publisher_has_a_name"),
            unique_whatever_the_case("name", "publisher_name_unique"),
            one_of("kind", PublisherKind, "publisher_kind_known"),
            models.CheckConstraint(
                name="publisher_of_a_country_or_a_group",
                condition=Q(country=None) | Q(group=None),
                violation_error_message="A publisher is of a country, or of a group, or of neither.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("api:publisher-detail", args=[self.slug])


class Source(Mergeable):
    """One document at one URL. Its slug is drawn from the normalized URL, so that no page has two rows."""

    slug = SlugField(max_length=12, unique=True, editable=False)
    url = models.URLField(max_length=2000)
    normalized_url = models.CharField(max_length=2000, unique=True, editable=False)
    title = models.CharField(max_length=500, validators=[storable])
    publisher = models.ForeignKey(Publisher, models.PROTECT, related_name="sources")
    authors = models.JSONField(default=list, blank=True, help_text="A list of names")
    language = TextLine(max_length=35, help_text="BCP 47; empty: English")
    published = models.DateField(null=True, blank=True, help_text="Date of publication, local to the publisher")
    tier = models.CharField(max_length=10, choices=Tier)
    paywalled = models.BooleanField(default=False)
    relays = models.ForeignKey(
        Publisher,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="relayed_by",
        help_text="The publisher whose report it repeats",
    )
    archive_url = models.URLField(max_length=2000, blank=True, validators=[web_address])

    history = HistoricalRecords()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(name="source_slug_is_12_hex_digits", condition=Q(slug__regex="^[0-9a-f]{12}$")),
            merges_into_another("source_merged_into_another"),
            not_empty("title", "source_has_a_title"),
            not_empty("url", "source_has_a_url"),
            one_of("tier", Tier, "source_tier_known"),
            models.CheckConstraint(
                name="source_relays_another",
                condition=Q(relays=None) | ~Q(relays=F("publisher")),
                violation_error_message="A source does not relay its own publisher.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("api:source-detail", args=[self.slug])

    def identify(self) -> None:
        """Derive slug and normalized URL. Raises BadUrl."""
        self.normalized_url = normalize(self.url)
        if not self.slug:  # forever: a URL mended later keeps the name
            self.slug = source_slug(self.url)

    def clean(self) -> None:
        try:
            self.identify()
        except BadUrl as problem:
            raise ValidationError({"url": str(problem)}) from problem
        if not isinstance(self.authors, list) or not all(isinstance(name, str) and name for name in self.authors):
            raise ValidationError({"authors": "Authors are a list of names."})
        if len(self.authors) != len(set(self.authors)):
            raise ValidationError({"authors": "An author is named twice."})
        if self.published and is_still_to_come(self.published):
            raise ValidationError({"published": "It is in the future."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.identify()
        super().save(*args, **kwargs)
