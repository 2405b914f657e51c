"""What several models share: fields with their rules, and constraints that spell them for the database."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.functions import Length, Lower

from events.lib.canonical import refuse_unstorable
from events.lib.urls import BadUrl, normalize

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
is_slug = RegexValidator(SLUG, "Use lower-case letters, digits and single hyphens.")

# Addresses below /api/v1/events/ that an event may therefore never bear.
RESERVED_SLUGS = ("facets", "histogram", "export", "lookup", "batch", "diff", "head", "latest")


def storable(text: str) -> None:
    """Refuse what JSON or a database cannot hold: NUL and lone surrogates."""
    try:
        refuse_unstorable(text)
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


def web_address(text: str) -> None:
    """Refuse what is no address of a page on the web."""
    try:
        normalize(text)
    except BadUrl as problem:
        raise ValidationError(str(problem)) from problem


class SlugField(models.CharField[str, str]):
    """The public name of a record, forever once public."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 120)
        options.setdefault("validators", [is_slug])
        super().__init__(**options)


class TextLine(models.CharField[str, str]):
    """A line of text, empty where nothing is known."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 300)
        options.setdefault("default", "")
        options.setdefault("blank", True)
        options.setdefault("validators", [storable])
        super().__init__(**options)


class Name(models.CharField[str, str]):
    """What a record is called."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 300)
        options.setdefault("validators", [storable])
        super().__init__(**options)


class RowNumber(models.BigIntegerField[int, int]):
    """A number that is a table's primary key and its order: on SQLite the row id itself, without a second tree."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The field holds a word of its vocabulary."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": choices.values}),
        violation_error_message=f"“{field}” has to be one of {', '.join(choices.values)}.",
    )


def is_well_formed_slug(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(slug__regex=SLUG),
        violation_error_message="A slug has lower-case letters, digits, hyphens.",
    )


def not_empty(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=~Q(**{field: ""}), violation_error_message=f"“{field}” may not be empty."
    )


def unique_whatever_the_case(field: str, name: str) -> models.UniqueConstraint:
    """No two rows share the text, as far as the database folds case (`events.lib.names` has the whole rule)."""
    return models.UniqueConstraint(Lower(field), name=name, violation_error_message="Another one is called so already.")


def merges_into_another(name: str) -> models.CheckConstraint:
    """A record that was merged names another one: its address would lead to itself forever."""
    return models.CheckConstraint(
        name=name,
        condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
        violation_error_message="A record is not merged into itself.",
    )


def in_order(first: str, second: str, name: str, message: StrOrPromise) -> models.CheckConstraint:
    """Where both are known, the second date is later than the first."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{first: None}) | Q(**{second: None}) | Q(**{f"{second}__gt": F(first)}),
        violation_error_message=message,
    )


def starts_its_period(field: str, precision: str, name: str) -> models.CheckConstraint:
    """A date less exact than a day is the first day of the month, quarter or year that it stands for."""
    day, month = f"{field}__day", f"{field}__month"
    return models.CheckConstraint(
        name=name,
        condition=Q(**{field: None})
        | Q(**{precision: "day"})
        | Q(**{precision: "month", day: 1})
        | Q(**{precision: "quarter", day: 1, f"{month}__in": (1, 4, 7, 10)})
        | Q(**{precision: "year", day: 1, month: 1}),
        violation_error_message="A date less exact than a day is the first day of its period.",
    )


class FoundByNaturalKey:
    """For managers and querysets of parts."""

    model: Any
    get: Any

    def get_by_natural_key(self, *key: Any) -> Any:
        return self.get(**dict(zip(self.model.NATURAL_KEY, key, strict=True)))


class PartManager(FoundByNaturalKey, models.Manager[Any]):
    pass


class Part(models.Model):
    """A row that is known by what it ties together: NATURAL_KEY names fields, through foreign keys where it says so."""

    NATURAL_KEY: tuple[str, ...] = ()

    objects: models.Manager[Any] = PartManager()

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[Any, ...]:
        return tuple(reduce(getattr, path.split("__"), self) for path in self.NATURAL_KEY)


class BySlugManager(models.Manager[Any]):
    def get_by_natural_key(self, slug: str) -> models.Model:
        return self.get(slug=slug)


class BySlug(models.Model):
    """A record that is known by its slug."""

    slug = SlugField(unique=True)

    objects: models.Manager[Any] = BySlugManager()

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def key(self) -> str:
        """What the public log calls it."""
        return self.slug


class Mergeable(BySlug):
    """A record that may turn out to be another one; its slug then leads there forever."""

    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_from"
    )

    class Meta:
        abstract = True
