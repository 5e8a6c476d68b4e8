"""From a published text or a .csv file to tasks."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from tasks_api.findings import Unreadable
from tasks_api.naming.reader import UnitReader
from tasks_api.plans import annex, tables
from tasks_api.plans.annex import Annex
from tasks_api.units.domain import Unit, UnitIndex
from tests.support.tasks import Profile

ISSUED = date(2024, 5, 1)
EXPECTED = Path(__file__).with_name("annex_2024.csv")
HEADINGS = "\t".join(
    ["TT", "Tên nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian hoàn thành", "Sản phẩm/ Kết quả", "Nguồn"]
)
ROW = ["1.", "Báo cáo", "Sở Nội vụ", "Sở Tư pháp", "Quý II/2024", "Báo cáo", "Kế hoạch"]

Read = Callable[[str], Annex]


@pytest.fixture(scope="session")
def read(profile: Profile) -> Read:
    """Reads a text as the annex of a plan of May 2024."""
    unit_index = profile.unit_index(ISSUED)
    unit_reader, deadlines = profile.unit_reader(ISSUED), profile.rules.deadline_reader(profile.calendar)
    return lambda text: annex.read(
        tables.from_text(text, profile.plan_rules.columns), unit_index, unit_reader, deadlines
    )


def text(*rows: list[str]) -> str:
    return "\n".join([HEADINGS, *("\t".join(row) for row in rows)])


def changed(**cells: str) -> list[str]:
    """The row with some of its cells changed, by field."""
    return [cells.get(name, cell) for name, cell in zip(tables.FIELDS, ROW, strict=True)]


def test_the_published_annex_cell_by_cell(profile: Profile, read: Read) -> None:
    content = profile.plan.content
    table = tables.from_text(tables.decoded(content), profile.plan_rules.columns)
    found = read(tables.decoded(content))
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))[1:]
    assert len(table.rows) == len(found.tasks) == len(expected) == 11
    for row, task, (number, title, lead, helping, due_text, due_on, product, source) in zip(
        table.rows, found.tasks, expected, strict=True
    ):
        assert (row.cells["lead_unit"], row.cells["coordinating_units"]) == (lead, helping)
        assert (str(task.number), task.title, task.due_text, str(task.due_on), task.product, task.source) == (
            number, title, due_text, due_on, product, source,
        )  # fmt: skip
    assert found.faults == []
    assert [(warning.row, "joined" in warning.message.en) for warning in found.warnings] == [(5, True)]


def test_only_the_ninth_fans_out(profile: Profile, read: Read) -> None:
    content = profile.plan.content
    tasks = read(tables.decoded(content)).tasks
    units = [unit for unit in profile.units if unit.valid_on(ISSUED)]
    members = {unit.code for unit in units if unit.kind in {"department", "district"}}
    assert {task.number: set(task.fan_out) for task in tasks if task.fan_out} == {9: members}
    assert tasks[4].source == "Kế hoạch số 313/KH-UBND ngày 22/12/2023 của UBND Thành phố"
    assert tasks[6].lead_unit == "vien-nghien-cuu-phat-trien-kinh-te-xa-hoi-ha-noi"


def test_the_same_table_as_csv(profile: Profile, read: Read) -> None:
    content = profile.plan.content
    table = tables.from_csv(EXPECTED.read_text("utf-8"), profile.plan_rules.columns)
    unit_index = profile.unit_index(ISSUED)
    found = annex.read(table, unit_index, profile.unit_reader(ISSUED), profile.rules.deadline_reader(profile.calendar))
    assert found.tasks == read(tables.decoded(content)).tasks
    assert [(warning.row, warning.field) for warning in found.warnings] == [(0, "han_suy_ra_cuoi_ky")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_english_headings(profile: Profile, delimiter: str) -> None:
    lines = [["number", "title", "lead_unit", "due"], ["1", "Report", "so-noi-vu", "31/12/2024"]]
    table = tables.from_csv("\r\n".join(delimiter.join(line) for line in lines), profile.plan_rules.columns)
    assert [row.cells for row in table.rows] == [
        {"number": "1", "title": "Report", "lead_unit": "so-noi-vu", "due_text": "31/12/2024"}
    ]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"number": "một"}, "number"),
        ({"number": "0"}, "number"),
        ({"title": ""}, "title"),
        ({"title": "x" * 2001}, "title"),
        ({"lead_unit": ""}, "lead_unit"),
        ({"lead_unit": "Sở Vũ trụ"}, "lead_unit"),
        ({"lead_unit": "Sở Nội vụ; Sở Tư pháp"}, "lead_unit"),
        ({"lead_unit": "Xã Kim Chung"}, "lead_unit"),
    ],
)
def test_an_impossible_cell_is_a_fault_of_its_row(read: Read, cells: dict[str, str], field: str) -> None:
    found = read(text(ROW, changed(**{"number": "2."} | cells)))
    assert [(fault.row, fault.field) for fault in found.faults] == [(2, field)]
    assert all(fault.message.vi and fault.message.en for fault in found.faults)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"due_text": "sớm"}, "due_text"),
        ({"due_text": "Quý II/2204"}, "due_text"),
        ({"coordinating_units": "Sở Vũ trụ"}, "coordinating_units"),
        ({"product": ""}, "product"),
        ({"source": ""}, "source"),
        ({"number": "3."}, "number"),
    ],
)
def test_a_doubtful_cell_is_a_warning(read: Read, cells: dict[str, str], field: str) -> None:
    found = read(text(ROW, changed(**{"number": "2."} | cells)))
    assert found.faults == []
    assert [(warning.row, warning.field) for warning in found.warnings] == [(2, field)]
    assert len(found.tasks) == 2


def test_units_are_read_as_documents_write_them(read: Read) -> None:
    cells = {
        "lead_unit": "Giám đốc Sở KH&ĐT (đ/c Nguyễn Văn An)",
        "coordinating_units": "Sở Tư pháp, Tài chính; VP UBND TP",
    }
    found = read(text(changed(**cells)))
    [task] = found.tasks
    assert (found.faults, found.warnings) == ([], [])
    assert task.lead_unit == "so-ke-hoach-va-dau-tu"
    assert task.coordinating_units == ("so-tu-phap", "so-tai-chinh", "van-phong-ubnd-thanh-pho")


def test_every_fault_is_named(read: Read) -> None:
    found = read(text(changed(number="x", lead_unit="?"), changed(title=""), [*changed(number="1"), "too many"]))
    assert {(fault.row, fault.field) for fault in found.faults} == {
        (1, "number"), (1, "lead_unit"), (2, "title"), (3, "row"), (3, "number"),
    }  # fmt: skip


def test_coordinating_units_apart(read: Read) -> None:
    wording = "Sở Tư pháp; UBND các quận, huyện, thị xã; UBND quận Ba Đình, Sở Lao động - Thương binh và Xã hội"
    [task] = read(text(changed(coordinating_units=wording))).tasks
    assert task.coordinating_units == ("so-tu-phap", "all-districts", "001", "so-lao-dong-thuong-binh-va-xa-hoi")


def test_a_coordinating_unit_counts_once_however_it_is_written(read: Read) -> None:
    wording = "Sở Tư pháp; SỞ TƯ PHÁP; so-tu-phap; sở tư pháp"
    [task] = read(text(changed(coordinating_units=wording))).tasks
    assert task.coordinating_units == ("so-tu-phap",)


def test_more_coordinating_units_than_a_task_may_have_are_a_fault(profile: Profile) -> None:
    units = [Unit(code=f"unit-{number}", name=f"Đơn vị {number}", kind=UnitKind.COMMUNE) for number in range(201)]
    everyone = [*profile.units, *units]
    directory = UnitIndex(everyone, profile.groups, ISSUED)
    unit_reader = UnitReader(everyone, profile.groups, profile.aliases, ISSUED)

    def found(most: int) -> Annex:
        wording = "; ".join(unit.code for unit in units[:most])
        table = tables.from_text(text(changed(coordinating_units=wording)), profile.plan_rules.columns)
        return annex.read(table, directory, unit_reader, profile.rules.deadline_reader(profile.calendar))

    assert found(200).faults == []
    assert [(fault.row, fault.field) for fault in found(201).faults] == [(1, "coordinating_units")]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b", b"", "không có bảng".encode(), HEADINGS.encode()])
def test_not_a_plan_at_all(profile: Profile, content: bytes) -> None:
    with pytest.raises(Unreadable):
        tables.from_text(tables.decoded(content), profile.plan_rules.columns)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(profile: Profile, content: str) -> None:
    unit_index, unit_reader = profile.unit_index(ISSUED, empty=True), profile.unit_reader(ISSUED, empty=True)
    for reader in (tables.from_text, tables.from_csv):
        try:
            table = reader(f"{HEADINGS}\n{content}", profile.plan_rules.columns)
        except Unreadable:
            continue
        annex.read(table, unit_index, unit_reader, profile.rules.deadline_reader(profile.calendar))


WORDS = st.lists(st.text("ABCĐabcđêộ0123456789/", min_size=1, max_size=8), min_size=2, max_size=12)


@given(words=WORDS, data=st.data())
def test_a_row_split_between_words_comes_together_again(
    profile: Profile, words: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(words) - 1))
    halves = changed(title=" ".join(words[:at])), ["", " ".join(words[at:]), "", "", "", "", ""]
    table = tables.from_text("\n".join([text(halves[0]), "", text(halves[1])]), profile.plan_rules.columns)
    assert [row.cells["title"] for row in table.rows] == [" ".join(words)]
