"""Tables whose columns are the data set's keys: a row as an entry of a file, and an entry as a row.

A column is a key of an event ("title"), or a way into it ("sources.1.url", "access.2.status"). A cell of several names
parts them by semicolons, and gives roles after a colon: "openai:actor; microsoft:target". Whole lists of records may
stand in one cell as YAML, which is how they are exported; known sources may be given by their addresses alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from events.lib.dates import parse_edtf
from events.lib.spreadsheets import as_written
from events.services.dataset.layout import flow
from events.services.dataset.parsing import Malformed, Map, Seq, parsed

# Lists of records that fit into a cell in short: the key of each item, and that of what comes after the colon.
SHORT = {
    "companies": ("slug", "role"),
    "countries": ("code", "role"),
    "groups": ("slug", "role"),
    "policies": ("slug", "relation"),
    "follows": ("id", "relation"),
}
PARTIAL = ":partial"
NAMES = frozenset(("agencies", "products", "except", "by", "authors", "aliases", "redirects"))
EMBEDDED = frozenset(("access", "sources", "quotes", "quote", "numbered", "retracted"))
DATES = frozenset(("date", "end_date", "from", "until", "on"))
FLAGS = frozenset(("paywalled", "partial"))
YES, NO = frozenset(("true", "yes", "1")), frozenset(("false", "no", "0"))
LONGEST_NUMBER = 20  # digits; Python reads none of more than 4,300
COLUMN = re.compile(r"[a-z_]+(?:\.(?:[1-9][0-9]{0,2}|[a-z_]+)){0,5}")
# What an export tells of where a draft stands, and an import does not read.
TOLD = ("state", "changed_by", "assigned_to")


class Unfit(ValueError):
    """A sentence on what is wrong with a cell."""


def node_of(columns: Sequence[str], cells: Sequence[Any], line: int) -> tuple[Map, list[tuple[str, str]]]:
    """A row as a file of YAML would have it; and the columns whose cells cannot be read, with why."""
    problems: list[tuple[str, str]] = []
    tree: dict[str | int, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column in TOLD or cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        path = [int(part) if part.isdecimal() else part for part in column.split(".")]
        try:
            value = value_of(path, cell, line)
        except Unfit as unfit:
            problems.append((column, str(unfit)))
            continue
        if value is not None and not placed(tree, path, value):
            problems.append((column, "The same is said in another column, too."))
    node = grown(tree, line)
    assert isinstance(node, Map)
    inexact(node, line)
    return node, problems


def placed(tree: dict[str | int, Any], path: Sequence[str | int], value: Any) -> bool:
    """Whether there was room for a value: a list stands in one cell, or in columns of its own."""
    for step in path[:-1]:
        inner = tree.setdefault(step, {})
        if type(inner) is not dict:
            return False
        tree = inner
    return tree.setdefault(path[-1], value) is value


def grown(tree: dict[str | int, Any], line: int) -> Any:
    """The tree with its numbered branches as lists; a gap in the numbers is none in the list."""
    if tree and all(isinstance(key, int) for key in tree):
        found = Seq()
        for number in sorted(tree, key=int):
            found.append(grown(tree[number], line) if type(tree[number]) is dict else tree[number])
            found.lines.append(line)
        return found
    node = Map()
    for key, value in tree.items():
        node[str(key)] = grown(value, line) if type(value) is dict else value
        node.lines[str(key)] = line
    if "access" in node and isinstance(node["access"], Seq):  # an effect without an id has that of its place
        for number, effect in enumerate(node["access"], 1):
            if isinstance(effect, Map) and "id" not in effect:
                effect["id"], effect.lines["id"] = number, line
    return node


def inexact(node: Map, line: int) -> None:
    """A date such as 2024-07 or 2024-Q3 says how exact it is."""
    if isinstance(node.get("date"), str) and "precision" not in node:
        try:
            node["date"], precision = parse_edtf(node["date"])
        except ValueError:
            return  # whoever reads the field says what a date is
        node["precision"], node.lines["precision"] = str(precision), line


def value_of(path: Sequence[str | int], cell: Any, line: int) -> Any:
    """What a cell says; None: nothing. Raises Unfit."""
    name = str(path[-1])
    if isinstance(cell, str):
        cell = as_written(cell.strip())
    if name in DATES:
        return date_of(cell)
    if name in FLAGS:
        return flag_of(cell)
    if (name == "id" and len(path) > 1) or name == "position":
        return int(cell) if str(cell).isdecimal() and len(str(cell)) <= LONGEST_NUMBER else cell
    text = str(cell)
    if text.startswith(("[", "{")) and (name in SHORT or name in EMBEDDED):
        return embedded(text, line)
    if len(path) == 1 and name in SHORT:
        return listed((short(name, item, line) for item in items(text)), line)
    if name in NAMES:
        return listed(items(text), line)
    if len(path) == 1 and name == "sources":
        return listed((mapped({"url": url}, line) for url in text.split()), line)
    return text


def date_of(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, int):  # a year
        return str(cell)
    try:
        return dt.date.fromisoformat(cell) if isinstance(cell, str) and len(cell) == 10 else cell
    except ValueError:
        return cell


def flag_of(cell: Any) -> Any:
    word = str(cell).lower()
    return True if word in YES else None if word in NO else cell


def items(text: str) -> Iterable[str]:
    return filter(None, map(str.strip, text.split(";")))


def short(name: str, item: str, line: int) -> Map:
    """ "openai:actor" as the record that it is short for."""
    said: dict[str, Any] = {}
    if name == "policies" and item.endswith(PARTIAL):
        item, said["partial"] = item.removesuffix(PARTIAL), True
    what, colon, word = item.rpartition(":")
    first, second = SHORT[name]
    return mapped({first: what.strip(), second: word.strip()} | said if colon else {first: item} | said, line)


def mapped(values: Mapping[str, Any], line: int) -> Map:
    node = Map()
    node.update(values)
    node.lines = dict.fromkeys(values, line)
    return node


def listed(values: Iterable[Any], line: int) -> Seq:
    node = Seq()
    node.extend(values)
    node.lines = [line] * len(node)
    return node


def embedded(text: str, line: int) -> Any:
    try:
        return at_line(parsed(text.encode()), line)
    except Malformed as problem:
        raise Unfit(str(problem)) from None


def at_line(value: Any, line: int) -> Any:
    """What was read of one cell, each part of which stands in the line of its row."""
    if isinstance(value, Map):
        value.lines = dict.fromkeys(value.lines, line)
        for each in value.values():
            at_line(each, line)
    elif isinstance(value, Seq):
        value.lines = [line] * len(value)
        for each in value:
            at_line(each, line)
    return value


# --------------------------------------------------------------------------------------------------------- the way back


def cells_of(values: Mapping[str, Any], columns: Iterable[str]) -> list[Any]:
    """An entry in the keys of its file as cells: texts, dates as they are, nothing as an empty text."""
    return [cell_of(column, values.get(column)) for column in columns]


def cell_of(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in SHORT:
        first, second = SHORT[name]
        return "; ".join(f"{item[first]}:{item[second]}{PARTIAL if item.get('partial') else ''}" for item in value)
    if isinstance(value, Mapping):
        return flow(value)
    if isinstance(value, list):
        return flow(value) if any(isinstance(each, Mapping) for each in value) else "; ".join(map(str, value))
    return value
