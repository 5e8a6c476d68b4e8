"""A .xlsx as lines of cells, each as the text that is shown: dates in their format, values of formulas."""

from collections.abc import Iterator, Sequence
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.files.numbers import shown
from cchc_shared.files.packages import Package
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.files.workbooks import Cell, Merged, Tab, Workbook
from tasks_api.annexes.domain import Line, Sheet

_SPREAD_OVER: Final = 2000
"""Lines that one merged cell may cover: a merged column of a million rows covers no more."""
_TRUTHS: Final = {"1": "TRUE", "0": "FALSE"}


def read(package: Package, part: str, most_columns: int, most_lines: int) -> tuple[list[Sheet], list[Text]]:
    """The visible sheets, and what is said of the others. Raises `Unreadable`."""
    workbook = Workbook(package, part)
    sheets, passed_over = [], []
    for tab in workbook.tabs:
        if tab.is_hidden:
            passed_over.append(
                Text(f"Trang tính ẩn “{tab.name}” không được đọc.", f"The hidden sheet “{tab.name}” is not read.")
            )
        elif workbook.is_sheet(tab):
            sheets.append(_Reader(workbook, most_columns, most_lines).read(tab))
    return sheets, passed_over


class _Reader:
    def __init__(self, workbook: Workbook, most_columns: int, most_lines: int) -> None:
        self._workbook = workbook
        self._most_columns, self._most_lines = most_columns, most_lines
        self._findings: list[Text] = []

    def read(self, tab: Tab) -> Sheet:
        rows: dict[int, tuple[dict[int, str], list[tuple[int, Text]]]] = {}
        merged: list[Merged] = []
        for each in self._workbook.elements(tab):
            if isinstance(each, Merged):
                merged.append(each)
                continue
            cells, doubts = self._cells(each.cells)
            if cells or doubts:
                rows[each.number] = (cells, doubts)
                if each.is_hidden:
                    self._findings.append(_HIDDEN_ROWS)
            if len(rows) > self._most_lines:
                raise too_many_lines(self._most_lines)
        lines = list(self._lines(rows, merged))
        return Sheet(tab.name, lines, merges_known=True, findings=tuple(dict.fromkeys(self._findings)))

    def _cells(self, given: dict[int, Cell]) -> tuple[dict[int, str], list[tuple[int, Text]]]:
        cells, doubts = dict[int, str](), list[tuple[int, Text]]()
        for column, cell in given.items():
            text = self._text(cell)
            if column >= self._most_columns:
                if text:
                    self._findings.append(_too_far_right(self._most_columns))
            elif text:
                cells[column] = text
            elif cell.is_formula:
                doubts.append((column, _NO_VALUE))
        return cells, doubts

    def _text(self, cell: Cell) -> str:
        if cell.holds == "number":
            return shown(cell.text, cell.style, since_1904=self._workbook.since_1904)
        if cell.holds == "truth":
            return _TRUTHS.get(cell.text, cell.text)
        return "" if cell.holds == "error" else cell.text

    def _lines(
        self, rows: dict[int, tuple[dict[int, str], list[tuple[int, Text]]]], merged: Sequence[Merged]
    ) -> Iterator[Line]:
        up, left = dict[int, set[int]](), dict[int, set[int]]()
        for each in merged:
            right = min(each.right, self._most_columns - 1)
            for row in range(each.top, min(each.bottom, each.top + _SPREAD_OVER) + 1):
                if row not in rows:
                    continue
                columns = set(range(each.left, right + 1))
                if row > each.top:
                    up.setdefault(row, set()).update(columns)
                else:
                    left.setdefault(row, set()).update(columns - {each.left})
        before = 0
        for row in sorted(rows):
            cells, doubts = rows[row]
            if row > before + 1:
                yield Line(())  # blank rows, however many
            before = row
            width = max([*cells, *(column for column, _ in doubts)]) + 1
            width = max(width, max(up.get(row, {0})) + 1)
            texts = tuple("" if column in up.get(row, ()) else cells.get(column, "") for column in range(width))
            yield Line(texts, 1, frozenset(up.get(row, ())), frozenset(left.get(row, ())), tuple(doubts))


_NO_VALUE: Final = Text(
    "Ô có công thức nhưng chưa có giá trị: hãy mở tệp bằng phần mềm bảng tính và lưu lại.",
    "The cell has a formula without a value: open the file in a spreadsheet and save it again.",
)


_HIDDEN_ROWS: Final = Text("Các dòng ẩn của bảng tính cũng được đọc.", "Hidden rows of the sheet were read too.")


def too_many_lines(most: int) -> Unreadable:
    return Unreadable(f"Nhiều hơn {most} dòng.", f"More than {most} lines.")


def _too_far_right(most: int) -> Text:
    return Text(f"Các cột sau cột thứ {most} không được đọc.", f"Columns beyond the {most}th are not read.")
