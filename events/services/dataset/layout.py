"""Entries as YAML: written by hand, as PyYAML cannot mix layouts, and read back by any parser as the same values.

A row of a few short values takes one line (flow style), everything else one line a key.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

WIDTH = 160
# Text that needs no quotation marks, whatever stands around it: it begins with a letter, and holds no sign of YAML's.
PLAIN = re.compile(r"[A-Za-z](?:[\w ./()+&%$;’“”–—-]|,(?= )|:(?=[/\w]))*", re.ASCII)
PLAIN_IN_FLOW = re.compile(r"[A-Za-z][\w ./()+&%$;-]*", re.ASCII)
RESOLVER = yaml.resolver.Resolver()


def scalar(value: Any, *, flow: bool) -> str:
    """One value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | dt.date):
        return str(value)
    return _text(value, flow)


@lru_cache(maxsize=4096)
def _text(text: str, flow: bool) -> str:
    pattern = PLAIN_IN_FLOW if flow else PLAIN
    if pattern.fullmatch(text) and not text.endswith(" ") and " #" not in text and _is_text(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    written = json.dumps(text, ensure_ascii=False)  # YAML shares JSON's escapes, but for halves of surrogate pairs
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in written)


def _is_text(text: str) -> bool:
    return RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"


def flow(value: Any) -> str:
    """A value on one line, in braces and brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, flow=True)


def row(values: Mapping[str, Any], indent: int, *, short: bool) -> Iterator[str]:
    """An item of a list: on one line where that is asked for and fits, else a line a key."""
    margin = " " * indent
    if short and len(line := f"{margin}- {flow(values)}") <= WIDTH:
        yield line + "\n"
        return
    for index, (key, value) in enumerate(values.items()):
        yield from pair(key, value, indent + 2, f"{margin}{'  ' if index else '- '}")


def pair(key: str, value: Any, indent: int, start: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{start}{key}: {flow(value)}\n"
    elif isinstance(value, str) and "\n" in value and _fits_block(value):
        yield f"{start}{key}: |-\n"
        for line in value.split("\n"):
            yield f"{' ' * (indent + 2)}{line}\n" if line else "\n"
    elif not isinstance(value, list):
        yield f"{start}{key}: {scalar(value, flow=False)}\n"
    elif isinstance(value[0], Mapping):
        yield f"{start}{key}:\n"
        for item in value:
            yield from row(item, indent + 2, short=key != "sources")
    else:
        yield f"{start}{key}: {flow(value)}\n"


def _fits_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is, in a block."""
    lines = text.split("\n")
    return all(map(str.isprintable, lines)) and lines[0][:1].strip() != "" and lines[-1].strip() != ""


def table(name: str, rows: Iterable[Mapping[str, Any]], *, short: bool, apart: bool = False) -> Iterator[str]:
    """A list under its name; nothing where it has no rows. `apart`: with an empty line before each row."""
    empty = True
    for values in rows:
        if empty:
            yield f"{name}:\n"
            empty = False
        if apart:
            yield "\n"
        yield from row(values, 2, short=short)
