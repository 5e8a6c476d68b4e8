"""`make interface`: the interface document, as the file of acceptance of a connected system wants it (.docx).

It is made of the contracts that are committed (`docs/contracts`) and of the kinds of problems: what the portal of
integrators shows, on paper.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from cchc_embedded.contracts import problem_kinds
from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract import national_portal
from cchc_shared.http.kinds import Kind
from gateway.developers.reference import Content, Event, Field, Operation, Reference, Schema, events

CONTRACTS: Final = REPOSITORY / "docs" / "contracts"
HEADING, PART, PLAIN, POINT = "Heading1", "Heading2", "Normal", "ListBullet"
"""Styles of the empty document of python-docx."""
ABOUT: Final = (
    "Tài liệu này sinh từ hợp đồng giao diện của hệ thống, cùng nguồn với trang /developers. "
    "Cách kết nối: hướng dẫn trên trang đó. · "
    "This document is made of the contract of the system, as the page /developers is; how to connect stands in its "
    "guides."
)


def main() -> None:
    """Writes the document."""
    parser = argparse.ArgumentParser(prog="make interface")
    parser.add_argument("--to", type=Path, default=REPOSITORY / ".data" / "interface.docx")
    file: Path = parser.parse_args().to
    file.parent.mkdir(parents=True, exist_ok=True)
    interface(read("openapi/gateway.json"), read("asyncapi.json"), problem_kinds()).save(str(file))
    print(file, file=sys.stderr)


def read(name: str) -> Mapping[str, Any]:
    """A committed contract."""
    document: Mapping[str, Any] = json.loads((CONTRACTS / name).read_text("utf-8"))
    return document


def interface(openapi: Mapping[str, Any], asyncapi: Mapping[str, Any], kinds: Iterable[Kind]) -> Docx:
    """The whole document."""
    made = Document()
    made.styles["Normal"].font.name = "Times New Roman"
    made.styles["Normal"].font.size = Pt(11)
    made.add_heading("Tài liệu giao diện · Interface document", 0)
    made.add_paragraph(ABOUT)
    reference = Reference(openapi)
    for area in reference.areas:
        _add(made, HEADING, area.says or area.name)
        for operation in area.operations:
            _operation(made, operation)
    _add(made, HEADING, "Các kiểu · Schemas")
    for name in reference.schemas:
        _schema(made, reference.schemas[name])
    _add(made, HEADING, "Sự kiện · Events")
    schemas, found = events(asyncapi)
    for event in found:
        _event(made, event)
    for name in sorted({each for event in found for each in event.schemas}):
        _schema(made, schemas[name])
    _statuses(made)
    _problems(made, kinds)
    return made


def _add(made: Docx, style: str, text: str, *, begins: str = "", code: bool = False) -> None:
    """Add a paragraph, perhaps with bold words before it.

    Written as XML: python-docx looks through all styles for each paragraph, which takes minutes for so many.
    """
    bold = f"<w:r><w:rPr><w:b/></w:rPr>{_text(begins)}</w:r>" if begins else ""
    look = '<w:rPr><w:rFonts w:ascii="Courier New" w:hAnsi="Courier New"/><w:sz w:val="16"/></w:rPr>' if code else ""
    paragraph = parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{bold}<w:r>{look}{_text(text)}</w:r></w:p>'
    )
    made.element.body[-1].addprevious(paragraph)  # the last element says how large the paper is


def _text(words: str) -> str:
    """Words in a run; a line break ends a line."""
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n"))


def _operation(made: Docx, said: Operation) -> None:
    _add(made, PART, said.summary or said.id)
    _add(made, PLAIN, f"{said.method} {said.path} · {said.id}")
    _add(made, PLAIN, "Không cần khóa · No key is needed" if said.open else "Cần khóa hoặc mã truy cập · Key or token")
    if said.says:
        _add(made, PLAIN, said.says)
    _fields(made, "Tham số · Parameters", said.parameters)
    _contents(made, "Nội dung gửi · Body", said.bodies)
    for answer in said.answers:
        _contents(made, f"Trả lời · Answer {answer.status}", answer.contents)
    codes = ", ".join(f"{each.status} {each.code}" for each in said.problems)
    if codes:
        _add(made, PLAIN, f"Lỗi · Problems: {codes}")


def _contents(made: Docx, title: str, these: Sequence[Content]) -> None:
    for each in these:
        _add(made, PLAIN, f"{title}: {each.media}, {each.kind.words}")
        if each.example is not None:
            _add(made, PLAIN, each.example, code=True)


def _fields(made: Docx, title: str, these: Sequence[Field]) -> None:
    if these:
        _add(made, PLAIN, f"{title}:")
    for each in these:
        required = "bắt buộc · required" if each.required else ""
        rest = [each.where, each.kind.words, required, *each.bounds, each.says]
        _add(made, POINT, ": " + "; ".join(filter(None, rest)), begins=each.name)


def _schema(made: Docx, said: Schema) -> None:
    _add(made, PART, said.name)
    if said.says:
        _add(made, PLAIN, said.says)
    if said.fields:
        _fields(made, "Các trường · Fields", said.fields)
    else:
        _add(made, PLAIN, ", ".join(said.values) or said.kind.words)


def _event(made: Docx, said: Event) -> None:
    _add(made, PART, said.name)
    _add(made, PLAIN, f"{said.topic}. {said.says}")
    _fields(made, "Các trường · Fields", said.schema.fields)


def _statuses(made: Docx) -> None:
    _add(made, HEADING, "Trạng thái hồ sơ · Statuses of dossiers")
    rows = [
        (code, national_portal.LABELS[code], status.value, national_portal.TAKEN_AT.get(status, national_portal.WHEN))
        for code, status in national_portal.STATUSES.items()
    ]
    _table(made, ("Cổng · Portal", "Tên · Name", "Ở đây · Here", "Trường thời điểm · Field of the time"), rows)


def _problems(made: Docx, kinds: Iterable[Kind]) -> None:
    _add(made, HEADING, "Lỗi · Problems")
    rows = [
        (kind.code, str(kind.status), f"{kind.says.vi} · {kind.says.en}", f"{kind.remedy.vi} · {kind.remedy.en}")
        for kind in sorted(kinds, key=lambda kind: (kind.status, kind.code))
    ]
    _table(made, ("Mã · Code", "HTTP", "Nghĩa là · Means", "Cách sửa · How to mend"), rows)


def _table(made: Docx, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = made.add_table(rows=1, cols=len(heads), style="Table Grid")
    for row in (heads, *rows):
        cells = table.rows[0].cells if row is heads else table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text


if __name__ == "__main__":
    main()
