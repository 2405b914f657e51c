"""What a table is, and its columns: fields of the documents, which say of themselves what those say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter
from typing import Any

from rest_framework import serializers

from events.choices import RecordType
from events.documents import reference
from events.documents.base import Document, Named

Json = dict[str, Any]
Read = Callable[[Json], Any]


@dataclass(frozen=True)
class Column:
    """A column: where its value stands in a document or in an item of a list, and what Table Schema says of it."""

    name: str
    path: tuple[str, ...]
    type: str  # string, integer, boolean, date or datetime; any: not in a table
    description: str
    is_required: bool = False  # neither null nor an empty text
    words: tuple[str, ...] = ()
    refers: str = ""  # the table whose key it holds
    is_of_third_parties: bool = False

    @property
    def read(self) -> Read:
        if len(self.path) == 1:
            return itemgetter(*self.path)
        first, second = self.path
        return lambda item: None if item[first] is None else item[first][second]


@dataclass(frozen=True)
class Table:
    """A table. `items` finds in a document what has a row each (None: the document itself); then `parent` comes first,
    the column with the key of the record that they belong to.
    """

    name: str
    record_type: RecordType | None  # None: of every type
    description: str
    own: tuple[Column, ...]
    key: tuple[str, ...] = ()
    parent: Column | None = None
    items: Callable[[Json], Iterable[Json]] | None = None
    state: str = "published"  # of the documents that it is drawn from

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.parent, *self.own) if self.parent else self.own

    @property
    def rows(self) -> Callable[[Json], Iterator[list[Any]]]:
        """A function from a document to its rows."""
        read, items = [column.read for column in self.own], self.items
        parent = self.parent.read if self.parent else None

        def rows(document: Json) -> Iterator[list[Any]]:
            if items is None:
                yield [each(document) for each in read]
                return
            before = [parent(document)] if parent else []
            for item in items(document):
                yield before + [each(item) for each in read]

        return rows


# ------------------------------------------------------------------------------------------- columns, off the documents

TYPES: tuple[tuple[type[Any], str], ...] = (
    (serializers.DateTimeField, "datetime"),
    (serializers.DateField, "date"),
    (serializers.IntegerField, "integer"),
    (serializers.BooleanField, "boolean"),
    (serializers.BaseSerializer, "any"),
    (serializers.ListField, "any"),
)


def columns(document: type[Document], *said: str) -> tuple[Column, ...]:
    """Columns of a document's fields: "name", "field.part" of a field that is a document itself, each "… as name"."""
    return tuple(column(document, each) for each in said)


@cache
def column(document: type[Document], said: str) -> Column:
    place, _, name = said.partition(" as ")
    path = tuple(place.split("."))
    field: Any = document().fields[path[0]]
    description, can_be_null = str(field.help_text), field.allow_null
    if len(path) == 2:
        inner = INNER.get((document, path[0])) or type(field)
        part: Any = inner().fields[path[1]]
        if path[1] not in ("slug", "code"):
            description = str(part.help_text)
        field = part
    kind = (
        "integer" if path[-1] == "revision" else next((word for of, word in TYPES if isinstance(field, of)), "string")
    )
    may_be_empty = can_be_null or field.allow_null or getattr(field, "allow_blank", False)
    # Methods have no null of their own: only what every record has is promised of them.
    is_promised = not isinstance(field, serializers.SerializerMethodField) or path[-1] in ("revision", "url")
    return Column(
        name or path[0],
        path,
        kind,
        description,
        is_required=is_promised and not may_be_empty,
        words=tuple(str(word) for word in getattr(field, "choices", ())),
    )


# Fields that a method makes: the document that they are.
INNER: dict[tuple[type[Document], str], type[Document]] = {
    (reference.PolicyDocument, "issuer"): reference.IssuerDocument,
    (reference.OwnershipDocument, "company"): Named,
    (reference.OwnedByDocument, "company"): Named,
}


def of(table: str, *made: Column) -> tuple[Column, ...]:
    """The same columns, which hold keys of another table."""
    return tuple(replace(each, refers=table) for each in made)


def thirds(*made: Column) -> tuple[Column, ...]:
    """The same columns, whose texts are third parties'."""
    return tuple(replace(each, is_of_third_parties=True) for each in made)


def key_of(table: str, name: str, description: str, field: str = "slug") -> Column:
    return Column(name, (field,), "string", description, is_required=True, refers=table)


def list_in(name: str) -> Callable[[Json], Iterable[Json]]:
    return itemgetter(name)


def texts_in(name: str, column: str) -> Callable[[Json], Iterable[Json]]:
    return lambda document: ({column: text, "position": place} for place, text in enumerate(document[name], 1))


def of_effects(name: str, column: str) -> Callable[[Json], Iterable[Json]]:
    return lambda document: (
        {"effect": effect["id"], column: word} for effect in document["access_effects"] for word in effect[name]
    )
