"""What a value of the data set may look like: readers that turn parsed YAML into plain values, or say what is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model, TextChoices

from events.lib.canonical import refuse_unstorable
from events.lib.countries import countries
from events.lib.dates import parse_edtf
from events.lib.urls import BadUrl, normalize
from events.models.base import RESERVED_SLUGS, SLUG
from events.services.dataset.parsing import Map, Seq
from events.services.dataset.problems import Place, Problems

Read = Callable[[Any, Place, Problems], Any]
CODES = frozenset(entry.code for entry in countries())
EMPTY = "It is empty: fill it, or leave the key out where that is allowed."


class Wrong(ValueError):
    """A sentence on what is wrong with a value."""


def said(value: Any) -> str:
    """A value as a data set has it, and not as Python would write its dates, lists and keys."""
    if isinstance(value, Map):
        return f"{{{', '.join(f'{key}: {said(each)}' for key, each in value.items())}}}"
    if isinstance(value, Seq):
        return f"[{', '.join(map(said, value))}]"
    return value.isoformat() if isinstance(value, dt.date) else repr(value)


def limit_of(model: type[Model], field: str) -> int | None:
    found = model._meta.get_field(field)
    assert isinstance(found, Field)
    return found.max_length


def text(model: type[Model], field: str) -> Read:
    """A text no longer than the model's field allows."""
    limit = limit_of(model, field)

    def read(value: Any, place: Place, problems: Problems) -> str:
        if not isinstance(value, str):
            raise Wrong(f"A text is wanted, not {said(value)}; quotation marks make it one.")
        try:
            refuse_unstorable(value)
        except ValueError as error:
            raise Wrong(str(error)) from None
        if not value.strip():
            raise Wrong(EMPTY)
        if limit and len(value) > limit:
            raise Wrong(f"It has {len(value)} characters; {limit} are allowed.")
        return value

    return read


def slug(value: Any, place: Place, problems: Problems) -> str:
    if not isinstance(value, str) or not re.fullmatch(SLUG, value) or len(value) > 120:
        raise Wrong(f"{said(value)} is no slug: lower-case letters and digits in groups joined by single hyphens.")
    return value


def event_slug(value: Any, place: Place, problems: Problems) -> str:
    if value in RESERVED_SLUGS:
        raise Wrong(f"The address “{value}” is taken.")
    return slug(value, place, problems)


def source_id(value: Any, place: Place, problems: Problems) -> str:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{12}", value):
        raise Wrong(f"{said(value)} is no source's slug: 12 hexadecimal digits, in quotation marks.")
    return value


def code(value: Any, place: Place, problems: Problems) -> str:
    if not isinstance(value, str) or value not in CODES:
        hint = " Norway is written 'NO'." if value is False else ""
        raise Wrong(f"{said(value)} is no country's ISO 3166-1 alpha-2 code.{hint}")
    return value


def day(value: Any, place: Place, problems: Problems) -> dt.date:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise Wrong(f"{said(value)} is no date, such as 2024-07-09.")
    return value


def loose_day(value: Any, place: Place, problems: Problems) -> str:
    """A day, month or year in EDTF."""
    if not isinstance(value, str | int | dt.date) or isinstance(value, bool | dt.datetime):
        raise Wrong(f"{said(value)} is no date, such as 2024-07-09, '2024-07' or '2024'.")
    try:
        parse_edtf(str(value))
    except ValueError as error:
        raise Wrong(str(error)) from None
    return str(value)


def url(model: type[Model], field: str) -> Read:
    read_text = text(model, field)

    def read(value: Any, place: Place, problems: Problems) -> str:
        found = str(read_text(value, place, problems))
        try:
            normalize(found)
        except BadUrl as error:
            raise Wrong(str(error)) from None
        return found

    return read


def number(value: Any, place: Place, problems: Problems) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise Wrong(f"{said(value)} is no positive whole number.")
    return value


def true(value: Any, place: Place, problems: Problems) -> bool:
    if value is not True:
        raise Wrong("It is true, or left out.")
    return True


def word(choices: type[TextChoices]) -> Read:
    known = frozenset(choices.values)

    def read(value: Any, place: Place, problems: Problems) -> str:
        if not isinstance(value, str) or value not in known:
            raise Wrong(f"{said(value)} is none of {', '.join(choices.values)}.")
        return value

    return read


def about(value: Any, place: Place, problems: Problems) -> str:
    """What a citation vouches for: "event", "date" or "effect:ID"."""
    if not isinstance(value, str) or not re.fullmatch(r"event|date|effect:[1-9]\d{0,8}", value):
        raise Wrong(f"{said(value)} is none of event, date and effect:ID.")
    return value


def listing(item: Read, *, by: str | None = None) -> Read:
    """A list, not empty, whose items differ: as a whole, or in what they give under the key `by`."""

    def read(value: Any, place: Place, problems: Problems) -> list[Any]:
        if not isinstance(value, Seq):
            raise Wrong("A list is wanted.")
        if not value:
            raise Wrong(EMPTY)
        found: list[Any] = []
        seen = set()
        for index, (each, line) in enumerate(zip(value, value.lines, strict=True), 1):
            at = place.within(index, line)
            read_one = attempt(item, each, at, problems)
            if read_one is None:
                continue
            key = read_one.get(by) if by else read_one
            if by is not None or not isinstance(key, dict):
                if key in seen:
                    problems.add(at, f"“{key}” is listed twice.")
                seen.add(key)
            found.append(read_one)
        return found

    return read


@dataclass(frozen=True)
class Record:
    """Reads keys and values, in the order of the readers; all that is wrong with them is reported."""

    required: Mapping[str, Read]
    optional: Mapping[str, Read]

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)

    def __call__(self, value: Any, place: Place, problems: Problems) -> dict[str, Any]:
        if not isinstance(value, Map):
            raise Wrong("Keys and values are wanted.")
        readers = {**self.required, **self.optional}
        for key, line in value.lines.items():
            if key not in readers:
                problems.add(place.within(key, line), f"There is no such key here; there are {', '.join(readers)}.")
        for key in self.required:
            if key not in value:
                problems.add(place.within(key, 0), "It is missing.")
        found = {}
        for key, reader in readers.items():
            if key in value:
                read_one = attempt(reader, value[key], place.within(key, value.lines[key]), problems)
                if read_one is not None:
                    found[key] = read_one
        return found


def either(scalar: Read, full: Read, key: str) -> Read:
    """A record, or the value of its one key `key` in short."""

    def read(value: Any, place: Place, problems: Problems) -> Any:
        return full(value, place, problems) if isinstance(value, Map) else {key: scalar(value, place, problems)}

    return read


def attempt(reader: Read, value: Any, place: Place, problems: Problems) -> Any:
    """What the reader makes of a value; None where it is wrong, which is reported."""
    try:
        if value is None:
            raise Wrong(EMPTY)
        return reader(value, place, problems)
    except Wrong as error:
        problems.add(place, str(error))
        return None
