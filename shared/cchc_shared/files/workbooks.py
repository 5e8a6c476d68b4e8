"""A .xlsx of a stranger as rows of cells, as they are stored: what they mean is for the caller to say.

Sheets are read as a stream, and only cells that hold something are given: libraries that lay out the whole rectangle
need gigabytes for one cell in the last corner, and they tell neither how a number is shown nor that a formula has no
value.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from lxml import etree

from cchc_shared.files.numbers import BUILT_IN
from cchc_shared.files.packages import Package, relation
from cchc_shared.http.text import clean

Holds = Literal["text", "number", "truth", "error"]
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Cell(NamedTuple):
    """What a cell holds: `text` as it is stored, a number in digits, a truth as `1` or `0`. `style` is its number
    format. A formula has the value that was stored with it, or the text "" where none was."""

    text: str
    holds: Holds = "text"
    style: str = "General"
    is_formula: bool = False


class Row(NamedTuple):
    """A row that holds something; rows are counted from 1, columns from 0."""

    number: int
    cells: dict[int, Cell]
    is_hidden: bool = False


class Merged(NamedTuple):
    """Cells that are merged, both ends included; rows are counted from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def reference(self) -> str:
        """`C5:C7`"""
        return f"{reference(self.top, self.left)}:{reference(self.bottom, self.right)}"


class Tab(NamedTuple):
    """A sheet of a workbook, not read yet."""

    name: str
    part: str
    is_hidden: bool


class Workbook:
    """The workbook that a package holds. Raises `Unreadable`, as does reading its sheets."""

    def __init__(self, package: Package, part: str) -> None:
        related = package.related(part)
        workbook = package.tree(part)
        self._package = package
        self._strings = _strings(package, related)
        self._styles = _styles(package, related)
        self.since_1904 = any(each.get("date1904") in {"1", "true"} for each in workbook.iterfind("{*}workbookPr"))
        """Whether its days are counted from 1904."""
        self.tabs = [
            Tab(clean(each.get("name", "")), related.get(relation(each), ""), each.get("state", "visible") != "visible")
            for each in workbook.iterfind("{*}sheets/{*}sheet")
        ]

    def is_sheet(self, tab: Tab) -> bool:
        """Whether it is a sheet of cells, and no chart."""
        return tab.part in self._package and "worksheets" in tab.part

    def elements(self, tab: Tab) -> Iterator[Row | Merged]:
        """Its rows one after another, each gone when the next comes; then what of it is merged."""
        number = 0
        for element in self._package.elements(tab.part, ("row", "mergeCell")):
            if element.tag.endswith("mergeCell"):
                yield from _range(element.get("ref", ""))
                continue
            number = _whole(element.get("r")) or number + 1
            cells = dict(self._cells(element))
            if cells:
                yield Row(number, cells, element.get("hidden") in {"1", "true"})

    def _cells(self, row: etree._Element) -> Iterator[tuple[int, Cell]]:
        column = -1
        for element in row.iterfind("{*}c"):
            found = _REFERENCE.fullmatch(element.get("r", ""))
            column = _column(found[1]) if found else column + 1
            cell = self._cell(element)
            if cell.text or cell.is_formula:
                yield column, cell

    def _cell(self, element: etree._Element) -> Cell:
        kind = element.get("t", "n")
        is_formula = element.find("{*}f") is not None
        if kind == "inlineStr":
            return Cell(clean(_rich(element.find("{*}is"))).strip(), is_formula=is_formula)
        value = element.findtext("{*}v") or ""
        if kind == "s":
            at = _whole(value)
            text = self._strings[at] if at is not None and at < len(self._strings) else ""
            return Cell(text, is_formula=is_formula)
        if kind in {"n", ""} and value:
            style = _whole(element.get("s")) or 0
            code = self._styles[style] if style < len(self._styles) else "General"
            return Cell(value, "number", code, is_formula)
        holds: Holds = "truth" if kind == "b" else "error" if kind == "e" else "text"
        return Cell(clean(value).strip(), holds, is_formula=is_formula)


def reference(row: int, column: int) -> str:
    """The name of a cell; rows are counted from 1, columns from 0.

    >>> reference(14, 27)
    'AB14'
    """
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


def _strings(package: Package, related: dict[str, str]) -> Sequence[str]:
    name = next((each for each in related.values() if each.lower().endswith("sharedstrings.xml")), None)
    if name is None or name not in package:
        return []
    return [clean(_rich(each)).strip() for each in package.elements(name, ("si",))]


def _rich(element: etree._Element | None) -> str:
    """The text of a string, with its formatted runs; phonetic hints are not read."""
    if element is None:
        return ""
    texts = [each.text or "" for each in element.iter("{*}t") if not str(each.getparent().tag).endswith("}rPh")]
    return _ESCAPED.sub(_unescaped, "".join(texts)).replace("\r\n", "\n")


def _unescaped(found: re.Match[str]) -> str:
    """What is written as its number (ECMA-376, 22.9.2.19); nothing of what no text has, such as a carriage return."""
    sign = chr(int(found[1], 16))
    return sign if sign.isprintable() or sign in "\t\n" else ""


def _styles(package: Package, related: dict[str, str]) -> Sequence[str]:
    """The number format of each style of cells."""
    name = next((each for each in related.values() if each.lower().endswith("styles.xml")), None)
    if name is None or name not in package:
        return []
    tree = package.tree(name)
    own = {_whole(each.get("numFmtId")): each.get("formatCode", "") for each in tree.iterfind("{*}numFmts/{*}numFmt")}
    ids = [_whole(each.get("numFmtId")) or 0 for each in tree.iterfind("{*}cellXfs/{*}xf")]
    return [own.get(each) or BUILT_IN.get(each, "General") for each in ids]


def _range(text: str) -> Iterator[Merged]:
    ends = [_REFERENCE.fullmatch(each) for each in text.split(":")]
    if len(ends) == 2 and ends[0] and ends[1]:
        yield Merged(int(ends[0][2]), _column(ends[0][1]), int(ends[1][2]), _column(ends[1][1]))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
