"""Files that hurt: each is refused in our words, or read with a word about it."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
import xlsxwriter
from anyio import CapacityLimiter
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.files.unreadable import Unreadable
from tasks_api.annexes.reading import read, read_apart
from tasks_api.annexes.rules import AnnexRules
from tests.support.vietnamese import foreign_words

HANOI = Path(__file__).parents[4] / "data" / "hanoi"
RULES = AnnexRules.load(HANOI)
PLANS = Path(__file__).with_name("plans")
TABLE = [["TT", "Nhiệm vụ", "Chủ trì", "Thời hạn"], ["1", "Lập bảng kê", "Sở Y tế", "31/3/2026"]]
TEXT = "\n".join("\t".join(line) for line in TABLE)


def changed(file: str, part: str, old: bytes, new: bytes) -> bytes:
    """A file of the folder `plans` with a text of one of its parts replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(PLANS / file) as given_, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in given_.infolist():
            content = given_.read(entry)
            archive.writestr(entry.filename, content.replace(old, new) if entry.filename == part else content)
    return made.getvalue()


def with_part(file: str, name: str, content: bytes) -> bytes:
    made = io.BytesIO((PLANS / file).read_bytes())
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


DOCX, XLSX = "sections-across-merged-cells.docx", "codes-merged-cells-date-formats.xlsx"
ENTITIES = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'

REFUSED = {
    "nothing": b"",
    "no table": "Kế hoạch công tác năm 2026".encode(),
    "another table": b"a\tb\tc\n1\t2\t3\n",
    "headings alone": TEXT.splitlines()[0].encode(),
    "NUL": TEXT.replace("1", "\0").encode(),
    "half of UTF-8": b"\xef\xbb\xbf" + "Nhiệm vụ".encode()[:-1],
    "VNI": "Nhieäm vuï\tCô quan chuû trì\tThôøi haïn\n1\tLaäp baûng\tSôû Noäi vuï\n".encode(),
    "too large": b" " * 50_000_000,
    "half an archive": (PLANS / DOCX).read_bytes()[:4000],
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "macros": with_part(DOCX, "word/vbaProject.bin", b"x"),
    "a bomb": with_part(XLSX, "xl/media/a.bin", bytes(200_000_000)),
    "entities": changed(DOCX, "word/document.xml", b"<w:document ", ENTITIES + b"<w:document "),
    "no XML": changed(XLSX, "xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData"),
    "encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
    "an old .doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "RTF": b"{\\rtf1 a}",
    "too many lines": TEXT.encode() + b"\n1\ta\tb\tc" * 20_001,
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_our_words(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(REFUSED[name], "a.txt", RULES)
    assert refused.value.message.en
    assert foreign_words(refused.value.message.vi) == []


def test_prose_with_quotation_marks_is_told_to_have_no_table() -> None:
    with pytest.raises(Unreadable, match="No table"):
        read('Kế hoạch,\n"Năm 2026" của Thành phố, sở; "ngành'.encode(), "a.txt", RULES)
    with pytest.raises(Unreadable, match="line 2"):
        read(f'{TEXT.splitlines()[0]}\n1\t"Lập bảng\tSở Y tế\t'.encode(), "a.csv", RULES)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for begins in (b"", b"PK\x03\x04", f"{TEXT}\n".encode(), b"\xff\xfe"):
        for name in ("a.txt", "a.csv"):
            try:
                read(begins + content, name, RULES)
            except Unreadable:
                continue


@given(text=st.text('1aA.)-I\t"|;,\n đ:', max_size=200))
def test_any_text_below_headings_is_read_or_refused(text: str) -> None:
    for name in ("a.txt", "a.csv"):
        try:
            read(f"{TEXT}\n{text}".encode(), name, RULES)
        except Unreadable:
            continue


@given(data=st.data())
def test_a_damaged_office_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray((PLANS / data.draw(st.sampled_from([DOCX, XLSX]))).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content), "a.docx", RULES)
    except Unreadable:
        return


def test_a_formula_gives_its_value_and_one_without_is_said() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet()
        for number, line in enumerate(TABLE):
            sheet.write_row(number, 0, line)
        sheet.write_formula(1, 2, '="Sở "&"Y tế"', None, "Sở Y tế")
        sheet.write_formula(1, 3, "=TODAY()", None, "")
    [row] = read(content.getvalue(), "a.xlsx", RULES).rows
    assert row.cells["lead_unit"] == "Sở Y tế"
    assert [finding.field for finding in row.findings] == ["due_text"]


def test_a_cell_in_the_last_corner_costs_nothing() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet()
        for number, line in enumerate(TABLE):
            sheet.write_row(number, 0, line)
        sheet.write(1048575, 16383, "x")
        sheet.merge_range("F1:F1048576", "")
    document = read(content.getvalue(), "a.xlsx", RULES)
    assert [row.cells["title"] for row in document.rows] == ["Lập bảng kê"]
    assert any("200" in finding.message.vi for finding in document.findings)


def test_a_million_empty_columns() -> None:
    wide = TEXT.replace("\t", ",").replace("\n", "," * 1_000_000 + "\n")
    assert len(read(wide.encode(), "a.csv", RULES).rows) == 1


def test_what_was_deleted_in_word_is_not_read() -> None:
    old = "<w:r><w:t>Sở Tư pháp</w:t></w:r>"
    new = "<w:del><w:r><w:delText>Sở Y tế</w:delText></w:r></w:del><w:ins><w:r><w:t>Sở Tư pháp</w:t></w:r></w:ins>"
    content = changed(DOCX, "word/document.xml", old.encode(), new.encode())
    assert read(content, "a.docx", RULES).rows[0].cells["lead_unit"] == "Sở Tư pháp"


def test_a_table_within_a_cell_and_numbers_that_word_counts() -> None:
    document = docx.Document()
    outer = document.add_table(1, 1)
    inner = outer.cell(0, 0).add_table(0, 4)
    for line in TABLE:
        for cell, text in zip(inner.add_row().cells, line, strict=True):
            cell.text = text
    content = io.BytesIO()
    document.save(content)
    found = read(content.getvalue(), "a.docx", RULES)
    assert [row.cells["title"] for row in found.rows] == ["Lập bảng kê"]
    assert any("bảng nằm trong ô" in finding.message.vi for finding in found.findings)


async def test_in_a_process_of_its_own() -> None:
    places = CapacityLimiter(1)
    found = await read_apart((PLANS / XLSX).read_bytes(), XLSX, RULES, {}, places)
    assert len(found.rows) == 6
    with pytest.raises(Unreadable):
        await read_apart(REFUSED["a PDF"], "a.pdf", RULES, {}, places)
