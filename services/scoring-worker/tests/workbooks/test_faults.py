"""What is wrong with a workbook is said of its cells, all of it at once, in words of a spreadsheet."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from cchc_shared.files.unreadable import Unreadable
from cchc_shared.http.field_errors import field_error
from scoring_worker.index_sets.document import FaultyDocument, load
from scoring_worker.index_sets.faults import Fault
from scoring_worker.workbooks import reading
from scoring_worker.workbooks.reading import MOST_FAULTS, document, sheets
from scoring_worker.workbooks.writing import write
from tests.support.vietnamese import foreign_words

FOLDER = Path(__file__).parents[4] / "data" / "index_sets"
SETS = {name: load((FOLDER / f"{name}.yaml").read_text("utf-8")) for name in ("cchc-city", "hp212", "tt01-2018")}
WRITTEN = {name: write(loaded.index_set, datetime(2026, 11, 27, tzinfo=UTC)) for name, loaded in SETS.items()}
CITY = "cchc-city"


def edited(edit: Callable[[Workbook], Any], name: str = CITY) -> bytes:
    """A shipped set after somebody worked on it."""
    book = openpyxl.load_workbook(io.BytesIO(WRITTEN[name]))
    edit(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def faults(content: bytes) -> list[Fault]:
    with pytest.raises(FaultyDocument) as raised:
        document(sheets(content))
    for fault in raised.value.faults:
        vi, en = (fault.vi, fault.en) if fault.found is None else _said(fault)
        assert foreign_words(vi) == [], vi
        assert en
    return raised.value.faults


def _said(fault: Fault) -> tuple[str, str]:
    assert fault.found is not None
    error = field_error(fault.found)
    return error.vi, error.en


def at(book: Workbook, sheet: str, heading: str, row: int) -> Any:  # noqa: ANN401 - of several kinds
    """The cell of a column, by its heading."""
    (column,) = [cell.column for cell in book[sheet][1] if str(cell.value).startswith(f"{heading} · ")]
    return book[sheet].cell(row, column or 0)


def put(sheet: str, heading: str, row: int, value: object) -> Callable[[Workbook], Any]:
    return lambda book: setattr(at(book, sheet, heading, row), "value", value)


def test_the_template_of_this_test() -> None:
    """Rows that the tests below speak of: 2 is field 1, 3 the group, 4 the first criterion with a rule."""
    book = openpyxl.load_workbook(io.BytesIO(WRITTEN[CITY]))
    assert [at(book, "Tiêu chí", "Mã", row).value for row in range(2, 6)] == ["1", "1.1", "1.1.1", "1.1.2"]
    assert [at(book, "Chỉ tiêu", "Mã", row).value for row in (2, 3)] == ["tasks_on_time", None]


@pytest.mark.parametrize("typed", [35, "35", "35,0", "35.00", "35 "])
def test_a_weight_that_is_plain_is_read(typed: object) -> None:
    """And with the other criteria the sum is no longer right, which is said of the cell that has the sum."""
    (fault, *_) = faults(edited(put("Tiêu chí", "Điểm tối đa", 4, typed)))
    assert (fault.path, fault.cell) == ("points", "Bộ chỉ số!B12")
    assert "105" in fault.vi


@pytest.mark.parametrize(
    ("text", "number"),
    [("10,5", "10.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("0,125", "0.125"), ("5 %", "0.05")],
)
def test_numbers_as_people_type_them(text: str, number: str) -> None:
    def edit(book: Workbook) -> None:
        put("Tiêu chí", "Điểm tối đa", 4, text)(book)
        book["Bộ chỉ số"]["B12"] = None

    found = document(sheets(edited(edit)))
    assert str(next(found.index_set.leaves()).max) == number


def of_max(value: object) -> Callable[[Workbook], Any]:
    return put("Tiêu chí", "Điểm tối đa", 4, value)


def orphan(book: Workbook) -> None:
    book["Tiêu chí"].insert_rows(2)
    book["Tiêu chí"].cell(2, 15, "x")


JANUARY = datetime(2026, 1, 30)  # noqa: DTZ001 - a cell has no zone
LEAF, MAX = "fields.0.criteria.0.criteria.0", "fields.0.criteria.0.criteria.0.max"
TERM = "indicators.tasks_on_time.numerator.0"
LEVEL, ENGLISH, MEASURE = "Cấp (1 là lĩnh vực)", "Tên bằng tiếng Anh", "Việc được đếm"
ONE: dict[str, tuple[Callable[[Workbook], Any], str, str, str]] = {
    "two ways to read a number": (of_max("1.234"), "E4", MAX, "hai cách"),
    "a word for a number": (of_max("ba mươi"), "E4", MAX, "phải là số"),
    "a day for a number": (of_max(JANUARY), "E4", MAX, "không phải ngày"),
    "a formula": (of_max("=10+20"), "E4", MAX, "công thức"),
    "below 0": (of_max(-1), "B4", LEAF, "không được âm"),
    "no such word": (put("Tiêu chí", "Cách tính", 4, "Theo ý"), "F4", f"{LEAF}.rule.kind", "Theo tỷ lệ"),
    "of another rule": (put("Tiêu chí", "Ngưỡng", 4, 0.9), "G4", f"{LEAF}.rule.threshold", "không dùng"),
    "no such indicator": (put("Tiêu chí", "Chỉ tiêu", 4, "none"), "O4", f"{LEAF}.indicator", "không có trong"),
    "a level too deep": (put("Tiêu chí", LEVEL, 3, 4), "A3", "", "từ 1 đến 2"),
    "a code that became a number": (put("Tiêu chí", "Mã", 4, 1.1), "B4", f"{LEAF}.code", "văn bản"),
    "a code twice": (put("Chỉ tiêu", "Mã", 5, "tasks_on_time"), "A5", "indicators.tasks_on_time", "hai lần"),
    "no name": (put("Tiêu chí", ENGLISH, 4, None), "D4", f"{LEAF}.name.en", "thiếu"),
    "no such measure": (put("Chỉ tiêu", MEASURE, 3, "task.beauty"), "L3", f"{TERM}.measure", "một trong"),
    "no such state": (put("Chỉ tiêu", "Trạng thái", 3, "Đẹp"), "M3", f"{TERM}.states", "Đúng hạn"),
    "an unknown column": (lambda book: book["Tiêu chí"].cell(1, 30, "Ghi chú"), "AD1", "", "không có cột"),
    "a column without a heading": (lambda book: book["Tiêu chí"].cell(7, 30, "x"), "AD7", "", "không có tiêu đề"),
    "merged cells": (lambda book: book["Tiêu chí"].merge_cells("E4:E5"), "E4:E5", "", "ô gộp"),
    "a heading that is gone": (put("Tiêu chí", "Điểm tối đa", 1, "Trọng số"), "A1", "", "Điểm tối đa"),
    "a row that belongs to nothing": (orphan, "O2", "", "thiếu mã"),
}
WITH_OTHERS = {"a level too deep", "a code twice", "no such indicator"}
"""Faults that make others below them."""


@pytest.mark.parametrize("name", ONE)
def test_one_fault_is_one_and_has_its_cell(name: str) -> None:
    edit, cell, path, words = ONE[name]
    found = faults(edited(edit))
    (fault,) = found[:1] if name in WITH_OTHERS else found
    sheet = "Chỉ tiêu" if path.startswith("indicators") else "Tiêu chí"
    assert (fault.cell, fault.path) == (f"{sheet}!{cell}", path)
    assert words in (fault.vi or _said(fault)[0])


def test_all_faults_at_once() -> None:
    def edit(book: Workbook) -> None:
        put("Tiêu chí", "Điểm tối đa", 4, "nhiều")(book)
        put("Tiêu chí", "Cách tính", 5, "=A1")(book)
        book["Tiêu chí"].merge_cells("B7:B8")
        put("Xếp loại", "Từ", 2, "cao")(book)
        book["Bộ chỉ số"]["B7"] = "hôm nay"
        book["Bộ chỉ số"]["A14"] = "Mục lạ"

    assert {fault.cell for fault in faults(edited(edit))} >= {
        "Tiêu chí!E4",
        "Tiêu chí!F5",
        "Tiêu chí!B7:B8",
        "Xếp loại!D2",
        "Bộ chỉ số!B7",
        "Bộ chỉ số!A14",
    }


def test_rows_below_a_criterion() -> None:
    """The steps of a ladder and the inputs of an expression."""

    def step(book: Workbook) -> None:
        (row,) = [cell.row for cell in book["Tiêu chí"]["B"] if cell.value == "5.1b"]
        put("Tiêu chí", "Phần của điểm (0 đến 1)", row + 1, 2)(book)
        put("Tiêu chí", "Cấp (1 là lĩnh vực)", row + 1, None)(book)

    (fault,) = faults(edited(step, "hp212"))
    assert (fault.path, "0 đến 1" in fault.vi) == ("fields.5.criteria.1.rule.steps.0", True)
    book = openpyxl.load_workbook(io.BytesIO(WRITTEN["tt01-2018"]))
    (row,) = [cell.row for cell in book["Tiêu chí"]["B"] if cell.value == "8.1"]
    (twice,) = faults(edited(put("Tiêu chí", "Tên đầu vào", row + 2, "answered"), "tt01-2018"))
    assert twice.cell == f"Tiêu chí!N{row + 2}"


def _strange(*rows: tuple[object, ...], name: str = "Sheet1") -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def test_a_workbook_of_another_kind_gets_one_fault() -> None:
    tasks = _strange(("TT", "Nhiệm vụ", "Chủ trì"), *(("1", "Lập bảng", "Sở Y tế") for _ in range(200)))
    (fault,) = faults(tasks)
    assert (fault.path, fault.cell) == ("", None)
    assert all(name in fault.vi for name in ("Bộ chỉ số", "Tiêu chí", "Chỉ tiêu", "Xếp loại"))

    def renamed(book: Workbook) -> None:
        for row in book["Tiêu chí"].iter_rows(max_row=1):
            for cell in row:
                cell.value = f"Cột {cell.column}"

    (fault,) = faults(edited(renamed))
    assert fault.cell == "Tiêu chí!A1"


def test_titles_above_and_columns_in_another_order_do_no_harm() -> None:
    def edit(book: Workbook) -> None:
        sheet = book["Xếp loại"]
        sheet.insert_rows(1, 2)
        sheet["A1"] = "BẢNG XẾP LOẠI"
        sheet.merge_cells("A1:E1")
        for row in sheet.iter_rows(min_row=3):
            row[0].value, row[3].value = row[3].value, row[0].value
        book["Tiêu chí"].sheet_state = "hidden"
        book.move_sheet("Danh mục", -5)

    assert document(sheets(edited(edit))).sha256 == SETS[CITY].sha256


def test_no_more_faults_than_people_read() -> None:
    def edit(book: Workbook) -> None:
        for row in range(100, 400):
            put("Tiêu chí", "Cấp (1 là lĩnh vực)", row, "x")(book)

    assert len(faults(edited(edit))) == MOST_FAULTS


@pytest.mark.parametrize("number", ["1e99999999", "NaN", "1" * 5000, "-0,0000001e9", "9" * 41])
def test_a_number_that_no_memory_holds_is_refused(number: str) -> None:
    raw = WRITTEN[CITY]
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as given, zipfile.ZipFile(file, "w") as made:
        for entry in given.infolist():
            content = given.read(entry)
            if entry.filename == "xl/worksheets/sheet2.xml":
                content, times = re.subn(rb'(<c r="E4"[^>]*><v>)30', rf"\g<1>{number}".encode(), content)
                assert times == 1
            made.writestr(entry, content)
    (fault,) = faults(file.getvalue())
    assert (fault.cell, fault.path) == ("Tiêu chí!E4", MAX)
    (fault,) = faults(edited(of_max(number)))
    assert fault.cell == "Tiêu chí!E4"


def test_a_workbook_of_too_many_cells_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_CELLS", 100)
    with pytest.raises(Unreadable, match="100 cells"):
        sheets(_strange(*((1,) * 10 for _ in range(11)), name="Tiêu chí"))


SHEETS = ["Bộ chỉ số", "Tiêu chí", "Chỉ tiêu", "Xếp loại", "Điều kiện", "Miễn trừ", "Phần điểm"]
ODD = [
    None,
    1,
    2.5,
    -3,
    "x",
    "",
    "1",
    "=1",
    True,
    JANUARY,
    "linear",
    "Theo bậc",
    "Tử số",
    "a; b",
    "code",
    "Mã",
    "Lưu ý",
]
EDITS = st.lists(
    st.tuples(st.sampled_from(SHEETS), st.integers(1, 12), st.integers(1, 24), st.sampled_from(ODD)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None, phases=[Phase.generate])
@given(edits=EDITS, name=st.sampled_from(sorted(WRITTEN)))
def test_whatever_people_type_is_read_or_refused(
    edits: list[tuple[str, int, int, Any]],
    name: str,
) -> None:
    def edit(book: Workbook) -> None:
        for sheet, row, column, value in edits:
            book[sheet].cell(row, column).value = value

    said: list[Fault] | None = None
    try:
        document(sheets(edited(edit, name)))
    except FaultyDocument as refused:
        said = refused.faults
    assert said != [], "a refusal says why"
