"""A .xlsx as lines of cells, each as the text that is shown: dates in their format, merged cells, values of formulas.

The sheets are read as a stream, and only cells that hold something are kept: libraries that lay out the whole
rectangle need gigabytes for one cell in the last corner, and they tell neither how a date is shown nor that a formula
has no value.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from lxml import etree

from cchc_shared.contract.provenance import Text
from cchc_shared.http.text import clean
from tasks_api.annexes.domain import Line, Sheet
from tasks_api.annexes.numbers import BUILT_IN, shown
from tasks_api.annexes.packages import Package, relation
from tasks_api.findings import Unreadable

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SPREAD_OVER: Final = 2000
"""Lines that one merged cell may cover: a merged column of a million rows covers no more."""


class _Merged(NamedTuple):
    top: int
    left: int
    bottom: int
    right: int


def read(package: Package, part: str, most_columns: int, most_lines: int) -> tuple[list[Sheet], list[Text]]:
    """The visible sheets, and what is said of the others. Raises `Unreadable`."""
    related = package.related(part)
    strings = _strings(package, related)
    styles = _styles(package, related)
    workbook = package.tree(part)
    since_1904 = any(each.get("date1904") in {"1", "true"} for each in workbook.iterfind("{*}workbookPr"))
    sheets, passed_over = [], []
    for each in workbook.iterfind("{*}sheets/{*}sheet"):
        name = clean(each.get("name", ""))
        target = related.get(relation(each), "")
        if each.get("state", "visible") != "visible":
            passed_over.append(
                Text(f"Trang tính ẩn “{name}” không được đọc.", f"The hidden sheet “{name}” is not read.")
            )
        elif target in package and "worksheets" in target:
            reader = _Reader(strings, styles, since_1904, most_columns, most_lines)
            sheets.append(reader.read(package, target, name))
    return sheets, passed_over


class _Reader:
    def __init__(
        self, strings: Sequence[str], styles: Sequence[str], since_1904: bool, most_columns: int, most_lines: int
    ) -> None:
        self._strings, self._styles, self._since_1904 = strings, styles, since_1904
        self._most_columns, self._most_lines = most_columns, most_lines
        self._findings: list[Text] = []

    def read(self, package: Package, part: str, name: str) -> Sheet:
        rows: dict[int, tuple[dict[int, str], list[tuple[int, Text]]]] = {}
        merged: list[_Merged] = []
        number = 0
        for element in package.elements(part, ("row", "mergeCell")):
            if element.tag.endswith("mergeCell"):
                merged += _range(element.get("ref", ""))
                continue
            number = _whole(element.get("r")) or number + 1
            cells, doubts = self._cells(element)
            if cells or doubts:
                rows[number] = (cells, doubts)
                if element.get("hidden") in {"1", "true"}:
                    self._findings.append(_HIDDEN_ROWS)
            if len(rows) > self._most_lines:
                raise too_many_lines(self._most_lines)
        lines = list(self._lines(rows, merged))
        return Sheet(name, lines, merges_known=True, findings=tuple(dict.fromkeys(self._findings)))

    def _cells(self, row: etree._Element) -> tuple[dict[int, str], list[tuple[int, Text]]]:
        cells, doubts = dict[int, str](), list[tuple[int, Text]]()
        column = -1
        for cell in row.iterfind("{*}c"):
            found = _REFERENCE.fullmatch(cell.get("r", ""))
            column = _column(found[1]) if found else column + 1
            text = self._text(cell)
            if column >= self._most_columns:
                if text:
                    self._findings.append(_too_far_right(self._most_columns))
                continue
            if text:
                cells[column] = text
            elif cell.find("{*}f") is not None:
                doubts.append((column, _NO_VALUE))
        return cells, doubts

    def _text(self, cell: etree._Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return clean(_rich(cell.find("{*}is"))).strip()
        value = cell.findtext("{*}v") or ""
        if kind == "s":
            at = _whole(value)
            return self._strings[at] if at is not None and at < len(self._strings) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, value)
        if kind in {"n", ""} and value:
            style = _whole(cell.get("s")) or 0
            code = self._styles[style] if style < len(self._styles) else "General"
            return shown(value, code, since_1904=self._since_1904)
        return "" if kind == "e" else clean(value).strip()

    def _lines(
        self, rows: dict[int, tuple[dict[int, str], list[tuple[int, Text]]]], merged: Sequence[_Merged]
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


def _strings(package: Package, related: dict[str, str]) -> list[str]:
    name = next((each for each in related.values() if each.lower().endswith("sharedstrings.xml")), None)
    if name is None or name not in package:
        return []
    return [clean(_rich(each)).strip() for each in package.elements(name, ("si",))]


def _rich(element: etree._Element | None) -> str:
    """The text of a string, with its formatted runs; phonetic hints are not read."""
    if element is None:
        return ""
    texts = [each.text or "" for each in element.iter("{*}t") if not str(each.getparent().tag).endswith("}rPh")]
    return "".join(texts).replace("\r\n", "\n").replace("_x000D_", "")


def _styles(package: Package, related: dict[str, str]) -> list[str]:
    """The number format of each style of cells."""
    name = next((each for each in related.values() if each.lower().endswith("styles.xml")), None)
    if name is None or name not in package:
        return []
    tree = package.tree(name)
    own = {_whole(each.get("numFmtId")): each.get("formatCode", "") for each in tree.iterfind("{*}numFmts/{*}numFmt")}
    ids = [_whole(each.get("numFmtId")) or 0 for each in tree.iterfind("{*}cellXfs/{*}xf")]
    return [own.get(each) or BUILT_IN.get(each, "General") for each in ids]


def _range(reference: str) -> Iterator[_Merged]:
    ends = [_REFERENCE.fullmatch(each) for each in reference.split(":")]
    if len(ends) == 2 and ends[0] and ends[1]:
        yield _Merged(int(ends[0][2]), _column(ends[0][1]), int(ends[1][2]), _column(ends[1][1]))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
