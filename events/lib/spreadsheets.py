"""CSV that spreadsheets open as it is meant: in UTF-8, and no text taken for a formula (OWASP, CSV injection).

Programs need neither, and get neither where a table is for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

UTF_8 = "\ufeff"  # at the start of a file; without it Excel reads letters in the encoding of the machine
# What makes a spreadsheet take a text for a formula, or a cell for several.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def harmless(row: Iterable[Any]) -> list[Any]:
    """Cells that no spreadsheet takes for formulas: an apostrophe before whatever would make it one."""
    return [f"'{value}" if type(value) is str and value and value[0] in FORMULA else value for value in row]


def as_written(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text
