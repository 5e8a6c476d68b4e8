"""Texts and .csv files as lines of cells: tabs, bars, any delimiter, and cells with line breaks as they are pasted."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from cchc_shared.contract.cells import plain
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.http.text import clean
from tasks_api.annexes.domain import Line, Sheet
from tasks_api.annexes.marks import leading, mark

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_QUOTED: Final = re.compile(r'"(?![\t\n]|\Z)((?:[^"\t]|"")*)"(?=[\t\n]|\Z)')
_MOST_PIECES: Final = 30
_END: Final = re.compile(r"[\t\n]|\Z")
_RULER: Final = re.compile(r"[\s|:+=-]+")
csv.field_size_limit(131_072)


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16, or one byte for each letter (old fonts). Raises `Unreadable`."""
    for begins, encoding in _MARKS:
        if content.startswith(begins):
            text = _strictly(content[len(begins) :], encoding)
            break
    else:
        text = _unmarked_encoding(content)
    if "\0" in text:
        raise Unreadable("Tệp có ký tự NUL.", "The file has NUL characters.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unmarked_encoding(content: bytes) -> str:
    even, odd = content[:2000:2].count(0), content[1:2000:2].count(0)
    if max(even, odd) > len(content[:2000]) // 10:  # every other byte of UTF-16 is often 0
        return _strictly(content, "utf-16-le" if odd > even else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        controls = sum(1 for each in content[:4000] if each < 32 and each not in b"\t\r\n\f\v")
        if controls:
            raise _no_text() from None
        return content.decode("latin-1")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text() from error


def _no_text() -> Unreadable:
    return Unreadable(
        "Tệp không phải văn bản UTF-8, UTF-16, tệp .docx hay .xlsx.",
        "The file is neither text in UTF-8 or UTF-16, nor a .docx or .xlsx.",
    )


def forms(text: str) -> list[Callable[[], Sheet]]:
    """The ways in which a pasted text may be a table."""
    return [partial(_tabs, clean(text)), partial(_bars, clean(text))]


def delimited(text: str) -> list[Callable[[], Sheet]]:
    """The ways in which a .csv may be a table, likeliest first. Each raises `Unreadable` for broken quotes."""
    return [partial(_csv, clean(text), each) for each in sorted(",;\t|", key=text.count, reverse=True)]


def plain_lines(text: str) -> list[str]:
    """The lines of a text without any table."""
    return [line.strip() for line in clean(text).splitlines() if line.strip()]


def _csv(text: str, delimiter: str) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Line] = []
    begins = 1
    try:
        for cells in reader:
            lines.append(_line([plain(cell) for cell in cells], table=1))
            begins = reader.line_num + 1
    except csv.Error as error:
        # What the reader says is English, and of a quote that is never closed only that the file has ended.
        longest = csv.field_size_limit()
        raise Unreadable(
            f"Tệp CSV hỏng từ dòng {begins}: dấu ngoặc kép đặt sai chỗ, không đóng, hoặc ô dài quá {longest} ký tự.",
            f"The CSV file is broken from line {begins} on: a quotation mark stands in a wrong place or is not closed, "
            f"or a cell is longer than {longest} characters.",
        ) from error
    return Sheet("", lines, merges_known=False)


def _bars(text: str) -> Sheet:
    """Lines between bars, as in Markdown; other lines are text."""
    lines = []
    for raw in text.splitlines():
        stripped = raw.strip()
        if stripped.count("|") < 2:
            lines.append(_line([stripped]))
        elif not _RULER.fullmatch(stripped):
            lines.append(_line(stripped.removeprefix("|").removesuffix("|").split("|"), table=1))
    return Sheet("", lines, merges_known=False)


def _tabs(text: str) -> Sheet:
    return Sheet("", list(_with_breaks_joined(list(_tabbed(text)))), merges_known=False)


def _tabbed(text: str) -> Iterator[list[str]]:
    """Lines of cells. A cell in quotation marks may hold line breaks, as spreadsheets paste them."""
    at, cells = 0, list[str]()
    while at <= len(text):
        if quoted := _QUOTED.match(text, at):
            cells.append(quoted[1].replace('""', '"'))
            at = quoted.end()
        else:
            end = next(_END.finditer(text, at)).start()
            cells.append(text[at:end])
            at = end
        if at >= len(text) or text[at] == "\n":
            yield cells
            cells = []
        at += 1


def _with_breaks_joined(lines: list[list[str]]) -> Iterator[Line]:
    """Put together what a line break within a cell has split: pieces that make up exactly one row of the table."""
    width = 0
    at = 0
    while at < len(lines):
        cells = lines[at]
        if len(cells) > max(width, 2) or _all_filled(cells):
            width = len(cells)
        taken = _pieces(lines, at, width) if 1 < len(cells) < width else 1
        for piece in lines[at + 1 : at + taken]:
            cells = [*cells[:-1], f"{cells[-1]}\n{piece[0]}", *piece[1:]]
        at += taken
        if len(cells) == width > 1 and taken == 1:
            while at < len(lines) and _is_rest_of_cell(lines[at], cells[-1]):
                cells = [*cells[:-1], f"{cells[-1]}\n{lines[at][0]}"]
                at += 1
        yield _line(cells, table=1 if len(cells) > 1 else 0)


def _all_filled(cells: list[str]) -> bool:
    """Whether they may be the headings of a table that is narrower than the one above."""
    return len(cells) > 3 and all(cells) and mark(cells[0]) is None


def _pieces(lines: list[list[str]], at: int, width: int) -> int:
    """How many lines make up the row that begins here: 1 where no number of them fits.

    They fit if they have as many cells as the table; or, where blank cells at the end were left out, if the row has a
    number and no line until the next row can be one of its own.
    """
    count, whole = len(lines[at]), 1
    numbered = mark(lines[at][0]) is not None
    for taken, piece in enumerate(lines[at + 1 : at + _MOST_PIECES], 2):
        count += len(piece) - 1
        if not any(piece) or count > width or _begins_row(piece):
            break
        if count == width:
            return taken
        whole = taken if len(piece) > 1 else whole
    return whole if numbered else 1


def _begins_row(piece: list[str]) -> bool:
    """Whether a line is a row or a section's title: it has a blank first cell, or one with a number."""
    named = leading(piece[0])
    heads = named is not None and named[0].heads_sections
    return heads or (len(piece) > 1 and (not piece[0].strip() or mark(piece[0]) is not None))


def _is_rest_of_cell(line: list[str], before: str) -> bool:
    """Whether a line without a tab goes on in the last cell above: it begins small, or as the lines of that cell do."""
    text = line[0].strip()
    if len(line) > 1 or not text or not before.strip():
        return False
    lists = before.lstrip()[0] in "-+•" and text[0] in "-+•"
    return text[0].islower() or lists or before.rstrip()[-1] in ",;:"


def _line(cells: Iterable[str], table: int = 0) -> Line:
    """The cells without what is blank at the end."""
    kept = [cell.strip(" \t\r\n\xa0") for cell in cells]
    while kept and not kept[-1]:
        kept.pop()
    return Line(tuple(kept), table)
