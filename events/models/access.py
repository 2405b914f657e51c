"""What an event did to somebody's access, and who vouches for what."""

from __future__ import annotations

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from events.choices import About, AccessStatus, Certainty, ClosedBy, Precision, Stance, State
from events.models.actors import Country, CountryGroup
from events.models.base import FoundByNaturalKey, Part, TextLine, one_of, starts_its_period
from events.models.events import Event
from events.models.products import Product
from events.models.sources import Source


class AccessEffectQuerySet(FoundByNaturalKey, models.QuerySet["AccessEffect"]):
    def counting(self) -> Self:
        """Effects of events that are published and not denied."""
        return self.filter(event__state=State.PUBLISHED).exclude(event__certainty=Certainty.DENIED)


class AccessEffect(Part):
    """From `effective_date` the product has this status in a country, or in all of a group but `exceptions`.

    `until` is the first day on which it no longer holds; None: open. `number` is its id in the event, forever.
    """

    NATURAL_KEY = ("event__slug", "number")

    event = models.ForeignKey(Event, models.CASCADE, related_name="effects")
    number = models.PositiveIntegerField(editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="effects")
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="effects")
    group = models.ForeignKey(CountryGroup, models.PROTECT, null=True, blank=True, related_name="effects")
    exceptions = models.JSONField(default=list, blank=True, help_text="Codes of countries of the group left out")
    status = models.CharField(max_length=20, choices=AccessStatus)
    effective_date = models.DateField()
    date_precision = models.CharField(max_length=7, choices=Precision, default=Precision.DAY)
    until = models.DateField(null=True, blank=True)
    by = models.JSONField(default=list, blank=True, help_text="Who decides it, where the default rule errs")
    note = TextLine(max_length=200)

    objects = AccessEffectQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("number",)
        verbose_name = "effect on access"
        verbose_name_plural = "effects on access"
        constraints = (
            models.UniqueConstraint(fields=("event", "number"), name="effect_number_once_an_event"),
            models.CheckConstraint(name="effect_number_from_1", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="effect_on_a_country_or_a_group",
                condition=Q(country=None, group__isnull=False) | Q(country__isnull=False, group=None),
                violation_error_message="An effect is on one country or on one group.",
            ),
            models.CheckConstraint(
                name="effect_exceptions_of_a_group",
                condition=Q(group__isnull=False) | Q(exceptions=[]),
                violation_error_message="Only an effect on a group has exceptions.",
            ),
            models.CheckConstraint(
                name="effect_ends_on_or_after_its_start",
                condition=Q(until=None) | Q(until__gte=F("effective_date")),
                violation_error_message="An effect cannot end before it starts.",
            ),
            one_of("status", AccessStatus, "effect_status_known"),
            one_of("date_precision", Precision, "effect_precision_known"),
            starts_its_period("effective_date", "date_precision", "effect_date_starts_its_period"),
        )
        indexes = (
            models.Index(fields=("product", "country", "effective_date"), name="effect_on_country"),
            models.Index(fields=("product", "group", "effective_date"), name="effect_on_group"),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.number = self.event.take_number("effects_numbered", self.number)
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.product}: {self.get_status_display()} in {self.country or self.group}"

    def clean(self) -> None:
        codes = self.exceptions
        if not isinstance(codes, list) or Country.objects.filter(code__in=codes).count() != len(codes):
            raise ValidationError({"exceptions": "Exceptions are a list of country codes, each once."})
        if not isinstance(self.by, list) or not set(self.by) <= set(ClosedBy.values):
            raise ValidationError({"by": f"A list of {', '.join(ClosedBy.values)}."})


class Citation(Part):
    """A source that supports, disputes or explains an event, in the editors' order."""

    NATURAL_KEY = ("event__slug", "number")

    event = models.ForeignKey(Event, models.CASCADE, related_name="citations")
    number = models.PositiveIntegerField(editable=False)
    position = models.PositiveIntegerField(default=0)
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations")
    quote = TextLine(max_length=300)
    speaker = TextLine(max_length=200)
    locator = TextLine(max_length=200, help_text="Page, section or time")
    stance = models.CharField(max_length=10, choices=Stance, default=Stance.SUPPORTS)
    about = models.CharField(max_length=10, choices=About, default=About.EVENT)
    effect = models.ForeignKey(AccessEffect, models.RESTRICT, null=True, blank=True, related_name="citations")

    history = HistoricalRecords()

    class Meta:
        ordering = ("position", "number")
        constraints = (
            models.UniqueConstraint(fields=("event", "number"), name="citation_number_once_an_event"),
            models.CheckConstraint(name="citation_number_from_1", condition=Q(number__gte=1)),
            # SQLite lets a longer text into a column than the column says.
            models.CheckConstraint(
                name="citation_quote_is_short",
                condition=Q(quote__length__lte=300),
                violation_error_message="A quotation has at most 300 characters.",
            ),
            one_of("stance", Stance, "citation_stance_known"),
            one_of("about", About, "citation_about_known"),
            models.CheckConstraint(
                name="citation_about_an_effect_names_it",
                condition=Q(about=About.EFFECT, effect__isnull=False) | ~Q(about=About.EFFECT) & Q(effect=None),
                violation_error_message="A citation about an effect names the effect.",
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.number = self.event.take_number("citations_numbered", self.number)
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.get_stance_display()}: {self.source}"

    def clean(self) -> None:
        if self.effect and self.effect.event_id != self.event_id:
            raise ValidationError({"effect": "The effect belongs to another event."})
