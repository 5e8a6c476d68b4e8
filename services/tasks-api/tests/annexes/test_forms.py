"""One table reads back to the same rows from a text, a .csv in any encoding, a .docx and a .xlsx."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks_api.annexes.domain import AnnexRow
from tasks_api.annexes.reading import read
from tasks_api.annexes.rules import AnnexRules

HANOI = Path(__file__).parents[4] / "data" / "hanoi"
PUBLISHED = (HANOI / "plans" / "2024-05-khac-phuc-ton-tai.txt").read_text("utf-8")
RULES = AnnexRules.load(HANOI)
HEADINGS = ["TT", "Tên nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian hoàn thành", "Sản phẩm"]

Table = Sequence[Sequence[str]]


def as_text(table: Table) -> bytes:
    def pasted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if "\n" in cell or '"' in cell else cell

    return "\n".join("\t".join(map(pasted, line)) for line in table).encode()


def as_csv(table: Table, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter).writerows(table)
    return made.getvalue().encode(encoding)


def as_docx(table: Table) -> bytes:
    document = docx.Document()
    document.add_paragraph("Phụ lục")
    made = document.add_table(0, max(map(len, table)))
    for line in table:
        for cell, text in zip(made.add_row().cells, line, strict=False):
            cell.text = text
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def as_xlsx(table: Table) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("Phụ lục")
        for number, line in enumerate(table):
            for column, cell in enumerate(line):
                sheet.write_string(number + 2, column, cell)
    return content.getvalue()


FORMS: dict[str, Callable[[Table], bytes]] = {
    "a.txt": as_text,
    "a.docx": as_docx,
    "a.xlsx": as_xlsx,
    **{f"{name} {encoding}.csv": (lambda table, d=each, e=encoding: as_csv(table, d, e))  # type: ignore[misc]
       for name, each in {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}.items()
       for encoding in ("utf-8", "utf-8-sig", "utf-16")},
}  # fmt: skip


def meant(rows: Sequence[AnnexRow]) -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows]


@pytest.mark.parametrize("form", FORMS)
def test_the_published_annex_in_every_form(form: str) -> None:
    published = read(PUBLISHED.encode(), "plan.txt", RULES).rows
    assert [row.number for row in published] == [f"{number}." for number in range(1, 12)]
    table = [line.split("\t") for line in PUBLISHED.splitlines() if "\t" in line]
    found = read(FORMS[form](table), form, RULES).rows
    assert meant(found) == meant(published)
    assert [row.line for row in found] == [row.line for row in published]


WORDS = st.sampled_from(["Rà", "soát", "lập", "bảng", "kê", "hồ", "sơ", "quy", "chế", "giá", "đất", "phường", "2026"])
TITLES = st.lists(WORDS, min_size=2, max_size=9).map(lambda words: " ".join(words).capitalize())
UNITS = st.sampled_from(
    ["Sở Nội vụ", "Sở Y tế", "UBND các xã, phường", "Sở Xây dựng; Sở Tài chính", "Sở Y tế\nSở Nội vụ"]
)
TIMES = st.sampled_from(["Quý I/2026", "31/3/2026", "Thường xuyên", "Trong năm 2026"])
TASKS = st.tuples(TITLES, UNITS, st.one_of(st.just(""), UNITS), TIMES, st.one_of(st.just(""), TITLES))


@given(tasks=st.lists(TASKS, min_size=1, max_size=8), form=st.sampled_from(sorted(FORMS)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_table_reads_back_to_its_rows(tasks: list[tuple[str, ...]], form: str) -> None:
    table = [HEADINGS, *([str(number), *task] for number, task in enumerate(tasks, 1))]
    found = read(FORMS[form](table), form, RULES).rows
    names = ("title", "lead_unit", "coordinating_units", "due_text", "product")
    assert [tuple(row.cells[name] for name in names) for row in found] == tasks
    assert [row.number for row in found] == [str(number) for number in range(1, len(tasks) + 1)]
    assert all(not row.inherited and not row.findings for row in found)


def test_bars_and_rulers_of_a_pasted_table() -> None:
    text = "| TT | Nhiệm vụ | Chủ trì | Thời hạn |\n|---|:--|---|---|\n| 1 | Lập bảng | Sở Y tế | 31/3/2026 |\n"
    [row] = read(text.encode(), "a.txt", RULES).rows
    assert (row.number, row.cells["title"], row.cells["due_text"]) == ("1", "Lập bảng", "31/3/2026")


def test_tcvn3_is_converted_with_a_warning() -> None:
    text = "TT\tTªn nhiÖm vô\tC¬ quan chñ tr×\tThêi h¹n\n1\tLËp b¶ng kª\tSë Néi vô\tQuý I/2026\n"
    document = read(text.encode(), "a.txt", RULES)
    assert (document.rows[0].cells["title"], document.rows[0].cells["lead_unit"]) == ("Lập bảng kê", "Sở Nội vụ")
    assert any("TCVN3" in finding.message.vi for finding in document.findings)
    assert meant(read(text.encode("latin-1"), "a.txt", RULES).rows) == meant(document.rows)
