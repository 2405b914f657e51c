"""Days that readers type into a form or an address."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

LONGEST = 20  # characters of a date, or a number, that is worth reading


def read(text: str) -> tuple[dt.date | None, str]:
    """The day that a text names, and what is wrong with the text; an empty one names none, and nothing is wrong."""
    text = text.strip()[:LONGEST]
    try:
        return (dt.date.fromisoformat(text) if text else None), ""
    except ValueError:
        return None, _("“%(text)s” is not a date. Write it like 2024-07-09.") % {"text": text}
