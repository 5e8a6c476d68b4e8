"""Cells of a workbook as they are stored."""

import io
import unicodedata
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc_shared.files.packages import Package
from cchc_shared.files.workbooks import Cell, Merged, Row, Workbook, reference

MOST = 50_000_000
SUM, FAULT = Cell("0", "number", is_formula=True), Cell("#DIV/0!", "error", is_formula=True)
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp", "Mn"])


def opened(content: bytes) -> Workbook:
    package = Package(content, MOST)
    return Workbook(package, package.main())


def test_what_a_sheet_holds() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet, hidden = book.add_worksheet("Tiêu chí"), book.add_worksheet("Ẩn")
        book.add_chartsheet("Biểu đồ")
        hidden.hide()
        sheet.write_row("A1", ["Mã", "=1+1", 1.5, True])
        sheet.write_datetime("B3", datetime(2026, 2, 5), day)  # noqa: DTZ001 - a cell has no zone
        sheet.write_formula("C3", "=1/0", None, "#DIV/0!")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.merge_range("A5:B6", "gộp")
        sheet.write(1_048_575, 16_383, "xa")
    book = opened(file.getvalue())
    assert [(tab.name, tab.is_hidden, book.is_sheet(tab)) for tab in book.tabs] == [
        ("Tiêu chí", False, True),
        ("Ẩn", True, True),
        ("Biểu đồ", False, False),
    ]
    assert list(book.elements(book.tabs[0])) == [
        Row(
            1, {0: Cell("Mã"), 1: Cell("0", "number", is_formula=True), 2: Cell("1.5", "number"), 3: Cell("1", "truth")}
        ),
        Row(
            3, {1: Cell("46058", "number", "dd/mm/yyyy"), 2: Cell("#DIV/0!", "error", is_formula=True)}, is_hidden=True
        ),
        Row(5, {0: Cell("gộp")}),
        Row(1_048_576, {16_383: Cell("xa")}),
        Merged(5, 0, 6, 1),
    ]
    assert Merged(5, 0, 6, 1).reference == "A5:B6"
    assert reference(1_048_576, 16_383) == "XFD1048576"
    assert list(book.elements(book.tabs[1])) == []


@pytest.mark.parametrize("words", ["_x0041_", "a\nb", "=1+1", "“Sở”; Ủy ban", "  hai bên  ", "_x000D_x"])
def test_a_text_comes_as_it_was_typed(words: str) -> None:
    assert text_of(words) == words.strip()


@settings(max_examples=30, deadline=None)
@given(st.text(LETTERS))
def test_any_text_comes_composed(words: str) -> None:
    assert text_of(words) == unicodedata.normalize("NFC", words)


def text_of(words: str) -> str:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, words)
        sheet.write_string(0, 1, "x")
    book_read = opened(file.getvalue())
    (row,) = book_read.elements(book_read.tabs[0])
    assert isinstance(row, Row)
    return row.cells[0].text if 0 in row.cells else ""
