"""Form fields and widgets of the desk: lists kept as JSON, and autocomplete that reads its labels once a formset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from events.choices import ClosedBy
from events.models import Country
from events.models.base import storable


class ListField(forms.CharField):
    """A list of texts, typed as one text: `split` takes it apart, `joint` puts it together."""

    joint = ", "

    def split(self, text: str) -> list[str]:
        return [part for each in text.split(",") if (part := each.strip())]

    def prepare_value(self, value: Any) -> Any:
        return self.joint.join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, list) else self.split(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Sequence[str]) -> None:
        for each in value:
            super().run_validators(each)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class LinesField(ListField):
    """One text a line."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 40})
    default_validators = [storable]
    joint = "\n"

    def split(self, text: str) -> list[str]:
        return [line for each in text.splitlines() if (line := each.strip())]


class CountryCodesField(ListField):
    """ISO 3166-1 alpha-2 codes, separated by commas, each once."""

    def split(self, text: str) -> list[str]:
        return list(dict.fromkeys(code.upper() for code in super().split(text)))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value:
            known = set(Country.objects.filter(code__in=value).values_list("code", flat=True))
            if unknown := [code for code in value if code not in known]:
                raise ValidationError(f"There is no country {', '.join(unknown)}. Write codes such as “CN, HK”.")


class ClosedByField(forms.MultipleChoiceField):
    """Who decides an access status, in the order of the vocabulary."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=ClosedBy.choices, **options)

    def to_python(self, value: Any) -> list[str]:
        chosen = super().to_python(value)
        return sorted(chosen, key=ClosedBy.values.index) if set(chosen) <= set(ClosedBy.values) else chosen


class LabelledAutocomplete(AutocompleteSelect):
    """Asks its formset for the labels of what is chosen, where the plain one makes a query for each field shown."""

    labels: Callable[[], Mapping[str, str]] | None = None

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.labels is None:
            return super().optgroups(name, value, attrs)
        labels = self.labels()
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options += [
            self.create_option(name, chosen, labels[chosen], True, index)
            for index, chosen in enumerate(value, len(options))
            if chosen in labels
        ]
        return [(None, options, 0)]


class LabelledFormSet(forms.BaseInlineFormSet[Any, Any, Any]):
    """Inline forms whose autocomplete fields share their labels: a query for each foreign key, however many rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.read: dict[str, dict[str, str]] = {}
        super().__init__(*args, **kwargs)

    @cached_property
    def empty_form(self) -> Any:
        """Made once: the admin asks for it again for each column, and for scripts and styles."""
        return super().empty_form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            widget = bare(field.widget)
            if isinstance(widget, LabelledAutocomplete):
                widget.labels = lambda name=name, field=field: self.labels(name, field)  # type: ignore[misc]

    def labels(self, name: str, field: forms.ModelChoiceField[Any]) -> dict[str, str]:
        """The label of each row that some form of this set has chosen in the field, by primary key as text."""
        if name not in self.read:
            found = {}
            for form in self.initial_forms:
                if form.instance._state.fields_cache.get(name) is not None:
                    other = getattr(form.instance, name)
                    found[str(other.pk)] = field.label_from_instance(other)
            typed = {str(form[name].value() or "") for form in self.forms} - {"", *found}
            if wanted := [pk for pk in typed if is_key(field, pk)]:
                assert field.queryset is not None
                for other in field.queryset.filter(pk__in=wanted):
                    found[str(other.pk)] = field.label_from_instance(other)
            self.read[name] = found
        return self.read[name]


class TableFormSet(LabelledFormSet):
    """Rows of a table, which names its columns: a screen reader does not tie those to the fields."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if not (widget := bare(field.widget)).is_hidden:
                widget.attrs.setdefault("aria-label", str(field.label or name.replace("_", " ").capitalize()))


def bare(widget: Any) -> Any:
    """The widget below the links to add and change."""
    return getattr(widget, "widget", widget)


def is_key(field: forms.ModelChoiceField[Any], text: str) -> bool:
    """Whether the text can be a primary key at all; what a forged form holds may not."""
    assert field.queryset is not None
    try:
        field.queryset.model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True
