"""The timeline's filters: one set, spelled the same in page addresses, feeds, exports and the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from events.choices import Certainty, CompanyRole, EventKind, PlaceRole, RecordType, RelationKind, Tier
from events.documents import COLLECTIONS, MODELS
from events.documents.base import API
from events.lib.tokens import parse_query
from events.models import Country, PublicDocument, TimelineEntry
from events.queries.timeline import NO_WORDS, Choice, Criteria, places_of

ROLES = [*CompanyRole.choices, (PlaceRole.ACTING.value, PlaceRole.ACTING.label)]
MOST_VALUES = 50
no_null = ProhibitNullCharactersValidator()


class KeysField(forms.MultipleChoiceField):
    """Slugs or codes of public records of one type. A merged record's slug stands for the one that it became."""

    record_type: RecordType

    def clean(self, value: Any) -> list[str]:
        keys = self.to_python(value)
        if not keys:
            return []
        if len(keys) > MOST_VALUES:
            raise ValidationError(_("At most %(most)s values.") % {"most": MOST_VALUES})
        for key in keys:
            no_null(key)  # PostgreSQL has none and would say so as an error
        typed = keys
        if self.record_type == RecordType.COUNTRY:
            keys = [key.upper() for key in keys]
            known = set(Country.objects.filter(code__in=keys).values_list("code", flat=True))
        else:
            public = PublicDocument.objects.of_type(self.record_type).filter(key__in=keys)
            known = set(public.values_list("key", flat=True))
        if unknown := [text for text, key in zip(typed, keys, strict=True) if key not in known]:
            said = _("There is no %(kind)s “%(value)s” in the record.")
            kind = _(self.record_type.label).lower()
            raise ValidationError(said % {"kind": kind, "value": unknown[0]}, code="invalid_choice")
        if not keys or not hasattr(MODELS[self.record_type], "merged_into"):
            return keys
        merged = MODELS[self.record_type]._default_manager.filter(slug__in=keys).exclude(merged_into=None)
        became = dict(merged.values_list("slug", "merged_into__slug"))
        return [became.get(key, key) for key in keys]

    @property
    def takes(self) -> str:
        """What is valid, for programs."""
        if self.record_type == RecordType.COUNTRY:
            return "Valid are codes of ISO 3166-1 alpha-2, such as CN."
        return f"Valid are the slugs that {API}/{COLLECTIONS[MODELS[self.record_type]]}/ lists."


class RecordFilter(filters.MultipleChoiceFilter):
    """Events that involve any of the records named; may repeat."""

    field_class = KeysField

    def __init__(self, record_type: RecordType, **options: Any) -> None:
        super().__init__(**options)
        self.record_type = record_type

    @property
    def field(self) -> forms.Field:
        field = super().field
        field.record_type = self.record_type  # type: ignore[attr-defined]
        return field


class EventFilterForm(forms.Form):
    """Checks that no single filter can."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("q") and parse_query(data["q"]) == NO_WORDS:
            self.add_error("q", _("There is no word in it to look for."))
        start, end = data.get("from"), data.get("to")
        if start and end and start > end:
            self.add_error("to", _("The range ends before it starts."))
        if data.get("role") and not (data.get("company") or data.get("country") or data.get("group")):
            self.add_error("role", _("A role is one of a company, country or group: ask for one of them too."))
        return data


class EventFilter(filters.FilterSet):
    """Values of one parameter are alternatives; different parameters narrow one another."""

    q = filters.CharFilter(
        label=gettext_noop("Search"), help_text=gettext_noop('Words, "phrases", -not'), max_length=1000
    )
    company = RecordFilter(RecordType.COMPANY, label=gettext_noop("Company"), help_text=gettext_noop("Slug"))
    agency = RecordFilter(RecordType.AGENCY, label=gettext_noop("Agency"), help_text=gettext_noop("Slug"))
    country = RecordFilter(
        RecordType.COUNTRY,
        label=gettext_noop("Country"),
        help_text=gettext_noop(
            "ISO 3166-1 alpha-2; linked directly, or a member, on the event's date, of a linked group"
        ),
    )
    group = RecordFilter(
        RecordType.GROUP, label=gettext_noop("Country group"), help_text=gettext_noop("Slug; linked directly")
    )
    role = filters.MultipleChoiceFilter(
        choices=ROLES,
        label=gettext_noop("Role"),
        help_text=gettext_noop("Of the company, country or group asked for, on the same link"),
    )
    policy = RecordFilter(RecordType.POLICY, label=gettext_noop("Policy"), help_text=gettext_noop("Slug"))
    product = RecordFilter(RecordType.PRODUCT, label=gettext_noop("Product"), help_text=gettext_noop("Slug"))
    kind = filters.MultipleChoiceFilter(choices=EventKind.choices, label=gettext_noop("Kind"))
    certainty = filters.MultipleChoiceFilter(choices=Certainty.choices, label=gettext_noop("Certainty"))
    tier = filters.MultipleChoiceFilter(
        choices=Tier.choices, label=gettext_noop("Tier"), help_text=gettext_noop("Of any source that it cites")
    )
    relation = filters.MultipleChoiceFilter(
        choices=RelationKind.choices,
        label=gettext_noop("Relation"),
        help_text=gettext_noop("To an earlier event: what it enforces, answers, reverses"),
    )
    match = filters.ChoiceFilter(
        choices=[
            ("possible", gettext_noop("May lie in the range")),
            ("certain", gettext_noop("Lies in the range for certain")),
        ],
        label=gettext_noop("Inexact dates"),
        empty_label=None,
        help_text=gettext_noop("possible (the default) or certain"),
    )

    class Meta:
        model = TimelineEntry
        form = EventFilterForm
        fields: tuple[str, ...] = ()

    @property
    def criteria(self) -> Criteria:
        """What is asked for. Expects valid data."""
        return criteria_of(self.form.cleaned_data)


def criteria_of(data: Mapping[str, Any]) -> Criteria:
    """What valid data ask for; a filter that is left out may be absent."""
    choices = [
        tuple(Choice(f"{name}:{value}") for value in data[name])
        for name in ("company", "agency", "group", "policy", "product", "certainty", "tier", "relation")
        if data.get(name)
    ]
    if data.get("country"):
        choices.append(places_of(data["country"]))
    return Criteria(
        words=parse_query(data.get("q") or ""),
        choices=tuple(choices),
        roles=tuple(data.get("role") or ()),
        kinds=tuple(data.get("kind") or ()),
        start=data.get("from"),
        end=data.get("to"),
        certain=data.get("match") == "certain",
    )


def problems_of(form: forms.Form) -> Iterator[tuple[str, str]]:
    """What is wrong with which filter, for programs: with what is valid, where the filter knows that."""
    for name, errors in form.errors.as_data().items():
        field = form.fields[name]
        for error in errors:
            said = " ".join(error.messages)
            if words := [str(value) for value, _ in getattr(field, "choices", ()) if value]:
                yield name, f"{said} Valid are {', '.join(words)}."
            elif isinstance(field, KeysField) and error.code == "invalid_choice":
                yield name, f"{said} {field.takes}"
            else:
                yield name, said


class DayField(forms.DateField):
    """A day as ISO 8601 writes it; strptime alone would also take 2024-7-9, and digits of any script."""

    def strptime(self, value: str, format: str) -> Any:  # noqa: A002 - Django names it so
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise ValueError
        return super().strptime(value, format)


class DayFilter(filters.DateFilter):
    field_class = DayField


NO_DATE = {"invalid": gettext_lazy("Write a date such as 2024-07-09.")}
# "from" is a keyword of Python.
EventFilter.base_filters["from"] = DayFilter(
    label=gettext_noop("From"),
    help_text=gettext_noop("A day, YYYY-MM-DD"),
    input_formats=["%Y-%m-%d"],
    error_messages=NO_DATE,
)
EventFilter.base_filters["to"] = DayFilter(
    label=gettext_noop("To"),
    help_text=gettext_noop("A day, YYYY-MM-DD"),
    input_formats=["%Y-%m-%d"],
    error_messages=NO_DATE,
)
EventFilter.base_filters.move_to_end("match")
