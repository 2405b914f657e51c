"""What keeps texts from being taken for formulas by spreadsheets (OWASP, CSV injection), and takes that off again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# What makes a spreadsheet take a text for a formula, or a cell for several.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def harmless(row: Iterable[Any]) -> list[Any]:
    """Cells that no spreadsheet takes for formulas: an apostrophe before whatever would make it one."""
    return [f"'{value}" if type(value) is str and value and value[0] in FORMULA else value for value in row]


def as_written(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text
