"""Evidence on an event's form: a source is attached by its address, found if it is known, made if it is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse_lazy

from events.admin.fields import LabelledAutocomplete, LabelledFormSet
from events.choices import Tier
from events.lib.urls import BadUrl, meant_by, source_slug
from events.models import AccessEffect, Citation, Publisher, Source
from events.services.rules import UNKNOWN_PAGE


def known(text: str) -> Source | None:
    """The source that stands for a page, in any spelling of its address; a merged one is what it became.

    Raises BadUrl.
    """
    url = meant_by(text)
    found = Source.objects.select_related("publisher", "merged_into__publisher")
    # A known page's address may have been mended since: its slug is still the old one's.
    rows = found.filter(models.Q(normalized_url=url) | models.Q(slug=source_slug(url)))
    source = min(rows, key=lambda row: row.normalized_url != url, default=None)
    return source.merged_into or source if source else None


class CitationForm(forms.ModelForm[Citation]):
    """One citation, whose source is chosen, or named by its address."""

    url = forms.CharField(
        label="Address",
        required=False,
        max_length=4_000,
        widget=forms.TextInput(
            attrs={
                "class": "vTextField",
                "inputmode": "url",
                "hx-get": reverse_lazy("admin:events_event_source"),
                "hx-trigger": "change, keyup changed delay:600ms",
                "hx-target": "next .help",
            }
        ),
        help_text="Paste the address of a page, in any spelling; or choose a known source below.",
    )
    new_title = forms.CharField(label="Title", required=False, max_length=500)
    new_publisher = forms.ModelChoiceField(
        label="Publisher",
        required=False,
        queryset=Publisher.objects.filter(merged_into=None),
        widget=LabelledAutocomplete(Source._meta.get_field("publisher"), admin.site),
    )
    new_published = forms.DateField(label="Published", required=False, widget=AdminDateWidget)
    new_tier = forms.ChoiceField(label="Tier", required=False, choices=[("", "---------"), *Tier.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].required = False

    made: Source | None = None  # by this row, saved with it

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"source"} if self.made else excluded

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (text := (cleaned.get("url") or "").strip()):
            if not cleaned.get("source") and "source" not in self.errors:
                self.add_error("url", "A citation names a source: give its address, or choose one.")
            return cleaned
        try:
            source = known(text)
        except BadUrl as problem:
            self.add_error("url", str(problem))
            return cleaned
        if cleaned.get("source"):
            if source != cleaned["source"]:
                self.add_error("url", "This is the address of another source than the one that is chosen.")
        elif source is None:
            source = self.made = self.new_source(text, cleaned)
        if source is not None:
            cleaned["source"] = source
        return cleaned

    def new_source(self, text: str, cleaned: dict[str, Any]) -> Source | None:
        """The unsaved source of a page that is not known; None: what was given does not make one, and says so."""
        if not (cleaned.get("new_title") and cleaned.get("new_publisher") and cleaned.get("new_tier")):
            self.add_error("url", UNKNOWN_PAGE)
            return None
        address = text if text.lower().startswith(("http://", "https://")) else meant_by(text)
        source = Source(
            url=address,
            title=cleaned["new_title"],
            publisher=cleaned["new_publisher"],
            published=cleaned.get("new_published"),
            tier=cleaned["new_tier"],
        )
        source.identify()
        try:
            source.full_clean()
        except ValidationError as error:
            places = {
                "title": "new_title",
                "publisher": "new_publisher",
                "published": "new_published",
                "tier": "new_tier",
            }
            for name, problems in error.message_dict.items():
                self.add_error(places.get(name, "url"), problems)
            return None
        return source

    def save(self, commit: bool = True) -> Any:
        """With the source that it makes, which two rows of one form may share."""
        if self.made is not None and self.made.pk is None:
            self.made = Source.objects.filter(slug=self.made.slug).first() or self.made
            if self.made.pk is None:
                self.made.save()
            self.instance.source = self.made
        return super().save(commit)


class CitationFormSet(LabelledFormSet):
    """Citations, each of which may be about one of the event's own effects.

    All of these stand in the empty form alone, from which desk.js fills the others: every row would repeat them.
    """

    has_empty_form = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices: list[tuple[Any, str]] | None = None

    def empty_prefix(self, name: str) -> str:
        """The id of a field in the empty form."""
        return f"id_{self.add_prefix('__prefix__')}-{name}"

    @property
    def own_effects(self) -> models.QuerySet[AccessEffect]:
        if not self.instance.pk:
            return AccessEffect.objects.none()
        return AccessEffect.objects.filter(event=self.instance).select_related("product", "country", "group")

    def effect_choices(self) -> list[tuple[Any, str]]:
        if self._choices is None:
            effects: Iterable[AccessEffect] = self.own_effects
            self._choices = [("", "---------"), *((effect.pk, f"{effect.number}: {effect}") for effect in effects)]
        return self._choices

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if field := form.fields.get("effect"):
            field.queryset = self.own_effects
            field.choices = self.effect_choices()
            if index is not None and self.has_empty_form:
                chosen = str(form["effect"].value() or "")
                field.choices = [choice for choice in field.choices if str(choice[0]) in ("", chosen)]
                field.widget.attrs["data-choices-of"] = self.empty_prefix("effect")
            field.help_text = "Of this event; save a new effect first."
