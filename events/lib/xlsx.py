"""Workbooks of Excel (Office Open XML, ECMA-376), written as a stream: nothing is held, and the first bytes go at once.

Libraries that write workbooks give out nothing until the last row is known. A workbook is a ZIP of XML files, and ZIP
can be streamed: texts stand in their cells instead of in a table that is known only at the end.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_000_000  # of a sheet; Excel reads 1,048,576
MOST_BYTES = 1_900_000_000  # of a sheet's XML: a file in a plain ZIP has less than 2 GiB
COMPRESSION = 2  # more takes several times as long for a fifth less
LONGEST = 32_767  # characters of a cell
WRITTEN_AT_ONCE = 1 << 18  # bytes
MOST_MOMENTS = 4000  # dates and times whose cells are remembered: a record has few days, and many events on each
FIRST_DAY = dt.date(1900, 3, 1)  # before it Excel counts a day that there never was
DAY_ZERO = dt.date(1899, 12, 30)
PLAIN, DATE, TIME, HEAD = range(4)  # places in the styles below
# What XML cannot hold, or Excel takes for an escape of its own.
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Every other XML file is a sheet, so that this can come first, before it is known how many there are.
CONTENT_TYPES = (
    f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{SHEET_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/></Types>'
)
ROOT = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/>'
    '</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill'
    ' patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/>'
    '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/><xf xfId="0" numFmtId="165" applyNumberFormat="1"/>'
    '<xf xfId="0" fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
SHEET_START = (
    f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"


class Outlet(io.RawIOBase):
    """Takes bytes in, and gives them out."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self.held)
        self.held.clear()
        return taken


def workbook(
    name: str,
    columns: Sequence[tuple[str, str]],
    batches: Iterable[Iterable[Sequence[Any]]],
    last: Callable[[], Iterable[Sequence[Any]]],
) -> Iterator[bytes]:
    """A workbook whose sheet `name` has a head line and the rows of all batches; a sheet "About" has what `last` says.

    `columns` are names and types: string, integer, boolean, date and datetime, the latter two given as ISO 8601 text
    (UTC, with a Z). Nothing and empty texts are empty cells. What a sheet cannot hold goes on in "NAME 2"; texts are
    cut at Excel's limit of 32,767 characters.
    """
    outlet = Outlet()
    cells = [CELLS.get(kind, text_cell) for _, kind in columns]
    head = row([text_cell(column, HEAD) for column, _ in columns])
    sheets: list[str] = []
    with ZipFile(outlet, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as package:
        for path, content in (("[Content_Types].xml", CONTENT_TYPES), ("_rels/.rels", ROOT), ("xl/styles.xml", STYLES)):
            package.writestr(entry(path), content)
        yield outlet.take()
        rows = (
            row([cell(value) for cell, value in zip(cells, values, strict=True)])
            for batch in batches
            for values in batch
        )
        upcoming = next(rows, None)
        while upcoming is not None or not sheets:
            sheets.append(f"{name} {len(sheets) + 1}" if sheets else name)
            with package.open(f"xl/worksheets/sheet{len(sheets)}.xml", "w") as sheet:
                written, size = 0, sheet.write(SHEET_START.encode() + head)
                yield outlet.take()
                held = bytearray()
                while upcoming is not None and written < MOST_ROWS and size < MOST_BYTES:
                    held += upcoming
                    size += len(upcoming)
                    written += 1
                    if len(held) > WRITTEN_AT_ONCE:
                        sheet.write(held)
                        held.clear()
                        yield outlet.take()
                    upcoming = next(rows, None)
                sheet.write(held + SHEET_END.encode())
        sheets.append("About")
        about = b"".join(row([said(value) for value in values]) for values in last())
        package.writestr(
            entry(f"xl/worksheets/sheet{len(sheets)}.xml"), SHEET_START.encode() + about + SHEET_END.encode()
        )
        package.writestr(entry("xl/workbook.xml"), listed(sheets))
        package.writestr(entry("xl/_rels/workbook.xml.rels"), related(len(sheets)))
    yield outlet.take()


def entry(path: str) -> ZipInfo:
    info = ZipInfo(path)
    info.compress_type = ZIP_DEFLATED
    return info


def row(cells: Sequence[str]) -> bytes:
    return f"<row>{''.join(cells)}</row>".encode()


def listed(sheets: Sequence[str]) -> str:
    inner = "".join(
        f'<sheet name="{escaped(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{inner}</sheets></workbook>'


def related(sheets: int) -> str:
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, sheets + 1)
    )
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{inner}{styles}</Relationships>'


# --------------------------------------------------------------------------------------------------------------- cells

EMPTY = "<c/>"


def escaped(text: str) -> str:
    return SPECIAL.sub(lambda found: NAMED.get(found[0]) or f"_x{ord(found[0]):04X}_", text)


def text_cell(value: Any, style: int = PLAIN) -> str:
    if value is None or value == "":
        return EMPTY
    text = value if isinstance(value, str) else str(value)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 1]}…"
    styled = f' s="{style}"' if style else ""
    space = "" if text == text.strip() else ' xml:space="preserve"'  # else it is lost
    # Nearly all texts hold nothing special. To look so is many times faster than the pattern.
    if "&" in text or "<" in text or ">" in text or "_x" in text or not text.isprintable():
        text = escaped(text)
    return f'<c{styled} t="inlineStr"><is><t{space}>{text}</t></is></c>'


def number_cell(value: int | None) -> str:
    return EMPTY if value is None else f"<c><v>{value}</v></c>"


def flag_cell(value: bool | None) -> str:
    return EMPTY if value is None else f'<c t="b"><v>{int(value)}</v></c>'


@lru_cache(MOST_MOMENTS)
def date_cell(value: str | None) -> str:
    if not value:
        return EMPTY
    day = dt.date.fromisoformat(value)
    return f'<c s="{DATE}"><v>{(day - DAY_ZERO).days}</v></c>' if day >= FIRST_DAY else text_cell(value)


@lru_cache(MOST_MOMENTS)
def time_cell(value: str | None) -> str:
    if not value:
        return EMPTY
    moment = dt.datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(dt.UTC)
    if moment.date() < FIRST_DAY:
        return text_cell(value)
    seconds = (moment - dt.datetime.combine(moment.date(), dt.time(), dt.UTC)).total_seconds()
    return f'<c s="{TIME}"><v>{(moment.date() - DAY_ZERO).days + seconds / 86_400:.9f}</v></c>'


def said(value: Any) -> str:
    return number_cell(value) if isinstance(value, int) else text_cell(value)


CELLS: dict[str, Callable[[Any], str]] = {
    "integer": number_cell,
    "boolean": flag_cell,
    "date": date_cell,
    "datetime": time_cell,
}
