"""Forms of the desk: what all records share, and what each adds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import slugify

from events.admin.fields import ClosedByField, CountryCodesField, LinesField
from events.choices import CorrectionClass
from events.lib.urls import BadUrl, normalize, source_slug
from events.models import AccessEffect, Source
from events.models.base import RESERVED_SLUGS

CONFLICT = (
    "Somebody else saved this in the meantime. Nothing of yours is lost: the form now shows what they saved, with your "
    "changes over it. Look at what both of you changed, and save again."
)
# What a form says besides its record.
EXTRA = ("correction_class", "correction_note", "as_of", "opened")


def newest_version(row: models.Model) -> str:
    """The id of the row's newest version in its history; empty where it has none."""
    version = row.history.order_by("-history_id").values_list("history_id", flat=True).first()  # type: ignore[attr-defined]
    return str(version or "")


def free_slug(model: type[models.Model], text: str, *, but: Any = None) -> str:
    """A slug after the text that is free among the model's rows: "a-title", "a-title-2", ..."""
    longest = 110  # of the 120 that a slug may have: room for a number
    stem = slugify(text)[:longest].strip("-") or slugify(str(model._meta.verbose_name))
    taken = [model._default_manager.exclude(pk=but)]
    if hasattr(model, "not_both"):
        taken.append(model.not_both()[0]._default_manager.all())
    for number in count(1):
        slug = stem if number == 1 else f"{stem}-{number}"
        if slug not in RESERVED_SLUGS and not any(rows.filter(slug=slug).exists() for rows in taken):
            break
    return slug


class RecordForm(forms.ModelForm[Any]):
    """A record, with what a correction of a public one has to say.

    `refusals` are the sentences by which publishing refused what this form was about to save: it is shown again, filled
    in as it was, with them above.
    """

    correction_class = forms.ChoiceField(
        label="Class",
        choices=[("", "---------"), *CorrectionClass.choices],
        required=False,
        help_text="Clerical: the meaning stays. Clarification: it becomes clearer. Substantive: it was wrong.",
    )
    correction_note = forms.CharField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        required=False,
        strip=True,
        help_text="What was corrected, and why. Readers see it in the public log.",
    )
    as_of = forms.CharField(widget=forms.HiddenInput, required=False)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)  # events.admin.conflicts

    refusals: Sequence[str] = ()
    in_conflict = False  # somebody else saved since the form was opened

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["as_of"].initial = newest_version(self.instance)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Its public address, forever once public. Empty: made from the name."

    @property
    def changes_content(self) -> bool:
        return bool(set(self.changed_data) - set(EXTRA))

    def clean(self) -> dict[str, Any]:
        super().clean()
        for sentence in self.refusals:
            self.add_error(None, sentence)
        seen = self.cleaned_data.get("as_of")
        if seen and self.instance.pk and seen != (newest := newest_version(self.instance)):
            self.in_conflict = True
            self.add_error(None, CONFLICT)
            # Shown again with both versions: whoever saves then has seen the other one.
            data: Any = self.data
            self.data = data.copy()
            self.data[self.add_prefix("as_of")] = newest  # type: ignore[index]  # a QueryDict, which is now ours
        if "slug" in self.fields and not self.cleaned_data.get("slug") and "slug" not in self.errors:
            name = self.cleaned_data.get("title") or self.cleaned_data.get("name") or ""
            self.cleaned_data["slug"] = free_slug(self._meta.model, name, but=self.instance.pk)
        return self.cleaned_data


class SourceForm(RecordForm):
    authors = LinesField(required=False, help_text="One name a line")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if url := cleaned.get("url"):
            try:
                normalized, slug = normalize(url), source_slug(url)
            except BadUrl as problem:
                self.add_error("url", str(problem))
                return cleaned
            same = models.Q(normalized_url=normalized)
            if not self.instance.pk:  # a known page's URL may have been mended since: its slug is still the old one's
                same |= models.Q(slug=slug)
            if known := Source.objects.exclude(pk=self.instance.pk).filter(same).first():
                self.add_error("url", ValidationError(already_known(known)))
        return cleaned


def already_known(source: Source) -> str:
    url = reverse("admin:events_source_change", args=[source.pk])
    return format_html("This page is already known as <a href='{}'>“{}”</a>, {}.", url, source.title, source.url)


class EffectForm(forms.ModelForm[AccessEffect]):
    exceptions = CountryCodesField(required=False, help_text="Countries of the group left out, by their codes: CN, HK")
    by = ClosedByField(required=False, help_text="Who decides it, where the default rule errs")


class EventForm(RecordForm):
    class Meta:
        widgets = {
            "title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "summary": forms.Textarea(attrs={"rows": 3, "cols": 100}),
            "body": forms.Textarea(attrs={"rows": 12, "cols": 100}),
        }
