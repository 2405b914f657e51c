"""How long to wait until something is tried again: never the same for two that failed at once."""

from __future__ import annotations

import datetime as dt
import random

MOST_DOUBLINGS = 12


def about(pause: dt.timedelta) -> dt.timedelta:
    """The pause, a tenth longer or shorter."""
    return pause * random.uniform(0.9, 1.1)  # noqa: S311


def after(failures: int, *, first: dt.timedelta, longest: dt.timedelta) -> dt.timedelta:
    """About twice as long after each failure in a row, from the first one on."""
    return about(min(first * 2 ** min(failures - 1, MOST_DOUBLINGS), longest))
