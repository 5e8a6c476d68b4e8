"""Writes rows to a file, as .csv or as .xlsx, page by page: what was written is on the disk and not in memory."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeAlias

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from cchc_shared.contract.cells import inert

Cell: TypeAlias = str | int | float | date | datetime | None
"""Instants come in local time, without a zone: spreadsheets know none."""

MOST_LETTERS: Final = 32_767
"""What one cell of a spreadsheet holds."""
CUT: Final = " […]"
_WIDTHS: Final = (10, 60)


class Writer(Protocol):
    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write these rows below those before."""

    def close(self, notes: Sequence[Sequence[str]]) -> None:
        """Finish the file. Notes are about it and its columns, for forms that have a place for them."""

    def abandon(self) -> None:
        """Leave the file as it is: it will not be read."""


class CsvWriter:
    """RFC 4180, in UTF-8 with a byte order mark, without which Excel misreads Vietnamese letters. Texts are quoted, so
    that a program that separates cells by something else makes no formula of a part of one."""

    def __init__(self, file: BinaryIO, headings: Sequence[str]) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file, quoting=csv.QUOTE_NONNUMERIC)
        self._csv.writerow(headings)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write these rows below those before."""
        self._csv.writerows([_csv_cell(cell) for cell in row] for row in rows)

    def close(self, notes: Sequence[Sequence[str]]) -> None:
        """Finish the file; it has no place for notes."""
        self._file.detach()

    def abandon(self) -> None:
        """Leave the file as it is: it will not be read."""
        self._file.close()


def _csv_cell(cell: Cell) -> str | int | float:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return inert(cell or "") if isinstance(cell, str | None) else cell


class XlsxWriter:
    """One sheet with the rows, and one with the notes. No cell is a formula or a link, whatever it begins with.

    What is written lies in the folder `scratch` until the file is finished.
    """

    def __init__(self, file: BinaryIO, scratch: Path, title: str, headings: Sequence[str], made_at: datetime) -> None:
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "tmpdir": str(scratch),
            },
        )
        self._book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._day = self._book.add_format({"num_format": "dd/mm/yyyy"})
        self._instant = self._book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self._sheet: Worksheet = self._book.add_worksheet(title)
        self._sheet.freeze_panes(1, 1)
        for column, heading in enumerate(headings):
            self._sheet.set_column(column, column, min(max(len(heading) + 2, _WIDTHS[0]), _WIDTHS[1] // 2))
            self._sheet.write_string(0, column, heading, self._bold)
        self._columns, self._rows = len(headings), 0

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write these rows below those before."""
        for row in rows:
            self._rows += 1
            for column, cell in enumerate(row):
                self._write(column, cell)

    def close(self, notes: Sequence[Sequence[str]]) -> None:
        """Finish the file, with a sheet of the notes."""
        self._sheet.autofilter(0, 0, self._rows, self._columns - 1)
        sheet = self._book.add_worksheet("Ghi chú")
        sheet.set_column(0, max(map(len, notes), default=1) - 1, _WIDTHS[1] // 2)
        for number, note in enumerate(notes):
            for column, text in enumerate(note):
                sheet.write_string(number, column, text)
        self._book.close()

    def abandon(self) -> None:
        """Leave the file as it is: it will not be read."""
        self._sheet.row_data_fh.close()

    def _write(self, column: int, cell: Cell) -> None:
        at = self._rows, column
        if isinstance(cell, str):
            # Longer ones would be left out, and nobody told.
            self._sheet.write_string(*at, cell if len(cell) <= MOST_LETTERS else _cut(cell))
        elif isinstance(cell, datetime):
            self._sheet.write_datetime(*at, cell, self._instant)
        elif isinstance(cell, date):
            self._sheet.write_datetime(*at, cell, self._day)
        elif cell is not None:
            self._sheet.write_number(*at, cell)


def _cut(text: str) -> str:
    return text[: MOST_LETTERS - len(CUT)] + CUT
