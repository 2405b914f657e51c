"""What may be asked for in a query: each parameter is stated once, for reading it and for the schema."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from events.api.deprecation import Deprecation
from events.api.errors import BadParameters

MOST_DIGITS = 16  # more than 2**53 has
SLUG = "[a-z0-9-]+"


@dataclass(frozen=True)
class Parameter:
    """A parameter that is given at most once. `schema` is its JSON schema."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    default: Any = None
    required: bool = False
    deprecated: Deprecation | None = None

    def read(self, text: str) -> Any:
        """The value that the text stands for. Raises ValueError with a sentence that says what is valid."""
        return text


@dataclass(frozen=True)
class Number(Parameter):
    least: int = 0
    most: int = 2**53 - 1

    def __post_init__(self) -> None:
        schema = {"type": "integer", "minimum": self.least, "maximum": self.most}
        if self.default is not None:
            schema["default"] = self.default
        object.__setattr__(self, "schema", schema)

    def read(self, text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and self.least <= int(text) <= self.most:
            return int(text)
        raise ValueError(f"A whole number from {self.least} to {self.most}.")


@dataclass(frozen=True)
class Word(Parameter):
    """One of a few words."""

    words: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", {"type": "string", "enum": list(self.words)})

    def read(self, text: str) -> Any:
        if text not in self.words:
            raise ValueError(f"One of {', '.join(self.words)}.")
        return self.words[text]


@dataclass(frozen=True)
class Flag(Word):
    default: Any = False
    words: Mapping[str, Any] = field(default_factory=lambda: {"true": True, "false": False})

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", {"type": "boolean", "default": False})


@dataclass(frozen=True)
class Pattern(Parameter):
    """A text of a given form."""

    pattern: str = ""
    form: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", {"type": "string", "pattern": f"^{self.pattern}$"})

    def read(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.form)
        return text


@dataclass(frozen=True)
class Slug(Pattern):
    """The name of a record in addresses."""

    pattern: str = SLUG
    form: str = "A slug, such as openai."


@dataclass(frozen=True)
class Cursor(Pattern):
    """Where a page goes on, as the one beside it said."""

    form: str = "It is no cursor: take those that `next` and `previous` give."


@dataclass(frozen=True)
class Names(Parameter):
    """Names separated by commas."""

    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "schema", {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(self.names)}}
        )

    def read(self, text: str) -> frozenset[str]:
        asked = frozenset(text.split(","))
        if unknown := sorted(asked.difference(self.names)):
            raise ValueError(f"There is no field “{unknown[0]}”. Valid are {', '.join(self.names)}.")
        return asked


@dataclass(frozen=True)
class Day(Parameter):
    """A date, local to what is asked about."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", {"type": "string", "format": "date"})

    def read(self, text: str) -> dt.date:
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                return dt.date.fromisoformat(text)
        except ValueError:
            pass
        raise ValueError("A date such as 2024-07-09.")


@dataclass(frozen=True)
class Several(Parameter):
    """A parameter that may be given more than once, its values being alternatives."""

    default: Any = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", {"type": "array", "items": {**self.schema, "minLength": 1}})

    def read_all(self, texts: Iterable[str]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(self.read(text) for text in texts))

    def read(self, text: str) -> str:
        if not text:
            raise ValueError("It is empty: leave it out.")
        return text


class Parameters:
    """The parameters of one address, and the names of those that somebody else reads there."""

    def __init__(self, *parameters: Parameter, others: Iterable[str] = (), repeatable: Iterable[str] = ()) -> None:
        self.by_name = {parameter.name: parameter for parameter in parameters}
        self.defaults = {parameter.name: parameter.default for parameter in parameters}
        self.required = [parameter for parameter in parameters if parameter.required]
        self.others = frozenset(others)
        several = (parameter.name for parameter in parameters if isinstance(parameter, Several))
        self.repeatable = frozenset([*repeatable, *several])

    def deprecated_in(self, query: QueryDict) -> Iterator[Deprecation]:
        """What is said of the deprecated parameters that a query has."""
        for name, parameter in self.by_name.items():
            if parameter.deprecated and name in query:
                yield parameter.deprecated

    @property
    def names(self) -> list[str]:
        return [*self.by_name, *sorted(self.others)]

    def read(self, query: QueryDict) -> dict[str, Any]:
        """All values, by name; what is not given has its default. Raises BadParameters."""
        if not query and not self.required:
            return self.defaults
        values = dict(self.defaults)
        errors = []
        for name, texts in query.lists():
            parameter = self.by_name.get(name)
            if parameter is None and name not in self.others:
                valid = f"Valid are {', '.join(self.names)}." if self.names else "This address takes none."
                errors.append((name, f"There is no such parameter. {valid}"))
            elif len(texts) > 1 and name not in self.repeatable:
                errors.append((name, "It may be given once only."))
            elif parameter:
                try:
                    if isinstance(parameter, Several):
                        values[name] = parameter.read_all(texts)
                    else:
                        values[name] = parameter.read(texts[0])
                except ValueError as error:
                    errors.append((name, str(error)))
        errors += [
            (parameter.name, f"It is required: {parameter.description.lower()}.")
            for parameter in self.required
            if parameter.name not in query
        ]
        if values.get("before") is not None and values.get("after") is not None:
            errors.append(("after", "A page lies before or after a cursor: give one of the two."))
        if errors:
            raise BadParameters(errors)
        return values
