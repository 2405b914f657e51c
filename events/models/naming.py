"""The rule on names (`events.lib.names`) asked of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from events.lib.names import NameBook, both, shared


def title_of(model: type[models.Model]) -> str:
    """The field that holds what a record is called."""
    return getattr(model, "NAMED_BY", "")


def empty_book(model: Any) -> NameBook:
    return NameBook(aliases_shared=model.ALIASES_SHARED)


def book_of(model: Any, *, but: Collection[Any] = ()) -> NameBook:
    """What all records of the model are called, but for these; what was merged is called as what it became."""
    book = empty_book(model)
    live = {"merged_into": None} if hasattr(model, "merged_into") else {}
    rows = model._default_manager.filter(**live).exclude(pk__in=but).order_by("pk")
    for key, name in rows.values_list("slug", title_of(model)):
        book.add(key, name)
    if hasattr(model, "aliases"):
        aliases = model._meta.get_field("aliases").related_model._default_manager.exclude(of__in=but).order_by("pk")
        aliases = aliases.filter(**{f"of__{name}": value for name, value in live.items()})
        for key, name in aliases.values_list("of__slug", "name"):
            book.add(key, name, is_alias=True)
    return book


def clashes(rows: Sequence[Any]) -> list[str]:
    """What of the names, aliases and slugs of these saved rows, of one model, another record bears already."""
    if not rows or not title_of(type(rows[0])):
        return []
    book = book_of(type(rows[0]))
    found = []
    for row in rows:
        called = [(getattr(row, title_of(type(row))), False)]
        called += [(alias.name, True) for alias in row.aliases.all()] if hasattr(row, "aliases") else []
        for name, is_alias in called:
            if (held := book.clash(row.slug, name, is_alias=is_alias)) is not None:
                found.append(shared(name, held))
    return found + slugs_of_others(rows)


def slugs_of_others(rows: Sequence[Any]) -> list[str]:
    """Slugs of agencies that a company bears, and of companies that an agency bears."""
    other = getattr(type(rows[0]), "not_both", None)
    if other is None:
        return []
    model, kind = other()
    taken = set(model._default_manager.filter(slug__in=[row.slug for row in rows]).values_list("slug", flat=True))
    return [both(row.slug, kind) for row in rows if row.slug in taken]


class Named(models.Model):
    """A record that is called something, as no other of its model is."""

    NAMED_BY = "name"
    ALIASES_SHARED = False

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        name = getattr(self, self.NAMED_BY)
        held = book_of(type(self), but=[self.pk]).clash("", name)
        if held is not None:
            raise ValidationError({self.NAMED_BY: shared(name, held)})
        if problems := slugs_of_others([self]):
            raise ValidationError(problems)  # of the form as a whole: it may not show the slug
