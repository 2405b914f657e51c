"""Pages by keyset: each says where the next one and the previous one begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

CURSORS = ("before", "after")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in the order of their list; `next` and `previous` as a parameter with its value, None at the end."""

    rows: Sequence[Row]
    next: tuple[str, str] | None
    previous: tuple[str, str] | None


def keyset_page(
    rows: QuerySet[Any, Row], key: str, *, before: Any, after: Any, size: int, newest_first: bool = False
) -> Page[Row]:
    """The page of `rows`, ordered by `key`, that starts at a cursor. With `newest_first` the list runs downwards.

    `after` asks for greater keys, `before` for smaller ones, in either direction of the list.
    """

    def read(downwards: bool, most: int) -> list[Row]:
        found = rows
        if before is not None:
            found = found.filter(**{f"{key}__lt": before})
        if after is not None:
            found = found.filter(**{f"{key}__gt": after})
        return list(found.order_by(f"-{key}" if downwards else key)[:most])

    return page_of(read, key, before=before, after=after, size=size, newest_first=newest_first)


def page_of(
    read: Callable[[bool, int], list[Row]], key: str, *, before: Any, after: Any, size: int, newest_first: bool = False
) -> Page[Row]:
    """The page that starts at a cursor: `read` gives so many rows from there on, downwards or upwards."""
    downwards = before is not None or (newest_first and after is None)
    found = read(downwards, size + 1)
    more, found = len(found) > size, found[:size]
    if downwards != newest_first:
        found.reverse()
    if not found:
        return Page((), None, None)
    towards_end = downwards == newest_first  # of the list
    started_inside = before is not None or after is not None
    onwards, backwards = ("before", "after") if newest_first else ("after", "before")
    return Page(
        found,
        next=(onwards, str(getattr(found[-1], key))) if (more if towards_end else True) else None,
        previous=(backwards, str(getattr(found[0], key))) if (started_inside if towards_end else more) else None,
    )


def address(request: HttpRequest, cursor: tuple[str, str] | None) -> str | None:
    """The URL of the same list with another cursor and all other parameters kept."""
    if cursor is None:
        return None
    kept = [pair for pair in parse_qsl(request.META["QUERY_STRING"], keep_blank_values=True) if pair[0] not in CURSORS]
    return f"{request.scheme}://{request.get_host()}{request.path}?{urlencode([*kept, cursor])}"
