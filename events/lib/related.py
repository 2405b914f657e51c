"""The rows that hang on a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model


def related(row: Model, name: str) -> Iterable[Any]:
    """The rows of `row.<name>.all()`; where they were prefetched, without making a manager and a queryset each time.

    Those took a tenth of the time of publishing many events.
    """
    try:
        return row._prefetched_objects_cache[name]  # type: ignore[attr-defined]
    except (AttributeError, KeyError):
        return getattr(row, name).all()
