import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.lib import xlsx
from events.lib.xlsx import workbook

COLUMNS = [("text", "string"), ("number", "integer"), ("flag", "boolean"), ("day", "date"), ("time", "datetime")]


def opened(batches, **options):
    chunks = workbook("Events", COLUMNS, batches, lambda: [("rows", 7)], **options)
    return openpyxl.load_workbook(io.BytesIO(b"".join(chunks)))


def test_cells_are_typed():
    rows = [("=1+1", 7, True, "2024-07-09", "2024-07-09T12:30:00.000000Z"), (None, None, None, None, None)]
    book = opened([rows])
    head, first, *_ = book["Events"].iter_rows()
    assert [cell.value for cell in head] == [name for name, _ in COLUMNS]
    assert [cell.value for cell in first] == [
        "=1+1", 7, True, dt.datetime(2024, 7, 9), dt.datetime(2024, 7, 9, 12, 30),  # noqa: DTZ001 - Excel has no zones
    ]  # fmt: skip
    assert [cell.data_type for cell in first] == ["s", "n", "b", "d", "d"]
    assert first[3].number_format == r"yyyy\-mm\-dd"
    assert list(book["About"].values) == [("rows", 7)]


def test_days_before_excel_can_count_are_texts():
    [_, row] = opened([[("a", 1, False, "1899-12-31", "1899-12-31T00:00:00Z")]])["Events"].values
    assert row[3:] == ("1899-12-31", "1899-12-31T00:00:00Z")


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=50))
def test_any_text_comes_back(text):
    [_, row] = opened([[(text, 1, False, "", "")]])["Events"].values
    assert openpyxl.utils.escape.unescape(row[0]).replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_long_texts_are_cut_at_what_a_cell_holds():
    [_, row] = opened([[("x" * 40_000, 1, False, "", "")]])["Events"].values
    assert (len(row[0]), row[0][-1]) == (32_767, "…")


def test_what_a_sheet_cannot_hold_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    book = opened([[(str(n), n, False, "", "") for n in range(3)], [("3", 3, False, "", "")], []])
    assert book.sheetnames == ["Events", "Events 2", "About"]
    assert [row[1] for name in book.sheetnames[:2] for row in book[name].iter_rows(min_row=2, values_only=True)] == [
        0, 1, 2, 3,
    ]  # fmt: skip


def test_nothing_is_a_sheet_with_a_head_line():
    book = opened([])
    assert book.sheetnames == ["Events", "About"]
    assert book["Events"].max_row == 1


def test_first_bytes_go_before_the_first_row_is_asked_for():
    def never():
        raise AssertionError("asked for")
        yield

    assert next(workbook("Events", COLUMNS, never(), list)).startswith(b"PK")


def test_a_file_that_was_cut_does_not_open():
    whole = b"".join(workbook("Events", COLUMNS, [[("a", 1, False, "", "")]], list))
    with pytest.raises(zipfile.BadZipFile):
        openpyxl.load_workbook(io.BytesIO(whole[:-30]))
