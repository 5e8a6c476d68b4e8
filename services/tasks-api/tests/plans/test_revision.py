"""Which row of a revised document is which row of the one before."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tasks_api.plans.domain import PlanRow, ReadPlan, ReadRow, RowState
from tasks_api.plans.revision import paired
from tasks_api.tasks.domain import TaskDraft

TITLES = [
    "Rà soát thủ tục hành chính",
    "Số hóa hồ sơ lưu trữ",
    "Tập huấn công chức một cửa",
    "Khảo sát sự hài lòng của người dân",
    "Công khai kết quả chấm điểm",
]


def row(title: str, line: int, *, number: str = "", due: str = "Quý II", tasks: tuple[str, ...] = ("KH.1",)) -> PlanRow:
    return PlanRow(
        line=line,
        number=line,
        written_number=number,
        sections=(),
        annex="",
        cells={"title": title, "due_text": due, "lead_unit": "Sở Nội vụ"},
        written={},
        inherited={},
        state=RowState.ASSIGNED,
        tasks=tasks,
    )


def read(*rows: PlanRow) -> ReadPlan:
    drafts = [TaskDraft(title=each.title, lead_unit="so-noi-vu", number=each.number) for each in rows]
    return ReadPlan(rows=tuple(ReadRow(row=each, drafts=(draft,)) for each, draft in zip(rows, drafts, strict=True)))


def test_a_row_that_says_the_same_stays_what_it_became() -> None:
    [pair] = paired([row(TITLES[0], 4, tasks=("KH.4",))], read(row(TITLES[0], 1, tasks=())), 1)
    assert pair.after is not None
    assert (pair.fields, pair.after.drafts, pair.after.row.tasks, pair.after.row.number) == ((), (), ("KH.4",), 4)


def test_a_row_that_waited_is_looked_at_again() -> None:
    waiting = replace(row(TITLES[0], 1, tasks=()), state=RowState.PARKED)
    [pair] = paired([waiting], read(row(TITLES[0], 1)), 1)
    assert pair.after is not None
    assert (pair.fields, len(pair.after.drafts)) == ((), 1)


def test_a_title_reworded_under_its_number_is_the_same_row() -> None:
    [pair] = paired([row(TITLES[0], 1, number="1")], read(row(f"{TITLES[0]} năm 2026", 1, number="1")), 1)
    assert (pair.fields, pair.before is not None) == (("title",), True)


def test_another_task_under_the_same_number_is_another_row() -> None:
    pairs = paired([row(TITLES[0], 1, number="1")], read(row(TITLES[3], 1, number="1")), 1)
    assert [(pair.before is None, pair.after is None) for pair in pairs] == [(True, False), (False, True)]
    assert pairs[0].after is not None
    assert pairs[0].after.row.number == 2, "the number of what is gone is not used again"


PLANS = st.lists(st.tuples(st.sampled_from(TITLES), st.sampled_from(["Quý II", "Quý III"])), max_size=7)


@given(before=PLANS, after=PLANS)
def test_every_row_stands_in_one_pair(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    old = [row(title, line, due=due) for line, (title, due) in enumerate(before, 1)]
    new = [row(title, line, due=due) for line, (title, due) in enumerate(after, 1)]
    pairs = paired(old, read(*new), len(old))
    assert sorted(pair.before.line for pair in pairs if pair.before) == [each.line for each in old]
    assert [pair.after.row.line for pair in pairs if pair.after] == [each.line for each in new]
    numbers = [pair.after.row.number for pair in pairs if pair.after]
    assert len(set(numbers)) == len(numbers)
    kept = sum(min(sum(t == title for t, _ in before), sum(t == title for t, _ in after)) for title in TITLES)
    assert sum(1 for pair in pairs if pair.before and pair.after) == kept, "a row is found again by its title"


@given(plan=PLANS, order=st.randoms(use_true_random=False))
def test_the_same_rows_in_another_order_change_nothing(plan: list[tuple[str, str]], order: object) -> None:
    plan = list(dict(plan).items())
    old = [row(title, line, due=due) for line, (title, due) in enumerate(plan, 1)]
    order.shuffle(plan)  # type: ignore[attr-defined]
    pairs = paired(old, read(*(row(title, line, due=due) for line, (title, due) in enumerate(plan, 1))), len(old))
    assert all(pair.before and pair.after and not pair.fields and not pair.after.drafts for pair in pairs)
