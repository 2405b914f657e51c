"""A file of drafts as its rows, whatever its format, within bounds: nothing is made of what lies beyond them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from typing import Any
from zipfile import BadZipFile, ZipFile

from events.lib.canonical import refuse_unstorable
from events.services.dataset.parsing import Malformed, Map, Seq, decoded, parsed
from events.services.dataset.problems import Place, Problems
from events.services.imports import tables

MOST_BYTES = 32 * 2**20
MOST_ROWS = 10_000
MOST_COLUMNS = 300
MOST_UNPACKED = 96 * 2**20  # of a workbook, which is a ZIP: 30 kB of it may unpack to gigabytes
MOST_PARTS = 1_000
FORMATS = (".csv", ".xlsx", ".yaml", ".yml")
END = "#end"  # how the exports mark that they are whole


@dataclass
class Row:
    """One row: its line in the file, what it says, what of it cannot be read; `columns` of a table, else None."""

    line: int
    node: Any
    problems: list[str] = field(default_factory=list)
    columns: frozenset[str] | None = None


def format_of(name: str) -> str:
    return PurePath(name).suffix.lower()


def rows_of(content: bytes, name: str) -> list[Row]:
    """The rows of a file, whose name tells its format. Raises DatasetError, which says the place."""
    problems = Problems()
    try:
        if len(content) > MOST_BYTES:
            raise Malformed(0, f"The file is larger than {MOST_BYTES // 2**20} MB.")
        read = {".csv": of_csv, ".xlsx": of_workbook}.get(format_of(name), of_yaml)
        rows = list(islice(read(content), MOST_ROWS + 1))
        if len(rows) > MOST_ROWS:
            raise Malformed(0, f"It has more than {MOST_ROWS:,} rows: divide it.")
        if not rows:
            raise Malformed(0, "It has no rows.")
        for row in rows:
            require_storable(row)
        return rows
    except Malformed as error:
        problems.add(Place(name, line=error.line), str(error))
    problems.refuse()
    raise AssertionError


def require_storable(row: Row) -> None:
    """Raise Malformed where a row says what no database holds: not even what is wrong with it could be noted."""
    for text in texts_in(row.node):
        try:
            refuse_unstorable(text)
        except ValueError as error:
            raise Malformed(row.line, str(error)) from None


def texts_in(value: Any) -> Iterator[str]:
    """The texts and the keys of a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Map):
        yield from value
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, Seq):
        for each in value:
            yield from texts_in(each)


def of_yaml(content: bytes) -> Iterator[Row]:
    """The data set's format: a list under the key “events”."""
    value = parsed(content)
    if not isinstance(value, Map) or list(value) != ["events"] or not isinstance(value["events"], Seq):
        raise Malformed(0, "A file of events has the one key “events”, and under it a list.")
    return (Row(line, node) for node, line in zip(value["events"], value["events"].lines, strict=True))


def of_csv(content: bytes) -> Iterator[Row]:
    text = decoded(content)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    return of_table(numbered(reader))


def numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line in which it begins."""
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise Malformed(line, f"This is no CSV: {error}.") from None
        if row is None:
            return
        yield line, row


def of_workbook(content: bytes) -> Iterator[Row]:
    """The first sheet of a workbook, whose parts are looked at before any is unpacked."""
    # Heavy, and for workers alone.
    from openpyxl import load_workbook

    try:
        with ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
    except BadZipFile:
        raise Malformed(0, "This is no workbook (XLSX).") from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Malformed(0, f"Unpacked the workbook is larger than {MOST_UNPACKED // 2**20} MB.")
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what it says of its own size is not to be trusted
        yield from of_table(lines_of(sheet))
    except Malformed:
        raise
    except Exception as error:  # openpyxl lets whatever a broken file sets off come through
        raise Malformed(0, f"This is no workbook that can be read: {type(error).__name__}.") from None


def lines_of(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    head = next(sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS + 1), ())
    width = max((number for number, cell in enumerate(head, 1) if cell.value is not None), default=0)
    yield 1, [cell.value for cell in head[:width]]
    for line, cells in enumerate(sheet.iter_rows(min_row=2, max_row=MOST_ROWS + 2, max_col=width + 1), 2):
        yield line, [plain(cell) for cell in cells]


@dataclass(frozen=True)
class Refused:
    """A cell that is not read."""

    why: str


def plain(cell: Any) -> Any:
    if cell.data_type == "f":
        return Refused("A formula stands here: put its value.")
    if cell.data_type == "e":
        return Refused(f"The cell holds an error: {cell.value}.")
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | dt.datetime | dt.date) or value is None else str(value)


def of_table(lines: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[Row]:
    lines = iter(lines)
    _, head = next(lines, (1, []))
    columns = [str(name or "").strip() for name in head]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise Malformed(1, "The first line has to name the columns.")
    if len(columns) > MOST_COLUMNS:
        raise Malformed(1, f"It has more than {MOST_COLUMNS} columns.")
    for name in columns:
        if not tables.COLUMN.fullmatch(name):
            raise Malformed(1, f"“{name}” is no column: columns are called as the keys of an event are.")
        if columns.count(name) > 1:
            raise Malformed(1, f"Two columns are called “{name}”.")
    said = frozenset(name.partition(".")[0] for name in columns)
    for line, cells in lines:
        if str(cells[0] if cells else "").startswith(END):
            continue
        if any(cell not in (None, "") for cell in cells):
            yield of_line(columns, said, line, cells)


def of_line(columns: Sequence[str], said: frozenset[str], line: int, cells: Sequence[Any]) -> Row:
    problems = [
        f"{column}: {cell.why}" for column, cell in zip(columns, cells, strict=False) if isinstance(cell, Refused)
    ]
    if any(cell not in (None, "") for cell in cells[len(columns) :]):
        problems.append("It has more cells than the first line names.")
    node, unfit = tables.node_of(columns, [None if isinstance(cell, Refused) else cell for cell in cells], line)
    return Row(line, node, problems + [f"{column}: {why}" for column, why in unfit], said)
