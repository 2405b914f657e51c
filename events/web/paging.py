"""Keyset pages of lists other than events: the log by seq, records by name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import islice
from typing import Self
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import RecordType
from events.lib.names import folded
from events.models import Change, PublicDocument

BAD_CURSOR = gettext_noop("This address does not lead to a page of this list.")
Address = Callable[..., str]


@dataclass(frozen=True)
class Paged:
    """The addresses of the pages before and after ("": there is none), or what was wrong with the one asked for."""

    older: str = ""
    newer: str = ""
    first: str = ""
    problem: str = ""


def address(path: str, **parameters: str) -> str:
    """A path with those parameters that are not empty."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class Seqs:
    """Where in the log a page begins: before a seq, or after one."""

    before: int | None = None
    after: int | None = None
    is_bad: bool = False

    @classmethod
    def asked(cls, query: QueryDict) -> Self:
        found: dict[str, int] = {}
        for name in ("before", "after"):
            text = query.get(name, "")
            if not text:
                continue
            if not (text.isascii() and text.isdigit() and len(text) < 17):
                return cls(is_bad=True)
            found[name] = int(text)
        return cls(is_bad=len(found) == 2, **found)

    def page(
        self, changes: QuerySet[Change], size: int, address: Address, *, look_behind: bool = False
    ) -> tuple[list[Change], Paged]:
        """Changes, newest first, and the way on. With `look_behind` one more than `size`, where there is one."""
        if self.is_bad:
            return [], Paged(first=address(), problem=_(BAD_CURSOR))
        if self.after is not None:
            rows = list(changes.filter(seq__gt=self.after).order_by("seq")[: size + 1])
            has_newer, has_older = len(rows) > size, True
            rows = rows[:size][::-1]
            if look_behind and rows:
                rows += changes.filter(seq__lt=rows[-1].seq).order_by("-seq")[:1]
        else:
            if self.before is not None:
                changes = changes.filter(seq__lt=self.before)
            rows = list(changes.order_by("-seq")[: size + 1])
            has_newer, has_older = self.before is not None, len(rows) > size
        if not rows:
            return [], Paged(first=address() if self != Seqs() else "")
        shown = rows[:size]
        paged = Paged(
            older=address(before=str(shown[-1].seq)) if has_older else "",
            newer=address(after=str(shown[0].seq)) if has_newer else "",
            first=address() if self != Seqs() else "",
        )
        return (rows if look_behind else shown), paged


def by_name(
    record_type: RecordType,
    records: QuerySet[PublicDocument],
    query: QueryDict,
    size: int,
    address: Address,
    *,
    words: Collection[str] = (),
) -> tuple[list[PublicDocument], Paged]:
    """Records of one type in the order of their names, from the one after the key `after`, or before the key `before`.

    With `words` only those in whose names all of them are found, whatever the case. A whole list that fits a page is in
    an order that does not care for case, as far as databases differ there.
    """
    before, after = (query.get(name, "").replace("\0", "") for name in ("before", "after"))
    if before or after:
        of_type = PublicDocument.objects.of_type(record_type)
        mark = of_type.filter(key=before or after).values_list("name", "key").first()
        if mark is None or (before and after):
            return [], Paged(first=address(), problem=_(BAD_CURSOR))
        name, key = mark
        if before:
            earlier = records.filter(name__lte=name).exclude(name=name, key__gte=key).order_by("-name", "-key")
            rows = first_of(earlier, words, size + 1)
            has_newer, has_older = len(rows) > size, True
            rows = rows[:size][::-1]
        else:
            later = records.filter(name__gte=name).exclude(name=name, key__lte=key).order_by("name", "key")
            rows = first_of(later, words, size + 1)
            has_newer, has_older = True, len(rows) > size
    else:
        rows = first_of(records.order_by("name", "key"), words, size + 1)
        has_newer, has_older = False, len(rows) > size
        if not has_older:
            rows.sort(key=lambda row: folded(row.name))
    rows = rows[:size]
    return rows, Paged(
        older=address(after=rows[-1].key) if rows and has_older else "",
        newer=address(before=rows[0].key) if rows and has_newer else "",
        first=address() if before or after else "",
    )


def first_of(records: QuerySet[PublicDocument], words: Collection[str], most: int) -> list[PublicDocument]:
    """The first of the records in whose names all the words are found: at most so many, in their order."""
    if not words:
        return list(records[:most])
    parts = [folded(word) for word in words]
    # The names alone, which the index of the list holds, are read and folded here: SQLite folds ASCII alone.
    names = ((pk, folded(name)) for pk, name in records.values_list("pk", "name").iterator())
    keys = list(islice((pk for pk, name in names if all(part in name for part in parts)), most))
    found = records.in_bulk(keys)
    return [found[pk] for pk in keys]
