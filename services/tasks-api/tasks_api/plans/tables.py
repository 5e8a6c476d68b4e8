"""Finds the rows of an annex in a published text or a .csv file. `annex` reads what the cells mean."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from cchc_shared.http.text import clean
from tasks_api.findings import Finding, Unreadable

FIELDS = ("number", "title", "lead_unit", "coordinating_units", "due_text", "product", "source")
REQUIRED = ("title", "lead_unit")

Synonyms = Mapping[str, Sequence[str]]
"""Headings by field, as the city's rules list them."""


@dataclass
class DocumentRow:
    """One row of content. `position` counts rows from 1; `joined` names the cells that a page break had split."""

    position: int
    cells: dict[str, str]
    joined: list[str] = field(default_factory=list)


@dataclass
class DocumentTable:
    """The table in a document: its columns by field, its rows, and faults of its shape."""

    fields: tuple[str, ...]
    rows: list[DocumentRow] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()

    def add(self, cells: Sequence[str], columns: Sequence[str | None]) -> DocumentRow:
        row = DocumentRow(len(self.rows) + 1, dict.fromkeys(self.fields, ""))
        self.rows.append(row)
        if any(cells[len(columns) :]):
            self.faults.append(Finding(row.position, "row", _TOO_MANY_CELLS))
        row.cells |= {name: cell for name, cell in zip(columns, cells, strict=False) if name}
        return row


_TOO_MANY_CELLS = Text("Dòng có nhiều ô hơn tiêu đề bảng.", "The row has more cells than the table has headings.")


def decoded(content: bytes) -> str:
    """The text of an uploaded file. Raises `Unreadable` when it is not plain UTF-8 text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("Tệp không phải văn bản UTF-8.", "The file is not UTF-8 text.") from error
    if "\0" in text:
        raise Unreadable("Tệp có ký tự NUL.", "The file has NUL characters.")
    return clean(text)


def columns_of(cells: Sequence[str], synonyms: Synonyms) -> list[str | None] | None:
    """The field of each column if these cells are the headings of an annex, else None."""
    by_heading = {known: name for name, headings in synonyms.items() for known in headings}
    names = [by_heading.get(unmarked(cell)) for cell in cells]
    found = [name for name in names if name]
    return names if set(REQUIRED) <= set(found) and len(found) == len(set(found)) else None


def from_text(text: str, synonyms: Synonyms) -> DocumentTable:
    """The tab-separated table in a published text.

    A page break may repeat the headings, which are dropped, and split a row: the continuation has no number and mostly
    empty cells, and its cells are joined to those above.
    """
    lines = ([cell.strip() for cell in line.split("\t")] for line in text.splitlines() if "\t" in line)
    return _table(lines, synonyms, split_rows=True)


def from_csv(text: str, synonyms: Synonyms) -> DocumentTable:
    """The rows of a .csv file. The delimiter is the one that its first line uses most: comma, semicolon or tab."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[list[str]] = []
    begins = 1
    try:
        for line in reader:
            lines.append([cell.strip() for cell in line])
            begins = reader.line_num + 1
    except csv.Error as error:
        # What the reader says is English, and of a quote that is never closed only that the file has ended.
        longest = csv.field_size_limit()
        raise Unreadable(
            f"Tệp CSV hỏng từ dòng {begins}: dấu ngoặc kép đặt sai chỗ, không đóng, hoặc ô dài quá {longest} ký tự.",
            f"The CSV file is broken from line {begins} on: a quotation mark stands in a wrong place or is not closed, "
            f"or a cell is longer than {longest} characters.",
        ) from error
    return _table(lines, synonyms, split_rows=False)


def _table(lines: Iterable[Sequence[str]], synonyms: Synonyms, *, split_rows: bool) -> DocumentTable:
    rest = (cells for cells in lines if any(cells))
    columns, table = _headings(rest, synonyms)
    for cells in rest:
        repeated = columns_of(cells, synonyms)
        if repeated:
            columns = repeated
        elif split_rows and table.rows and _continues(cells, columns):
            _join(table.rows[-1], cells, columns)
        else:
            table.add(cells, columns)
    if not table.rows:
        raise Unreadable("Bảng nhiệm vụ không có dòng nào.", "The table of tasks has no row.")
    return table


def _headings(lines: Iterator[Sequence[str]], synonyms: Synonyms) -> tuple[Sequence[str | None], DocumentTable]:
    for cells in lines:
        columns = columns_of(cells, synonyms)
        if columns:
            unknown = tuple(cell for cell, name in zip(cells, columns, strict=True) if cell and not name)
            return columns, DocumentTable(tuple(name for name in columns if name), unknown_columns=unknown)
    raise Unreadable(
        "Không tìm thấy bảng nhiệm vụ: cần ít nhất cột “Tên nhiệm vụ” và “Cơ quan chủ trì”.",
        "No table of tasks was found: it needs at least the columns of the task and of its lead unit.",
    )


def _continues(cells: Sequence[str], columns: Sequence[str | None]) -> bool:
    """Whether the line is the second half of a row that a page break split."""
    numbers = [cell for name, cell in zip(columns, cells, strict=False) if name == "number"]
    return numbers == [""] and sum(1 for cell in cells if cell) <= len(columns) / 2


def _join(row: DocumentRow, cells: Sequence[str], columns: Sequence[str | None]) -> None:
    for name, cell in zip(columns, cells, strict=False):
        if name and cell:
            row.cells[name] = joined(row.cells[name], cell)
            row.joined.append(name)


def joined(above: str, below: str) -> str:
    """Two halves of a cell as one, with a space between them unless a word was split after its hyphen ("KH-")."""
    within_word = re.search(r"\S-$", above) is not None
    return f"{above}{'' if within_word or not above else ' '}{below}"
