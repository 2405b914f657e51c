"""The timeline's filters as a reader meets them: a form, the chips that say what is asked for, and clean addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from events.choices import RecordType
from events.documents import MODELS
from events.filters import MOST_VALUES, ROLES, EventFilter
from events.lib.names import folded
from events.models import PublicDocument
from events.web.counted import Value
from events.web.record import names_of
from events.web.words import country_names, day_in_words, listed

RECORDS = {
    "company": RecordType.COMPANY,
    "agency": RecordType.AGENCY,
    "country": RecordType.COUNTRY,
    "group": RecordType.GROUP,
    "policy": RecordType.POLICY,
    "product": RecordType.PRODUCT,
}
CHOICES = ("kind", "certainty", "tier", "relation", "role")
SINGLE = ("q", "from", "to", "match")
PARAMETERS = (*SINGLE, *RECORDS, *CHOICES)


def cleaned(asked: QueryDict) -> QueryDict:
    """The filters that were asked for, as addresses spell them: nothing empty or twice, names as slugs and codes.

    What no public record is called stays as typed. Parameters that are no filters are left out.
    """
    clean = QueryDict(mutable=True)
    typed: dict[str, list[str]] = {}
    for name in PARAMETERS:
        typed_in = (value.replace("\0", "").strip() for value in asked.getlist(name))  # NUL: no database holds it
        values = [value for value in typed_in if value]
        if name in SINGLE:
            values = values[-1:]
        elif name in RECORDS:
            typed[name] = values[:MOST_VALUES]
        if name == "match" and values == ["possible"]:
            continue  # the default
        clean.setlist(name, list(dict.fromkeys(values)))
    for name in typed:
        meant = keys_of(name, typed[name])
        clean.setlist(name, list(dict.fromkeys(meant.get(value, value) for value in clean.getlist(name))))
    for name in [name for name, values in clean.lists() if not values]:
        del clean[name]
    return clean


def keys_of(name: str, values: Sequence[str]) -> dict[str, str]:
    """The keys of the public records that are meant by slugs, codes, names or aliases, whatever the case."""
    if not values:
        return {}
    wanted = {folded(value) for value in values}
    if name == "country":
        known = {folded(country): code for code, country in country_names().items()}
        known |= {folded(code): code for code in country_names()}
    else:
        public = PublicDocument.objects.of_type(RECORDS[name])
        known = {key: key for key in public.filter(key__in=wanted).values_list("key", flat=True)}
        if rest := wanted - known.keys():
            known |= called(rest, public.values_list("key", "name"))
        model = MODELS[RECORDS[name]]
        if hasattr(model, "aliases") and (rest := wanted - known.keys()):
            bearers = model._default_manager.filter(slug__in=public.values("key"), aliases__isnull=False)
            known |= called(rest, bearers.order_by("slug").values_list("slug", "aliases__name"))
    return {value: known[folded(value)] for value in values if folded(value) in known}


def called(wanted: Collection[str], rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The keys of the rows (key, name) that are called so, by folded name. Read here: SQLite folds ASCII alone."""
    return {word: key for key, name in rows if (word := folded(name)) in wanted}


def address(filters: QueryDict, **more: str) -> str:
    """The timeline's path with these filters, in the order of PARAMETERS, and what else is to be in it."""
    asked = dict(filters.lists()) | {name: [value] for name, value in more.items()}
    names = (*PARAMETERS, *(name for name in more if name not in PARAMETERS))
    query = urlencode([(name, value) for name in names for value in asked.get(name, ())])
    return f"{reverse('timeline')}?{query}" if query else reverse("timeline")


def address_of_one(name: str, value: str) -> str:
    """The path of the events that one record is part of."""
    return f"{reverse('timeline')}?{name}={value}"


# ------------------------------------------------------------------------------------------------------- for templates


@dataclass(frozen=True)
class Chip:
    """One value that is asked for, and the address without it."""

    label: str
    value: str
    without: str


@dataclass
class Field:
    """One filter of the form."""

    name: str
    label: str
    help: str
    errors: Sequence[str] = ()
    value: str = ""
    options: list[tuple[str, str, bool]] = dataclass_field(default_factory=list)  # value, label, chosen
    values: list[Value] = dataclass_field(default_factory=list)  # with counts, where these are known


def chips(filters: QueryDict, names: dict[tuple[str, str], str]) -> list[Chip]:
    fields = EventFilter.base_filters
    found = []
    for name, values in filters.lists():
        for value in values:
            rest = filters.copy()
            rest.setlist(name, [each for each in values if each != value])
            if not any(rest.getlist(each) for each in ("company", "country", "group")):
                rest.pop("role", None)  # a role is one of these
            for each in [each for each in rest if not rest.getlist(each)]:
                del rest[each]
            label = _(str(fields[name].label))
            found.append(Chip(label, words_of(name, value, names), address(rest)))
    return found


def words_of(name: str, value: str, names: dict[tuple[str, str], str]) -> str:
    if name in RECORDS:
        return names.get((RECORDS[name].value, value), value)
    if name in ("from", "to"):
        try:
            return day_in_words(value)
        except ValueError:
            return value
    if name == "q":
        return f"“{value}”"
    choices = {str(key): _(str(label)) for key, label in EventFilter.base_filters[name].extra["choices"]}
    return choices.get(value, value)


# The order in which a heading says what is asked for; what is not named here comes between.
FIRST, LAST = ("q", "company", "product"), ("from", "to")


def in_words(filters: QueryDict, names: dict[tuple[str, str], str]) -> str:
    """What is asked for, as a heading: "OpenAI · China · from April 1, 2024"."""
    between = [name for name in filters if name not in (*FIRST, *LAST)]
    parts = []
    for name in (*FIRST, *between, *LAST):
        said = [words_of(name, value, names) for value in filters.getlist(name)]
        if said:
            parts.append(day_phrase(name, said[0]) if name in LAST else listed(said, last=_("or")))
    return "\N{NO-BREAK SPACE}· ".join(parts)  # so that no line begins with the point


def day_phrase(name: str, day: str) -> str:
    return _("from %(day)s") % {"day": day} if name == "from" else _("to %(day)s") % {"day": day}


def names_for(filters: QueryDict) -> dict[tuple[str, str], str]:
    """The names of all records that are asked for, in at most one query."""
    return names_of((RECORDS[name].value, value) for name in RECORDS for value in filters.getlist(name))


def fields_of(filterset: EventFilter, filters: QueryDict, names: dict[tuple[str, str], str]) -> dict[str, Field]:
    """The form's fields by name, filled with what was asked for, wrong or right."""
    errors = filterset.form.errors
    found = {}
    for name in PARAMETERS:
        declared = EventFilter.base_filters[name]
        field = Field(
            name,
            _(str(declared.label)),
            _(str(declared.extra.get("help_text") or "")),
            [str(problem) for problem in errors.get(name) or ()],
        )
        values = filters.getlist(name)
        if name in SINGLE:
            field.value = values[-1] if values else ""
            if name == "match":
                field.options = [(key, _(str(label)), key == field.value) for key, label in declared.extra["choices"]]
        elif name in CHOICES:
            choices: Iterable[tuple[Any, Any]] = ROLES if name == "role" else declared.extra["choices"]
            field.options = [(str(value), _(str(label)), value in values) for value, label in choices]
        else:
            for value in values:
                known = names.get((RECORDS[name].value, value))
                if known is not None:
                    field.options.append((value, known, True))
                else:
                    field.value = value
        found[name] = field
    return found


def tomorrow(day: dt.date) -> str:
    return (day + dt.timedelta(days=1)).isoformat()
