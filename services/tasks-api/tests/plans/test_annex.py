"""From the rows of an annex to tasks."""

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from cchc_shared.files.unreadable import Unreadable
from tasks_api.annexes import reading
from tasks_api.annexes.rules import AnnexRules
from tasks_api.naming.reader import UnitReader
from tasks_api.plans.annex import AnnexReader, running_numbers
from tasks_api.plans.domain import Answers, Doubt, ReadPlan, RowState
from tasks_api.units.domain import Unit, UnitIndex
from tests.support.tasks import Profile

ISSUED = date(2024, 5, 1)
EXPECTED = Path(__file__).with_name("annex_2024.csv")
RULES = AnnexRules.load(Path(__file__).parents[4] / "data" / "hanoi")
FIELDS = ("number", "title", "lead_unit", "coordinating_units", "due_text", "product", "source")
HEADINGS = "\t".join(
    ["TT", "Tên nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian hoàn thành", "Sản phẩm/ Kết quả", "Nguồn"]
)
ROW = ["1.", "Báo cáo", "Sở Nội vụ", "Sở Tư pháp", "Quý II/2024", "Báo cáo", "Kế hoạch"]

Read = Callable[..., ReadPlan]


@pytest.fixture(scope="session")
def read(profile: Profile) -> Read:
    """Reads a text as the annex of a plan of May 2024."""
    unit_index, unit_reader = profile.unit_index(ISSUED), profile.unit_reader(ISSUED)
    deadlines = profile.rules.deadline_reader(profile.calendar)

    def read(
        content: str | bytes, name: str = "annex.txt", *, answers: Answers | None = None, own: str | None = None
    ) -> ReadPlan:
        answers = answers or Answers()
        given = content.encode() if isinstance(content, str) else content
        document = reading.read(given, name, RULES, answers.columns)
        return AnnexReader(unit_index, unit_reader, deadlines, answers, own).read(document)

    return read


def text(*rows: Sequence[str]) -> str:
    return "\n".join([HEADINGS, *("\t".join(row) for row in rows)])


def changed(**cells: str) -> list[str]:
    """The row with some of its cells changed, by field."""
    return [cells.get(name, cell) for name, cell in zip(FIELDS, ROW, strict=True)]


def doubts(found: ReadPlan) -> list[tuple[int, str, bool]]:
    return [(each.row.line, doubt.field, doubt.blocking) for each in found.rows for doubt in each.row.doubts]


def test_the_published_annex_cell_by_cell(profile: Profile, read: Read) -> None:
    found = read(profile.plan.content)
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))[1:]
    assert len(found.rows) == len(found.drafts) == len(expected) == 11
    for each, (number, title, lead, helping, due_text, due_on, product, source) in zip(
        found.rows, expected, strict=True
    ):
        [task] = each.drafts
        assert (each.row.cells["lead_unit"], each.row.cells["coordinating_units"]) == (lead, helping)
        assert (str(task.number), task.title, task.due_text, str(task.due_on), task.product, task.source) == (
            number, title, due_text, due_on, product, source,
        )  # fmt: skip
    assert {line for line, _, _ in doubts(found)} == {5}, "the row that a page break split"


def test_only_the_ninth_fans_out(profile: Profile, read: Read) -> None:
    tasks = read(profile.plan.content).drafts
    units = [unit for unit in profile.units if unit.valid_on(ISSUED)]
    members = {unit.code for unit in units if unit.kind in {"department", "district"}}
    assert {task.number: set(task.fan_out) for task in tasks if task.fan_out} == {9: members}
    assert tasks[4].source == "Kế hoạch số 313/KH-UBND ngày 22/12/2023 của UBND Thành phố"
    assert tasks[6].lead_unit == "vien-nghien-cuu-phat-trien-kinh-te-xa-hoi-ha-noi"


def test_the_same_table_as_csv(profile: Profile, read: Read) -> None:
    found, published = read(EXPECTED.read_bytes(), "annex.csv"), read(profile.plan.content)
    same = ("title", "lead_unit", "coordinating_units", "due_text", "due_on", "product", "source", "fan_out", "number")
    assert [[getattr(task, name) for name in same] for task in found.drafts] == [
        [getattr(task, name) for name in same] for task in published.drafts
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_english_headings(read: Read, delimiter: str) -> None:
    lines = [["number", "title", "lead_unit", "due"], ["1", "Report", "so-noi-vu", "31/12/2024"]]
    found = read("\r\n".join(delimiter.join(line) for line in lines), "annex.csv")
    [task] = found.drafts
    assert (task.title, task.lead_unit, task.due_on) == ("Report", "so-noi-vu", date(2024, 12, 31))


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"title": ""}, "title"),
        ({"lead_unit": ""}, "lead_unit"),
        ({"lead_unit": "Sở Vũ trụ"}, "lead_unit"),
        ({"lead_unit": "Sở Nội vụ; Sở Vũ trụ"}, "lead_unit"),
        ({"lead_unit": "Xã Kim Chung"}, "lead_unit"),
    ],
)
def test_a_row_of_which_nobody_can_say_who_leads_it_waits_alone(read: Read, cells: dict[str, str], field: str) -> None:
    found = read(text(ROW, changed(**{"number": "2."} | cells), changed(number="3.")))
    assert (2, field, True) in doubts(found)
    assert [each.row.state for each in found.rows] == [RowState.ASSIGNED, RowState.PARKED, RowState.ASSIGNED]
    assert [task.number for task in found.drafts] == [1, 3], "the others are assigned, and keep their numbers"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"due_text": "sớm"}, "due_text"),
        ({"due_text": "Quý II/2204"}, "due_text"),
        ({"coordinating_units": "Sở Vũ trụ"}, "coordinating_units"),
        ({"product": ""}, "product"),
        ({"source": ""}, "source"),
        ({"title": "x" * 2001}, "title"),
    ],
)
def test_a_doubtful_cell_is_said_and_the_row_is_assigned(read: Read, cells: dict[str, str], field: str) -> None:
    found = read(text(ROW, changed(**{"number": "2."} | cells)))
    assert (2, field, False) in doubts(found)
    assert len(found.drafts) == 2
    assert all(doubt.vi and doubt.en for each in found.rows for doubt in each.row.doubts)


def test_what_is_too_long_for_a_task_stays_whole_in_the_row(read: Read) -> None:
    [row] = read(text(changed(product="a " * 1500))).rows
    assert len(row.drafts[0].product) == 2000
    assert len(row.row.written["product"]) > 2900


def test_units_are_read_as_documents_write_them(read: Read) -> None:
    cells = {
        "lead_unit": "Giám đốc Sở KH&ĐT (đ/c Nguyễn Văn An)",
        "coordinating_units": "Sở Tư pháp, Tài chính; VP UBND TP",
    }
    [row] = read(text(changed(**cells))).rows
    [task] = row.drafts
    assert task.lead_unit == "so-ke-hoach-va-dau-tu"
    assert task.coordinating_units == ("so-tu-phap", "so-tai-chinh", "van-phong-ubnd-thanh-pho")
    assert "Nguyễn" not in row.row.written["lead_unit"] + row.row.cells["lead_unit"], "persons are not kept"
    assert [doubt.field for doubt in row.row.doubts] == ["lead_unit"]


def test_several_leads_have_a_task_each(read: Read) -> None:
    tasks = read(text(changed(lead_unit="Sở Nội vụ; Sở Tư pháp và Sở Tài chính"))).drafts
    assert [(task.lead_unit, task.number, task.part) for task in tasks] == [
        ("so-noi-vu", 1, 1), ("so-tu-phap", 1, 2), ("so-tai-chinh", 1, 3),
    ]  # fmt: skip


def test_who_imports_for_one_unit_assigns_to_it_alone(read: Read) -> None:
    found = read(text(ROW, changed(number="2.", lead_unit="Sở Y tế")), own="so-noi-vu")
    assert [each.row.state for each in found.rows] == [RowState.ASSIGNED, RowState.PARKED]


def test_an_answer_ends_a_doubt(read: Read) -> None:
    content = text(changed(lead_unit="Ban Sao Hỏa", coordinating_units="Ban Sao Kim, Sở Y tế", due_text="khi nào xong"))
    [waiting] = read(content).rows
    assert [(d.field, d.wording) for d in waiting.row.doubts] == [
        ("lead_unit", "Ban Sao Hỏa"), ("coordinating_units", "Ban Sao Kim"), ("due_text", "khi nào xong"),
    ]  # fmt: skip
    answers = Answers(
        units={"ban sao hoả": ("so-noi-vu",), "Ban Sao Kim": ()}, deadlines={"Khi nào xong": date(2024, 9, 1)}
    )
    [row] = read(content, answers=answers).rows
    [task] = row.drafts
    assert (task.lead_unit, task.coordinating_units, task.due_on) == ("so-noi-vu", ("so-y-te",), date(2024, 9, 1))
    assert row.row.doubts == ()


def test_a_unit_that_has_ended_is_said_once_with_its_successor(profile: Profile) -> None:
    day = date(2025, 12, 1)
    deadlines = profile.rules.deadline_reader(profile.calendar)
    reader = AnnexReader(profile.unit_index(day), profile.unit_reader(day), deadlines, Answers())
    ended = text(changed(lead_unit="Sở Tài nguyên và Môi trường", due_text="31/12/2025"))
    [row] = reader.read(reading.read(ended.encode(), "a.txt", RULES)).rows
    [doubt] = [each for each in row.row.doubts if each.field == "lead_unit"]
    assert (doubt.blocking, "Sở Nông nghiệp và Môi trường" in doubt.vi) == (True, True)


def test_coordinating_units_apart(read: Read) -> None:
    wording = "Sở Tư pháp; UBND các quận, huyện, thị xã; UBND quận Ba Đình, Sở Lao động - Thương binh và Xã hội"
    [task] = read(text(changed(coordinating_units=wording))).drafts
    assert task.coordinating_units == ("so-tu-phap", "all-districts", "001", "so-lao-dong-thuong-binh-va-xa-hoi")


def test_a_coordinating_unit_counts_once_however_it_is_written(read: Read) -> None:
    [task] = read(text(changed(coordinating_units="Sở Tư pháp; SỞ TƯ PHÁP; so-tu-phap; sở tư pháp"))).drafts
    assert task.coordinating_units == ("so-tu-phap",)


def test_more_coordinating_units_than_a_task_may_have_wait_for_an_answer(profile: Profile) -> None:
    units = [Unit(code=f"unit-{number}", name=f"Đơn vị {number}", kind=UnitKind.COMMUNE) for number in range(201)]
    everyone = [*profile.units, *units]
    reader = AnnexReader(
        UnitIndex(everyone, profile.groups, ISSUED),
        UnitReader(everyone, profile.groups, profile.aliases, ISSUED),
        profile.rules.deadline_reader(profile.calendar),
        Answers(),
    )

    def found(most: int) -> tuple[Doubt, ...]:
        wording = "; ".join(unit.code for unit in units[:most])
        document = reading.read(text(changed(coordinating_units=wording)).encode(), "a.txt", RULES)
        return reader.read(document).rows[0].row.doubts

    assert found(200) == ()
    assert [(doubt.field, doubt.blocking) for doubt in found(201)] == [("coordinating_units", True)]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (["1.", "2.", "3"], [1, 2, 3]),
        (["1", "3", "7"], [1, 3, 7]),
        (["1", "2", "1"], [1, 2, 3]),
        (["I.1", "I.2"], [1, 2]),
        (["a)", "b)"], [1, 2]),
        (["", ""], [1, 2]),
        (["0", "1"], [1, 2]),
        (["một", "hai"], [1, 2]),
    ],
)
def test_numbers_stay_as_written_where_they_tell_rows_apart(written: list[str], numbers: list[int]) -> None:
    assert running_numbers(written) == numbers


@given(st.lists(st.text("0123456789.)ab ", max_size=6), max_size=20))
def test_no_two_rows_have_one_number(written: list[str]) -> None:
    numbers = running_numbers(written)
    assert len(numbers) == len(written) == len(set(numbers))


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(profile: Profile, content: str) -> None:
    unit_index, unit_reader = profile.unit_index(ISSUED, empty=True), profile.unit_reader(ISSUED, empty=True)
    reader = AnnexReader(unit_index, unit_reader, profile.rules.deadline_reader(profile.calendar), Answers())
    for name in ("annex.txt", "annex.csv"):
        try:
            document = reading.read(f"{HEADINGS}\n{content}".encode(errors="replace"), name, RULES)
        except Unreadable:
            continue
        found = reader.read(document)
        assert all(each.drafts or each.row.state is RowState.PARKED for each in found.rows)
