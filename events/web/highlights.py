"""The words that were searched for, marked where a text bears them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from events.lib.tokens import Term, matches


def highlighted(text: str, terms: Sequence[Term]) -> SafeString:
    """A text as HTML, with <mark> around what matches."""
    parts: list[str] = []
    done = 0
    for start, end in matches(text, terms):
        parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    return mark_safe("".join([*parts, escape(text[done:])]))  # noqa: S308 - every part of the text is escaped
