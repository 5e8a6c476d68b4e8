"""Writes an index set as a workbook."""

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from scoring_worker.index_sets.document import plain
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.workbooks import cells
from scoring_worker.workbooks.layout import (
    CRITERIA,
    GENERAL,
    GENERAL_COLUMNS,
    GENERAL_NAME,
    INDICATORS,
    LISTS_NAME,
    NOTES,
    TABLES,
    Column,
    Table,
)
from scoring_worker.workbooks.rows import lines, value_at

_TO_BE_FILLED: Final = 500
"""Rows in which words are chosen from a list, those that are still empty among them."""
_MOST_INDENT: Final = 4


def write(index_set: IndexSet, made_at: datetime) -> bytes:
    """A workbook that reads back to the very same set. No cell is a formula or a link."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": index_set.title.vi, "created": made_at.replace(tzinfo=None)})
        _Writer(book).write(plain(index_set))
    return file.getvalue()


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        wrapped = {"text_wrap": True, "valign": "top"}
        self._book = book
        self._heading = book.add_format({**wrapped, "bold": True, "bg_color": "#DDEBF7", "border": 1})
        self._text = book.add_format({**wrapped, "num_format": "@"})
        self._number = book.add_format({"valign": "top"})
        self._day = book.add_format({"valign": "top", "align": "left", "num_format": "dd/mm/yyyy"})
        self._levels = [
            book.add_format({**wrapped, "num_format": "@", "indent": level, "bold": level == 0})
            for level in range(_MOST_INDENT + 1)
        ]
        self._lists: dict[tuple[tuple[str, str], ...], str] = {}

    def write(self, content: Mapping[str, Any]) -> None:
        """All sheets; that of the lists comes last, and is known before."""
        self._place_lists()
        self._general(self._book.add_worksheet(GENERAL_NAME), content)
        for table in TABLES:
            self._table(self._book.add_worksheet(table.name), table, content)
        self._write_lists(self._book.add_worksheet(LISTS_NAME))

    def _general(self, sheet: Worksheet, content: Mapping[str, Any]) -> None:
        sheet.freeze_panes(1, 1)
        for place, heading in enumerate(GENERAL_COLUMNS):
            sheet.set_column(place, place, heading.width, self._text)
            sheet.write_string(0, place, heading.heading, self._heading)
        for row, (column, value, english) in enumerate(_general(content), 1):
            sheet.write_string(row, 0, column.heading, self._text)
            self._write(sheet, row, 1, value, column)
            if column.key.endswith(".vi"):
                self._write(sheet, row, 2, english, column)
            if note := NOTES.get(column.key):
                sheet.write_string(row, 3, note, self._text)
            self._choose(sheet, column, row, 1, row)

    def _table(self, sheet: Worksheet, table: Table, content: Mapping[str, Any]) -> None:
        sheet.freeze_panes(1, 2 if table is CRITERIA else 1)
        for place, column in enumerate(table.columns):
            is_text = column.form not in {"number", "day"}
            sheet.set_column(place, place, column.width, self._text if is_text else self._number)
            sheet.write_string(0, place, column.heading, self._heading)
            self._choose(sheet, column, 1, place, _TO_BE_FILLED)
        for row, line in enumerate(lines(table, content), 1):
            level = max(line.level - 1, 0)
            for place, column in enumerate(table.columns):
                key = column.below if line.is_below else column.key
                if key in line.values:
                    shape = self._levels[min(level, _MOST_INDENT)] if table is CRITERIA and key == "name.vi" else None
                    self._write(sheet, row, place, line.values[key], column, shape)

    def _write(
        self, sheet: Worksheet, row: int, place: int, value: Any, column: Column, shape: Format | None = None
    ) -> None:
        if value is None:
            sheet.write_blank(row, place, None, self._day if column.form == "day" else self._text)
            return
        cell = cells.written(value, column)
        if isinstance(cell, str):
            sheet.write_string(row, place, cell, shape or self._text)
        elif isinstance(cell, date):
            sheet.write_datetime(row, place, cell, self._day)
        else:
            sheet.write_number(row, place, cell, self._number)

    def _choose(self, sheet: Worksheet, column: Column, first: int, place: int, last: int) -> None:
        """Let the cells be chosen from the words of the column; of a list, say that there is one."""
        options: dict[str, Any] | None = None
        if column.form in {"word", "truth"}:
            options = {"validate": "list", "source": self._lists[tuple(column.words.items())], "error_type": "warning"}
        elif column.heading == _INDICATOR:
            source = f"='{INDICATORS.name}'!$A$2:$A${_TO_BE_FILLED}"
            options = {"validate": "list", "source": source, "error_type": "warning"}
        elif column.form in {"codes", "words"}:
            options = {"validate": "any", "input_title": column.vi[:32], "input_message": _SEVERAL}
        if options:
            sheet.data_validation(first, place, last, place, options)

    def _place_lists(self) -> None:
        for column in (*GENERAL, *(column for table in TABLES for column in table.columns)):
            words = tuple(column.words.items())
            if words and words not in self._lists:
                letter = xlsxwriter.utility.xl_col_to_name(2 * len(self._lists))
                self._lists[words] = f"='{LISTS_NAME}'!${letter}$2:${letter}${len(words) + 1}"

    def _write_lists(self, sheet: Worksheet) -> None:
        sheet.set_column(0, 2 * len(self._lists), 24)
        for number, words in enumerate(self._lists):
            sheet.write_string(0, 2 * number, "Từ · Word", self._heading)
            sheet.write_string(0, 2 * number + 1, "Mã · Code", self._heading)
            for row, (code, word) in enumerate(words, 1):
                sheet.write_string(row, 2 * number, word, self._text)
                sheet.write_string(row, 2 * number + 1, code, self._text)


_INDICATOR: Final = "Chỉ tiêu · Indicator"
_SEVERAL: Final = "Nhiều giá trị cách nhau bằng dấu chấm phẩy."


def _general(content: Mapping[str, Any]) -> Iterator[tuple[Column, Any, Any]]:
    """The rows of general facts: the column, its value, and the English text beside it."""
    for column in GENERAL:
        name, _, part = column.key.partition(".")
        if name == "remarks":
            for remark in content.get("remarks") or [{}]:
                yield column, remark.get("vi"), remark.get("en")
        else:
            yield column, value_at(content, column.key), value_at(content, f"{name}.en") if part == "vi" else None
