"""Going through many rows without holding them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

BATCH = 500  # rows that are read together


def in_batches(rows: QuerySet[Any, Any], key: str, *, after: Any = None) -> Iterator[list[Any]]:
    """All rows in the order of a unique key, which they bear as an attribute: those after one, where it is given.

    Each batch is a query of its own, so that no transaction and no cursor is held open meanwhile.
    """
    ordered = rows.order_by(key)
    while True:
        found = list((ordered if after is None else ordered.filter(**{f"{key}__gt": after}))[:BATCH])
        if found:
            yield found
        if len(found) < BATCH:
            return
        after = getattr(found[-1], key)
