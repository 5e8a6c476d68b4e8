"""Every plan of the folder `plans` gives its rows; shapes are those of public documents, titles are made up."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks_api.annexes.domain import AnnexDocument, AnnexRow
from tasks_api.annexes.reading import read
from tasks_api.annexes.rules import AnnexRules

PLANS = Path(__file__).with_name("plans")
HANOI = Path(__file__).parents[4] / "data" / "hanoi"
FILES = sorted(file for file in PLANS.iterdir() if not file.name.endswith(".expected.csv"))

Read = Callable[[str], AnnexDocument]


@pytest.fixture(scope="module")
def plan() -> Read:
    rules = AnnexRules.load(HANOI)
    return lambda name: read((PLANS / name).read_bytes(), name, rules)


def expected(file: Path) -> list[dict[str, str]]:
    with file.with_name(f"{file.stem}.expected.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


WITH_EXPECTED = [file for file in FILES if file.with_name(f"{file.stem}.expected.csv").exists()]


@pytest.mark.parametrize("file", WITH_EXPECTED, ids=lambda file: file.name)
def test_rows_numbers_and_titles_are_as_expected(plan: Read, file: Path) -> None:
    found, lines = plan(file.name).rows, expected(file)
    assert [row.cells["title"] for row in found] == [line["title"] for line in lines]
    for row, line in zip(found, lines, strict=True):
        assert bool(row.cells.get("lead_unit")) == bool(line["lead"])
        if "row" in line:
            assert (str(row.line), row.number) == (line["row"], line["number"])
        else:
            label = row.cells.get("code") or f"{line['row_label'].partition('.')[0]}.{row.number}"
            assert (label, row.sections[0]) == (line["row_label"], line["section"])
            assert (row.cells["due_text"], row.cells["product"]) == (line["due_text"], line["product"])


def cells(row: AnnexRow, *names: str) -> tuple[str, ...]:
    return tuple(row.cells.get(name, "") for name in names)


SMALL = {
    "deadline-heading-tien-do.txt": [("1", "Đối chiếu sổ", "Sở Nội vụ", "Sở Tài chính", "31/3/2026")],
    "decimal-numbers-under-numbered-groups.txt": [
        ("1.1", "Lọc nghị quyết cũ", "Sở Tư pháp", "", "Quý I/2026"),
        ("1.2", "Họp đánh giá", "Sở Nội vụ", "", "Quý II/2026"),
        ("2.1", "Bỏ mẫu đơn thừa", "Sở Nội vụ", "", "Quý I/2026"),
    ],
    "ditto-marks.txt": [
        ("1", "Phân loại hồ sơ tồn", "Sở Tư pháp", "", "Quý I/2026"),
        ("2", "Gửi bảng tổng hợp", "Sở Tư pháp", "", "Quý I/2026"),
        ("3", "Rút kinh nghiệm", "Sở Tư pháp", "", "Quý I/2026"),
    ],
    "line-breaks-in-coordinating.txt": [
        ("1", "Sửa nội quy chung", "Sở Nội vụ", "Sở Tài chính\nSở Y tế\nSở Tư pháp", "Quý I/2026"),
        ("2", "Họp đánh giá", "Sở Y tế", "", "Quý II/2026"),
    ],
    "line-breaks-in-title.txt": [
        ("1", "Xem lại, bổ sung nội quy cơ quan và lịch trực", "Sở Nội vụ", "Sở Tài chính", "Quý I/2026")
    ],
    "merged-lead-rows.txt": [
        ("1", "- Sửa đổi nội quy tiếp công dân.", "Sở Nội vụ", "Sở Tài chính", "Quý I/2026"),
        ("", "- Xem lại mẫu phiếu góp ý.", "Sở Nội vụ", "Sở Tài chính", "Quý II/2026"),
        ("", "- Lập lịch trực chung.", "Sở Nội vụ", "Sở Tài chính", "Quý III/2026"),
        ("2", "Tổng hợp ý kiến", "Sở Y tế", "", "Quý IV/2026"),
    ],
    "number-forms.txt": [
        ("1.", "Phân loại hồ sơ.", "Sở Tư pháp.", "", "Quý I/2026."),
        ("02", "Lập bảng kê", "Sở Nội vụ", "", "Quý II/2026"),
        ("3)", "Họp đánh giá", "Sở Nội vụ", "", "Quý II/2026"),
        ("(4)", "Họp giữa kỳ", "Sở Nội vụ", "", "Quý II/2026"),
        ("a)", "Khối sở", "Sở Nội vụ", "", "Quý II/2026"),
        ("-", "Khối xã", "Sở Nội vụ", "", "Quý II/2026"),
    ],
    "plain-title-line-above-semicolons.csv": [("1", "Kiểm đếm", "Sở Nội vụ", "", "Quý I/2026")],
    "quoted-cells-pasted.txt": [
        ("1", "Sửa nội quy chung - chương một", "Sở Nội vụ", "Sở Tài chính\nSở Y tế", "Quý I/2026")
    ],
    "row-of-column-numbers.txt": [("1", "Kiểm lại hợp đồng", "Sở Tư pháp", "", "Quý I/2026")],
    "second-task-under-one-number.txt": [
        ("1", "Quét, lưu trữ hồ sơ giấy", "Sở Nội vụ", "Sở Tài chính", "Quý I/2026"),
        ("", "Bảo trì, theo dõi máy chủ", "Sở Tài chính", "", ""),
    ],
    "section-title-without-tab.txt": [
        ("1", "Giảm bớt giấy tờ", "Sở Nội vụ", "Sở Tài chính", "Quý I/2026"),
        ("2", "Mở lớp học", "Sở Nội vụ", "", "Quý II/2026"),
    ],
    "title-line-with-commas-above-semicolons.csv": [("1", "Đối chiếu sổ", "Sở Nội vụ", "", "Quý I/2026")],
    "two-annexes.txt": [
        ("1", "Đọc soát dự thảo", "Sở Tư pháp", "", "Quý I/2026"),
        ("1", "Sơ kết quý", "Sở Nội vụ", "", "Quý II/2026"),
    ],
    "two-row-header.txt": [("1", "Kiểm lại hợp đồng mẫu", "Sở Tư pháp", "Sở Nội vụ", "Quý I/2026")],
    "list-form-without-table.txt": [
        (
            "1.1",
            "Giúp UBND Thành phố soạn, trình duyệt Định hướng quản trị số liệu đến năm 2030.",
            "Sở Khoa học và Công nghệ",
            "Các Sở, ban, ngành",
            "Hoàn thành trong năm 2025",
        ),
        (
            "1.2",
            (
                "- Đối chiếu, thống nhất mã trong sổ sách của cơ quan. "
                "- Cùng quét, nhập hồ sơ giấy theo mẫu của Bộ, ngành."
            ),
            "Các Sở, ban, ngành",
            "Sở Khoa học và Công nghệ, UBND xã, phường",
            "Triển khai đảm bảo theo lộ trình, hướng dẫn của Bộ, ngành",
        ),
        (
            "3",
            "Thực hiện các biện pháp phòng ngừa sự cố mạng.",
            "Công an Thành phố",
            "Các Sở, ban, ngành, UBND xã, phường",
            "Thực hiện thường xuyên",
        ),
    ],
}


@pytest.mark.parametrize("name", SMALL)
def test_small_shapes(plan: Read, name: str) -> None:
    found = plan(name).rows
    assert [
        (row.number, *cells(row, "title", "lead_unit", "coordinating_units", "due_text")) for row in found
    ] == SMALL[name]


def test_every_file_is_tried() -> None:
    assert {file.name for file in FILES} == {*SMALL, *(file.name for file in WITH_EXPECTED)}


def test_groups_are_kept_with_their_tasks(plan: Read) -> None:
    assert [row.sections for row in plan("decimal-numbers-under-numbered-groups.txt").rows] == [
        ("Đổi mới quy định",), ("Đổi mới quy định",), ("Giảm bớt giấy tờ",),
    ]  # fmt: skip
    assert [row.sections for row in plan("section-title-without-tab.txt").rows] == [(), ("Riêng với hồ sơ nộp ở xã",)]
    restarting = [(row.sections, row.number) for row in plan("section-numbers-restart.txt").rows]
    assert len(set(restarting)) == len(restarting)
    assert {row.sections for row in plan("section-title-in-every-cell.txt").rows} == {
        ("Bổ sung các quy định riêng cho Thủ đô",), ("Định hướng không gian",),
    }  # fmt: skip
    assert plan("list-form-without-table.txt").rows[0].sections[:2] == ("VIỆC CẦN LÀM", "Nhóm việc về số liệu")


def test_tables_below_one_another(plan: Read) -> None:
    assert [row.annex for row in plan("two-annexes.txt").rows] == ["", "Phụ lục II"]
    below = plan("second-table-below.txt").rows
    assert [row.sections for row in below[2:]] == [("Những việc về công nghệ số trễ hạn còn làm dở",)] * 2


def test_what_only_the_parent_says_counts_for_its_parts(plan: Read) -> None:
    rows = plan("two-row-header-parent-gives-values.txt").rows
    assert {(row.parent, row.cells["due_text"], row.inherited["due_text"]) for row in rows[:5]} == {
        (2, "30/8/2026", "parent")
    }
    assert rows[5].inherited == {}
    assert (rows[6].cells["due_text"], rows[6].parent) == ("100 ngày kể từ ngày ban hành Kế hoạch", 10)
    assert (rows[7].parent, rows[7].sections) == (None, ())


def test_where_a_value_comes_from_is_said(plan: Read) -> None:
    merged = plan("codes-merged-cells-date-formats.xlsx").rows[-1]
    assert merged.inherited == {"lead_unit": "merged", "due_text": "merged"}
    assert (merged.cells["lead_unit"], merged.written["lead_unit"]) == ("Sở Tài chính", "")
    guessed = plan("merged-lead-rows.txt").rows[1]
    assert guessed.inherited == {"lead_unit": "above", "coordinating_units": "above"}
    assert {finding.field for finding in guessed.findings} == {"lead_unit", "coordinating_units"}
    ditto = plan("ditto-marks.txt").rows[2]
    assert ditto.inherited == {"lead_unit": "ditto", "due_text": "ditto"}
    assert (ditto.written["lead_unit"], ditto.cells["coordinating_units"]) == ('"', "")
    blank = plan("second-task-under-one-number.txt").rows[1]
    assert {finding.field for finding in blank.findings} == {"coordinating_units", "due_text"}


def test_other_sheets_and_columns_are_said(plan: Read) -> None:
    workbook = plan("codes-merged-cells-date-formats.xlsx")
    assert any("Theo dõi" in said.vi for said in workbook.passed_over)
    unused = {finding.field for finding in workbook.findings}
    assert unused == {"Kết quả cần đạt (Định lượng)"}
    assert [(question.heading, question.looks_like) for question in workbook.questions] == [
        ("Phòng, đơn vị chủ trì", "lead_unit")
    ]
    letter = plan("sections-across-merged-cells.docx")
    assert len(letter.passed_over) == 2
