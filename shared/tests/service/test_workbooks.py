"""What is written opens elsewhere as the same cells, and none of them is a formula or a link."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell as Opened

from cchc_shared.contract.cells import plain
from cchc_shared.service.workbooks import MOST_LETTERS, Cell, CsvWriter, XlsxWriter

MADE = datetime(2026, 11, 27, 10, tzinfo=UTC)
# What no database keeps is left out: NUL, and halves of characters.
WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
BEGINNINGS = ["=", "+", "-", "@", "\t=", "\r", "{=", "'=", "http://", "internal:"]
TEXTS = WORDS | st.builds(str.__add__, st.sampled_from(BEGINNINGS), WORDS)
DAYS = st.dates(date(1900, 3, 1), date(2999, 12, 31))
CELLS = st.one_of(
    st.none(),
    TEXTS,
    st.integers(-(10**14), 10**14),
    DAYS,
    st.builds(datetime.combine, DAYS, st.times().map(lambda time: time.replace(microsecond=0))),
)
ROWS = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5))
ANY_TIME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_xlsx(rows: list[list[Cell]], scratch: Path, width: int = 1) -> list[list[Opened]]:
    """The cells of the rows, as another library opens them."""
    file = io.BytesIO()
    writer = XlsxWriter(file, scratch, "Bảng", [f"Cột {each}" for each in range(width)], MADE)
    writer.add(rows)
    writer.close([("Bảng", "=1+1")])
    book = openpyxl.load_workbook(file)
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    return [[cell for cell in row if isinstance(cell, Opened)] for row in book["Bảng"].iter_rows(min_row=2)]


def as_csv(rows: list[list[Cell]]) -> str:
    file = io.BytesIO()
    writer = CsvWriter(file, ["Cột"])
    writer.add(rows)
    writer.close([])
    return file.getvalue().decode("utf-8")


@ANY_TIME
@given(ROWS)
def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path, rows: list[list[Cell]]) -> None:
    opened = as_xlsx(rows, tmp_path, len(rows[0]) if rows else 1)
    for written, read in zip(rows, opened, strict=False):
        for cell, found in zip(written, read, strict=False):
            if isinstance(cell, str):
                assert found.data_type in {"s", "inlineStr", "n"}
                assert not isinstance(found.value, int | float)
            elif isinstance(cell, datetime):
                assert isinstance(found.value, datetime)
                assert abs(found.value - cell).total_seconds() < 1
            elif isinstance(cell, date):
                assert isinstance(found.value, datetime)
                assert found.value.date() == cell
            else:
                assert found.value == cell


@ANY_TIME
@given(ROWS)
def test_a_csv_reads_back(rows: list[list[Cell]]) -> None:
    text = as_csv(rows)
    assert text.startswith("\ufeff")
    _, *read = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert [[plain(cell) for cell in row] for row in read] == [[written(cell) for cell in row] for row in rows]


def written(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return "" if cell is None else str(cell)


def test_a_text_that_no_cell_holds_is_cut_visibly(tmp_path: Path) -> None:
    [[cell]] = as_xlsx([["ă" * (MOST_LETTERS + 1)]], tmp_path)
    assert len(str(cell.value)) == MOST_LETTERS
    assert str(cell.value).endswith("[…]")


def test_vietnamese_stands_as_it_was_written(tmp_path: Path) -> None:
    [[cell]] = as_xlsx([["Thủ tục hành chính: “ừ” – 100 %"]], tmp_path)
    assert cell.value == "Thủ tục hành chính: “ừ” – 100 %"
