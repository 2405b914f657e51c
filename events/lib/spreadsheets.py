"""What keeps texts from being taken for formulas by spreadsheets (OWASP, CSV injection), and takes that off again."""

from __future__ import annotations

from typing import Any

# What makes a spreadsheet take a text for a formula, or a cell for several.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe before whatever would make it one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_written(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
