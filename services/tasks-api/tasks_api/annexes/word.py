"""A .docx as lines of cells: paragraphs and tables in their order, with merged cells; what was deleted is not read."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from cchc_shared.contract.provenance import Text
from cchc_shared.files.packages import Package
from cchc_shared.http.text import clean
from tasks_api.annexes.domain import Line, Sheet
from tasks_api.annexes.numbering import Numbering

_GONE: Final = {"del", "moveFrom", "pPr", "rPr", "txbxContent", "Fallback", "instrText", "delText"}
"""Elements whose words nobody sees in the document: deleted, moved away, settings, drawings, codes of fields."""
_BREAKS: Final = {"br": "\n", "cr": "\n", "tab": " ", "noBreakHyphen": "-"}
_HIDDEN: Final = {"0", "false", "off"}


def read(package: Package, part: str, most_columns: int) -> Sheet:
    """The document as one stream of lines. Raises `Unreadable`."""
    body = next((each for each in package.tree(part) if _name(each) == "body"), None)
    reader = _Reader(Numbering.of(package, part), most_columns)
    lines = list(reader.blocks(body)) if body is not None else []
    return Sheet("", lines, merges_known=True, findings=tuple(dict.fromkeys(reader.findings)))


class _Reader:
    def __init__(self, numbering: Numbering, most_columns: int) -> None:
        self._numbering, self._most_columns = numbering, most_columns
        self._tables = 0
        self.findings: list[Text] = []

    def blocks(self, parent: etree._Element) -> Iterator[Line]:
        for each in parent:
            name = _name(each)
            if name == "p":
                if text := self._paragraph(each):
                    yield Line((text,))
            elif name == "tbl":
                yield from self._table(each)
            elif name in {"sdt", "sdtContent", "ins", "customXml", "moveTo"}:
                yield from self.blocks(each)

    def _table(self, table: etree._Element) -> Iterator[Line]:
        self._tables += 1
        number = self._tables
        inner: list[etree._Element] = []
        for row in _children(table, "tr"):
            if not _is_deleted(row):
                yield self._row(row, number, inner)
        for each in inner:  # a table within a cell: read once more by itself, in case it is the one of tasks
            self.findings.append(_NESTED)
            yield from self._table(each)

    def _row(self, row: etree._Element, table: int, inner: list[etree._Element]) -> Line:
        cells: list[str] = []
        up, left = set[int](), set[int]()
        properties = _child(row, "trPr")
        cells += [""] * min(_number(_child(properties, "gridBefore")), self._most_columns)
        for cell in _children(row, "tc"):
            settings = _child(cell, "tcPr")
            merge, span = _child(settings, "vMerge"), max(1, _number(_child(settings, "gridSpan")))
            goes_on = merge is not None and _value(merge) in {"", "continue"}
            begin = len(cells)
            cells.append("" if goes_on else self._cell(cell, inner))
            cells += [""] * (min(span, self._most_columns) - 1)
            left |= set(range(begin + 1, len(cells)))
            if goes_on:
                up |= set(range(begin, len(cells)))
            if len(cells) > self._most_columns:
                break
        return Line(tuple(cells), table, frozenset(up), frozenset(left))

    def _cell(self, cell: etree._Element, inner: list[etree._Element]) -> str:
        parts: list[str] = []
        for each in cell:
            name = _name(each)
            if name == "p":
                parts.append(self._paragraph(each))
            elif name == "tbl":
                inner.append(each)
                parts += [" ".join(self._paragraph(p, count=False) for p in each.iter(each.tag[:-3] + "p"))]
            elif name in {"sdt", "ins", "customXml", "moveTo"}:
                parts += [self._paragraph(p) for p in each.iter("{*}p")]
        return "\n".join(filter(None, parts)).strip()

    def _paragraph(self, paragraph: etree._Element, *, count: bool = True) -> str:
        text = clean("".join(_words(paragraph))).strip()
        number = self._numbering.next(paragraph) if count else ""
        return f"{number} {text}".strip() if number else text


_NESTED: Final = Text("Có bảng nằm trong ô của bảng khác.", "There is a table within a cell of another.")


def _words(element: etree._Element) -> Iterator[str]:
    for each in element:
        name = _name(each)
        if name == "t":
            yield each.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name == "r" and _is_hidden(each):
            continue
        elif name not in _GONE:
            yield from _words(each)


def _is_hidden(run: etree._Element) -> bool:
    vanish = _child(_child(run, "rPr"), "vanish")
    return vanish is not None and _value(vanish) not in _HIDDEN


def _is_deleted(row: etree._Element) -> bool:
    return _child(_child(row, "trPr"), "del") is not None


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of a name, also within what marks content or changes."""
    for each in element:
        found = _name(each)
        if found == name:
            yield each
        elif found in {"sdt", "sdtContent", "ins", "customXml", "moveTo"}:
            yield from _children(each, name)


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((each for each in element if _name(each) == name), None)


def _value(element: etree._Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}val")), "")


def _number(element: etree._Element | None) -> int:
    text = "" if element is None else _value(element)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
