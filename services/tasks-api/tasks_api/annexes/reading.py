"""Reads an annex from the bytes of a file, whatever form it has. `read_apart` does it in a process of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from anyio import CapacityLimiter

from cchc_shared.contract.provenance import Text
from cchc_shared.files import apart, packages
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.http.text import clean
from tasks_api.annexes import groups, legacy, points, texts, word, workbooks
from tasks_api.annexes.domain import AnnexDocument, AnnexRow, Line, Sheet
from tasks_api.annexes.entries import Entry, SheetReader
from tasks_api.annexes.headings import HeadingReader
from tasks_api.annexes.rules import AnnexRules
from tasks_api.findings import Finding

_BREAKS_A_LINE: Final = 5
"""Line breaks that a line of a text may have in its cells, on average."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


async def read_apart(
    content: bytes, file_name: str, rules: AnnexRules, answers: Mapping[str, str], places: CapacityLimiter
) -> AnnexDocument:
    """`read` in another process, which ends with whatever breaks it. Raises `Unreadable`."""
    return await apart.read_apart(read, content, file_name, rules, dict(answers), places=places)


def read(content: bytes, file_name: str, rules: AnnexRules, answers: Mapping[str, str] | None = None) -> AnnexDocument:
    """The tasks of an annex: text, .csv, .docx or .xlsx, told by its content.

    `answers` says of single headings which field they are ("" for none), where a person has been asked. Raises
    `Unreadable` where there is no table and no list of tasks, or no way to read the file.
    """
    if unknown := set((answers or {}).values()) - {"", *rules.columns}:
        names = ", ".join(sorted(unknown))
        raise Unreadable(f"Không có trường “{names}”.", f"There is no field “{names}”.")
    headings = HeadingReader(rules, answers or {})
    if len(content) > rules.most_bytes:
        megabytes = rules.most_bytes // 1_000_000
        raise Unreadable(f"Tệp lớn hơn {megabytes} triệu byte.", f"The file is larger than {megabytes} million bytes.")
    if content.startswith(b"PK"):
        sheets, passed_over = _office(content, rules)
        return _document(sheets, passed_over, rules, headings)
    _refuse_what_is_no_text(content)
    return _text(texts.decoded(content), file_name, rules, headings)


def _office(content: bytes, rules: AnnexRules) -> tuple[list[Sheet], list[Text]]:
    package = packages.Package(content, rules.most_unpacked_bytes)
    main = package.main()
    if main.startswith("xl/") and main.endswith(".xml"):
        return workbooks.read(package, main, rules.most_columns, rules.most_lines)
    if main.startswith("word/") and main.endswith(".xml"):
        return [word.read(package, main, rules.most_columns)], []
    raise packages.broken()


def _refuse_what_is_no_text(content: bytes) -> None:
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise packages.encrypted()
        raise Unreadable(
            "Tệp .doc hoặc .xls kiểu cũ: hãy mở và lưu lại dưới dạng .docx hoặc .xlsx.",
            "An old .doc or .xls: open it and save it as .docx or .xlsx.",
        )
    if content.startswith(b"%PDF"):
        raise Unreadable(
            "Tệp PDF không có bảng đọc được: hãy gửi tệp .docx hoặc .xlsx gốc.",
            "A PDF holds no table that can be read: send the .docx or .xlsx it was made from.",
        )
    if content.startswith(b"{\\rtf"):
        raise Unreadable("Tệp RTF: hãy lưu lại dưới dạng .docx.", "An RTF file: save it as .docx.")


def _text(text: str, file_name: str, rules: AnnexRules, headings: HeadingReader) -> AnnexDocument:
    if text.count("\n") > rules.most_lines * _BREAKS_A_LINE:
        raise workbooks.too_many_lines(rules.most_lines)
    is_csv = file_name.lower().endswith(".csv")
    forms = texts.delimited if is_csv else texts.forms
    sheet = _best(forms(text), headings)
    if sheet is None and legacy.is_tcvn3(text):
        converted = _best(forms(legacy.from_tcvn3(text, rules)), headings)
        sheet = converted and converted._replace(findings=(_CONVERTED,))
    if sheet is None and not is_csv and not points.rows(texts.plain_lines(text), rules):
        with suppress(Unreadable):  # prose with quotation marks is no broken .csv
            sheet = _best(texts.delimited(text)[:2], headings)
    if sheet is None:
        return _points(texts.plain_lines(text), rules, text)
    return _document([sheet], [], rules, headings)


_CONVERTED: Final = Text(
    "Văn bản dùng phông TCVN3, đã được chuyển sang bảng mã chuẩn: hãy xem lại các chữ.",
    "The text is in a font of TCVN3 and was converted to Unicode: look the letters over.",
)


def _best(forms: Iterable[Callable[[], Sheet]], headings: HeadingReader) -> Sheet | None:
    """The way of reading a text that finds the most headings. Raises `Unreadable` if only a broken one was likely."""
    best: tuple[int, Sheet] | None = None
    fault: Unreadable | None = None
    for place, form in enumerate(forms):
        try:
            sheet = form()
        except Unreadable as error:
            fault = fault or (error if place == 0 else None)
            continue
        known = next((found.known for at in range(len(sheet.lines)) if (found := headings.find(sheet.lines, at))), 0)
        if known and (best is None or known > best[0]):
            best = (known, sheet)
    if best is None and fault:
        raise fault
    return best[1] if best else None


def _document(
    sheets: Sequence[Sheet], passed_over: Sequence[Text], rules: AnnexRules, headings: HeadingReader
) -> AnnexDocument:
    if sum(1 for sheet in sheets for line in sheet.lines if line.cells) > rules.most_lines:
        raise workbooks.too_many_lines(rules.most_lines)
    if not any(headings.find(sheet.lines, at) for sheet in sheets for at in range(len(sheet.lines))):
        converted = _converted(sheets, rules, headings)
        if not converted:
            lines = [cell for sheet in sheets for line in sheet.lines for cell in line.cells if cell]
            return _points([part for cell in lines for part in cell.splitlines()], rules, "\n".join(lines))
        sheets = converted
    found: list[AnnexRow] = []
    layouts, said, line = [], list(passed_over), 0
    findings: list[Text] = []
    notes: list[Finding] = []
    for sheet in sheets:
        reader = SheetReader(rules, headings, line)
        entries = list(reader.entries(sheet))
        _name_annexes(entries, sheet, several=len(sheets) > 1)
        tasks, said_of_groups = groups.rows(entries, rules)
        found += tasks
        notes += said_of_groups
        line = reader.line
        layouts += reader.layouts
        said += reader.passed_over
        if not reader.layouts and not reader.passed_over:
            said.append(_no_table(sheet.name))
        findings += [*sheet.findings, *(each for layout in reader.layouts for each in layout.findings)]
    if not found:
        raise Unreadable("Bảng nhiệm vụ không có dòng nào.", "The table of tasks has no row.")
    found = _annexes_only_if_several(found)
    questions = {each.heading: each for layout in layouts for each in layout.questions}
    unused = [each.heading for layout in layouts for each in layout.columns if each.field is None]
    notes += [Finding(0, "document", each) for each in dict.fromkeys(findings)]
    notes += [Finding(0, heading, _NOT_USED) for heading in dict.fromkeys(unused) if heading not in questions]
    return AnnexDocument(
        rows=tuple(found),
        columns=tuple(dict.fromkeys(each for layout in layouts for each in layout.columns)),
        questions=tuple(questions.values()),
        findings=tuple(notes),
        passed_over=tuple(dict.fromkeys(said)),
    )


_NOT_USED: Final = Text("Cột này không được dùng.", "This column is not used.")


def _no_table(name: str) -> Text:
    return Text(f"Trang tính “{name}” không có bảng nhiệm vụ.", f"The sheet “{name}” has no table of tasks.")


def _name_annexes(entries: Sequence[Entry], sheet: Sheet, *, several: bool) -> None:
    """Rows of a workbook with several sheets stand under the sheet's name where no title names the annex."""
    if several:
        for entry in entries:
            entry.annex = entry.annex or sheet.name


def _annexes_only_if_several(rows: Sequence[AnnexRow]) -> list[AnnexRow]:
    from msgspec.structs import replace

    return list(rows) if len({row.annex for row in rows}) > 1 else [replace(row, annex="") for row in rows]


def _converted(sheets: Sequence[Sheet], rules: AnnexRules, headings: HeadingReader) -> list[Sheet]:
    """The sheets in Unicode if they are in TCVN3 and have headings then; else none."""
    if not legacy.is_tcvn3("\n".join(cell for sheet in sheets for line in sheet.lines for cell in line.cells)):
        return []

    def turned(line: Line) -> Line:
        return line._replace(cells=tuple(clean(legacy.from_tcvn3(cell, rules)) for cell in line.cells))

    made = [each._replace(lines=[turned(line) for line in each.lines], findings=(_CONVERTED,)) for each in sheets]
    return made if any(headings.find(each.lines, at) for each in made for at in range(len(each.lines))) else []


def _points(lines: Sequence[str], rules: AnnexRules, text: str) -> AnnexDocument:
    """The tasks of a plan without a table. Raises `Unreadable`."""
    found = points.rows(lines, rules)
    if not found:
        if legacy.is_tcvn3(text) or legacy.is_vni(text):
            raise Unreadable(
                "Văn bản dùng phông chữ cũ (TCVN3 hoặc VNI): hãy chuyển sang Unicode rồi gửi lại.",
                "The text is in an old font (TCVN3 or VNI): convert it to Unicode and send it again.",
            )
        raise Unreadable(
            "Không tìm thấy bảng nhiệm vụ: cần một bảng có ít nhất cột “Tên nhiệm vụ” và “Cơ quan chủ trì”, hoặc các "
            "mục đánh số có dòng “Nhiệm vụ:”, “Cơ quan chủ trì:”, “Thời gian:”.",
            "No table of tasks was found: it needs at least the columns of the task and of its lead unit, or numbered "
            "points with lines that name the task, the lead unit and the time.",
        )
    note = Finding(
        0, "document", Text("Đọc từ các mục đánh số, không có bảng.", "Read from numbered points, without a table.")
    )
    return AnnexDocument(rows=tuple(found), columns=(), questions=(), findings=(note,), passed_over=())
