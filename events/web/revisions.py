"""The revision of the record that an address names."""

from __future__ import annotations

from django.utils.translation import gettext as _

from events.web.days import LONGEST


def read(text: str, newest: int) -> tuple[int | None, str]:
    """The revision that a text names, and what is wrong with the text; nothing is, where it is empty."""
    text = text.strip()[:LONGEST]
    if not text:
        return None, ""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= newest:
        return int(text), ""
    return None, _("There is no revision “%(text)s”: the newest is %(newest)s.") % {"text": text, "newest": newest}
