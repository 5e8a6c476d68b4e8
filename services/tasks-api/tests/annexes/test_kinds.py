"""Shapes beside those of the folder `plans`: each is a table of a few lines, made up."""

import io
from datetime import datetime
from pathlib import Path

import docx
import pytest
import xlsxwriter
from docx.table import Table, _Cell
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.files.unreadable import Unreadable
from tasks_api.annexes.domain import AnnexDocument
from tasks_api.annexes.marks import leading, mark
from tasks_api.annexes.reading import read
from tasks_api.annexes.rules import AnnexRules

RULES = AnnexRules.load(Path(__file__).parents[4] / "data" / "hanoi")
HEADINGS = "TT\tNhiệm vụ\tChủ trì\tPhối hợp\tThời hạn"


def text(*lines: str, answers: dict[str, str] | None = None) -> AnnexDocument:
    return read("\n".join(lines).encode(), "a.txt", RULES, answers)


def brief(document: AnnexDocument) -> list[tuple[str, ...]]:
    names = ("title", "lead_unit", "coordinating_units", "due_text")
    return [(row.number, *(row.cells.get(name, "") for name in names)) for row in document.rows]


def test_headings_in_two_lines_with_begin_and_end() -> None:
    found = text(
        "TT\tNội dung\tThời gian\t\tPhân công\t",
        "\t\tBắt đầu\tKết thúc\tChủ trì\tPhối hợp",
        "1\tKhảo sát\t1/2026\t3/2026\tSở Xây dựng\tSở Tài chính",
    )
    assert brief(found) == [("1", "Khảo sát", "Sở Xây dựng", "Sở Tài chính", "3/2026")]
    assert [(each.heading, each.looks_like) for each in found.questions] == [("Thời gian Bắt đầu", "due_text")]


def test_columns_are_known_by_what_stands_in_them() -> None:
    lines = ("TT\tNhiệm vụ\tNơi làm\tXong lúc", "1\tLập bảng\tSở Y tế\t31/3/2026", "2\tGửi bảng\tSở Nội vụ\tQuý II")
    found = text(*lines)
    assert brief(found)[1] == ("2", "Gửi bảng", "Sở Nội vụ", "", "Quý II")
    assert len(found.findings) == 2
    said = text(*lines, answers={"Nơi làm": "lead_unit", "Xong lúc": ""})
    assert said.findings == text(*lines, answers={"NƠI LÀM": "lead_unit", "xong lúc": ""}).findings
    assert brief(said)[1] == ("2", "Gửi bảng", "Sở Nội vụ", "", "")


def test_an_answer_outweighs_the_words() -> None:
    lines = ("STT\tNhiệm vụ\tChủ trì\tThời hạn\tPhòng, đơn vị chủ trì", "1\tA\tSở Y tế\tQuý I\tPhòng B")
    assert [each.heading for each in text(*lines).questions] == ["Phòng, đơn vị chủ trì"]
    answered = text(*lines, answers={"Phòng, đơn vị chủ trì": "lead_unit", "Chủ trì": ""})
    assert (answered.rows[0].cells["lead_unit"], answered.questions) == ("Phòng B", ())


def test_a_row_split_by_a_page_is_one() -> None:
    found = text(
        HEADINGS,
        "1\tHoàn thiện quy chế sử dụng kho số liệu của các\tSở Nội vụ\tCác sở,\tTrong",
        HEADINGS,
        "\tcơ quan nhà nước\t\tban, ngành\tnăm 2026",
        "2\tMở lớp\tSở Y tế\t\tQuý I/2026",
    )
    title = "Hoàn thiện quy chế sử dụng kho số liệu của các cơ quan nhà nước"
    assert brief(found)[0] == ("1", title, "Sở Nội vụ", "Các sở, ban, ngành", "Trong năm 2026")
    assert len(found.rows) == 2
    assert found.rows[0].findings


def test_a_task_without_a_number_is_none_of_the_one_before_the_page() -> None:
    found = text(HEADINGS, "1\tViệc một\tSở Y tế\t\tQuý I/2026", HEADINGS, "\tViệc hai\t\t\tQuý III/2026")
    assert brief(found)[1] == ("", "Việc hai", "Sở Y tế", "", "Quý III/2026")


def test_a_title_without_tasks_below_it_is_said() -> None:
    found = text(HEADINGS, "1\tViệc một\tSở Y tế\t\tQuý I/2026", "\tViệc hai\t\t\t", "II\tNhóm hai\t\t\t")
    assert [(each.row, each.field) for each in found.findings] == [(2, "title"), (3, "title")]


def test_parts_take_what_is_not_said_by_themselves() -> None:
    found = text(
        HEADINGS,
        "1\tXây dựng đề án\tSở Nội vụ\tSở Tài chính\tQuý I/2026",
        "-\tKhảo sát\t\t\tTháng 1/2026",
        "I\tNhóm việc\tSở Y tế\t\tNăm 2026",
        "1\tViệc một\t\tSở Tư pháp\t",
    )
    assert brief(found) == [
        ("1", "Xây dựng đề án", "Sở Nội vụ", "Sở Tài chính", "Quý I/2026"),
        ("-", "Khảo sát", "Sở Nội vụ", "Sở Tài chính", "Tháng 1/2026"),
        ("1", "Việc một", "Sở Y tế", "Sở Tư pháp", "Năm 2026"),
    ]
    assert [(row.parent, row.sections) for row in found.rows] == [(None, ()), (1, ()), (3, ("Nhóm việc",))]


def test_titles_sums_and_footers_are_no_tasks() -> None:
    found = text(
        HEADINGS,
        "NHÓM VIỆC A\t\t\t\t",
        "1\tViệc một\tSở Y tế\t\tQuý I/2026",
        "UBND CÁC XÃ, PHƯỜNG\t\t\t\t",
        "1\tViệc hai\tUBND xã\t\tQuý II/2026",
        "\tTổng cộng: 2 nhiệm vụ\t\t\t",
        "Nơi nhận:",
        "- Như trên;",
    )
    assert [row.sections for row in found.rows] == [("NHÓM VIỆC A",), ("UBND CÁC XÃ, PHƯỜNG",)]


@pytest.mark.parametrize("between", ["- 2 -", "Trang 2/5", "./.", "(Tiếp theo trang trước)"])
def test_numbers_of_pages_are_no_groups(between: str) -> None:
    found = text(HEADINGS, "1\tA\tSở Y tế\t\tQuý I", between, "2\tB\tSở Y tế\t\tQuý I")
    assert [row.sections for row in found.rows] == [(), ()]


def test_a_numbered_row_without_a_lead_stays_without_one() -> None:
    found = text(HEADINGS, "1\tViệc một\tSở Y tế\t\tQuý I/2026", "2\tViệc hai\t\t\tQuý II/2026")
    assert brief(found)[1] == ("2", "Việc hai", "", "", "Quý II/2026")
    assert "Sở Y tế" in found.rows[1].findings[0].message.vi


def test_points_in_one_line() -> None:
    found = text(
        "2. Cải cách thủ tục",
        "a) Cắt giảm giấy tờ. Đơn vị chủ trì: Văn phòng UBND; đơn vị phối hợp: Sở Nội vụ; thời hạn: trước 30/9/2026.",
        "b) Niêm yết. Đơn vị chủ trì: UBND các xã; thời hạn: thường xuyên.",
    )
    assert brief(found) == [
        ("a)", "Cắt giảm giấy tờ", "Văn phòng UBND", "Sở Nội vụ", "trước 30/9/2026"),
        ("b)", "Niêm yết", "UBND các xã", "", "thường xuyên"),
    ]
    assert found.rows[0].sections == ("Cải cách thủ tục",)


def test_a_second_task_under_one_point_is_a_task_of_its_own() -> None:
    found = text(
        "1. Về thể chế",
        "a) Nội dung: Rà soát quy định.",
        "- Cơ quan chủ trì: Sở Tư pháp",
        "- Thời gian hoàn thành: Trước 30/6/2026",
        "b) Nội dung: Ban hành quy định.",
        "- Cơ quan chủ trì: Sở Nội vụ",
    )
    assert brief(found) == [
        ("a)", "Rà soát quy định.", "Sở Tư pháp", "", "Trước 30/6/2026"),
        ("b)", "Ban hành quy định.", "Sở Nội vụ", "", ""),
    ]
    assert {row.sections for row in found.rows} == {("Về thể chế",)}


def test_line_breaks_in_cells_and_no_blanks_at_the_end() -> None:
    found = text(
        f"{HEADINGS}\tGhi chú",
        "I\tCÔNG TÁC CHỈ ĐẠO",
        "1\tBan hành kế hoạch",
        "thực hiện năm 2026\tSở Nội vụ\tCác sở, ngành;",
        "UBND các xã\tTháng 01/2026",
        "2\tTổng kết\tSở Nội vụ\t\tTháng 12/2026",
        "\t\t\t\tQuý II/2027",
    )
    assert brief(found) == [
        ("1", "Ban hành kế hoạch thực hiện năm 2026", "Sở Nội vụ", "Các sở, ngành;\nUBND các xã", "Tháng 01/2026"),
        ("2", "Tổng kết", "Sở Nội vụ", "", "Tháng 12/2026\nQuý II/2027"),
    ]
    assert [finding.field for finding in found.rows[1].findings] == ["due_text"]


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_what_stands_below_the_table_is_no_task_and_no_half_of_one(name: str) -> None:
    lines = (HEADINGS, "1\tA\tSở Y tế\t\tQuý I", "\t\t\t\t", "\t\t\t\tHà Nội, ngày 5 tháng 1", "\t\tTrưởng phòng\t\tB")
    found = read("\n".join(lines).encode(), name, RULES)
    assert brief(found) == [("1", "A", "Sở Y tế", "", "Quý I")]
    assert any("Hà Nội" in said.vi for said in found.passed_over)


def test_utf_16_without_a_mark_of_its_order() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        content = f"{HEADINGS}\n1\tLập bảng kê hồ sơ\tSở Y tế\t\tQuý I".encode(encoding)
        assert len(read(content, "a.txt", RULES).rows) == 1


def add(table: Table, *cells: str) -> tuple[_Cell, ...]:
    row: tuple[_Cell, ...] = table.add_row().cells  # type: ignore[no-untyped-call]
    for cell, words in zip(row, cells, strict=True):
        cell.text = words
    return row


def test_word_with_merged_headings_cells_and_two_annexes() -> None:
    document = docx.Document()
    document.add_paragraph("Phụ lục I")
    table = document.add_table(0, 5)
    top = add(table, "TT", "Nội dung nhiệm vụ", "Cơ quan thực hiện", "", "Thời hạn")
    below = add(table, "", "", "Chủ trì", "Phối hợp", "")
    top[2].merge(top[3])
    for column in (0, 1, 4):
        top[column].merge(below[column])
    section = add(table, "I. NHÓM MỘT", "", "", "", "")
    section[0].merge(section[4])
    first = add(table, "1", "Việc một", "Sở Y tế", "Sở Nội vụ", "Quý I/2026")
    add(table, "", "Việc hai", "", "", "Quý II/2026")
    last = add(table, "", "Việc ba", "", "", "")
    for column in (0, 2, 3):
        first[column].merge(last[column])
    document.add_paragraph("Phụ lục II")
    other = document.add_table(0, 4)
    add(other, "STT", "Nhiệm vụ", "Đơn vị chủ trì", "Thời gian")
    numbered = add(other, "", "Việc bốn", "UBND xã", "Tháng 5/2026")
    numbered[0].paragraphs[0].style = "List Number"
    content = io.BytesIO()
    document.save(content)
    found = read(content.getvalue(), "a.docx", RULES)
    assert brief(found) == [
        ("1", "Việc một", "Sở Y tế", "Sở Nội vụ", "Quý I/2026"),
        ("", "Việc hai", "Sở Y tế", "Sở Nội vụ", "Quý II/2026"),
        ("", "Việc ba", "Sở Y tế", "Sở Nội vụ", ""),
        ("1.", "Việc bốn", "UBND xã", "", "Tháng 5/2026"),
    ]
    assert [(row.annex, row.sections) for row in found.rows] == [("Phụ lục I", ("NHÓM MỘT",))] * 3 + [
        ("Phụ lục II", ())
    ]
    assert found.rows[1].inherited == {"lead_unit": "merged", "coordinating_units": "merged"}


def test_a_workbook_with_two_plans_and_a_hidden_sheet() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        month = workbook.add_format({"num_format": "mm/yyyy"})
        first, second = workbook.add_worksheet("Khối sở"), workbook.add_worksheet("Khối xã")
        workbook.add_worksheet("Nháp").hide()
        first.write_row(0, 0, HEADINGS.split("\t"))
        first.merge_range("A2:A3", 1)
        first.merge_range("B2:B3", "Việc một")
        first.write_row(1, 2, ["Sở Y tế", ""])
        first.write_datetime(1, 4, datetime(2026, 6, 30), month)  # noqa: DTZ001 - a cell has no zone
        first.write(2, 2, "Sở Tài chính")
        first.write(2, 4, 2026)
        second.write_row(0, 0, ["STT", "Nhiệm vụ", "Đơn vị chủ trì", "Thời hạn"])
        second.set_row(1, None, None, {"hidden": True})
        second.write_row(1, 0, [1.1, "Việc hai", "UBND xã", "Tháng 5/2026"])
    found = read(content.getvalue(), "a.xlsx", RULES)
    assert brief(found) == [
        ("1", "Việc một", "Sở Y tế", "", "06/2026"),
        ("", "Việc một", "Sở Tài chính", "", "2026"),
        ("1.1", "Việc hai", "UBND xã", "", "Tháng 5/2026"),
    ]
    assert [row.annex for row in found.rows] == ["Khối sở", "Khối sở", "Khối xã"]
    assert any("Nháp" in said.vi for said in found.passed_over)
    assert any("dòng ẩn" in finding.message.vi for finding in found.findings)


def test_marks() -> None:
    assert [mark(each) is not None for each in ("1.", "02", "(4)", "a)", "-", "IV", "1.2.3", "đ)", "A.")] == [True] * 9
    assert [mark(each) for each in ("Sở", "2026/1", "ab", "1 việc", "")] == [None] * 5
    found = leading("II. BỔ SUNG QUY ĐỊNH")
    assert found is not None
    assert (found[0].path, found[1]) == (("II",), "BỔ SUNG QUY ĐỊNH")
    assert leading("Xây dựng") is None


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_a_number_holds_those_that_begin_with_it(one: int, two: int, three: int) -> None:
    above, below = mark(f"{one}."), mark(f"{two}.{three}")
    assert above is not None
    assert below is not None
    assert above.holds(below) == (one == two)
    assert not below.holds(above)


def test_a_plan_that_names_nobody_and_no_time_is_refused() -> None:
    with pytest.raises(Unreadable):
        text("1. Mục đích", "2. Yêu cầu", "- Bảo đảm đúng quy định.")
