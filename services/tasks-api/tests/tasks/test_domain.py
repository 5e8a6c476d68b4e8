"""What follows from a task's own state, and from its children's."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.rules import RuleBroken
from tasks_api.deadlines.domain import Rhythm, Trigger
from tasks_api.tasks.domain import (
    Rollup,
    Schedule,
    Task,
    UnitRole,
    check_within,
    due_at,
    rolled_up,
    schedule_of,
    unit_roles,
)
from tests.support.tasks import Profile

DUE_AT = datetime(2026, 6, 30, 17, tzinfo=UTC)
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)
TASK = Task(
    id=1,
    code="NV-1",
    title="x",
    lead_unit="A",
    assigning_unit="O",
    assigned_at=DUE_AT - 30 * DAY,
    former_leads=("B", "C"),
    due_on=date(2026, 6, 30),
    due_at=DUE_AT,
)
ENDED = [TaskStatus.COMPLETED, TaskStatus.CLOSED]


def test_a_task_is_late_after_its_local_day(profile: Profile) -> None:
    assert due_at(date(2026, 6, 30), profile.calendar) == DUE_AT
    assert due_at(None, profile.calendar) is None


def test_a_task_is_overdue_from_its_due_instant_until_it_ends() -> None:
    assert not TASK.overdue(DUE_AT - INSTANT)
    assert TASK.overdue(DUE_AT)
    assert not any(replace(TASK, status=status).overdue(DUE_AT) for status in ENDED)
    assert not replace(TASK, due_at=None).overdue(DUE_AT)


def test_a_task_is_due_soon_while_its_last_day_is_near() -> None:
    soon = {"two days and more": DUE_AT - 3 * DAY - INSTANT, "two days": DUE_AT - 3 * DAY, "over": DUE_AT}
    assert {name: TASK.due_soon(now, 2) for name, now in soon.items()} == {
        "two days and more": False,
        "two days": True,
        "over": False,
    }
    assert TASK.due_soon(DUE_AT - INSTANT, 0)
    assert not any(replace(TASK, status=status).due_soon(DUE_AT - INSTANT, 2) for status in ENDED)
    assert not replace(TASK, due_at=None).due_soon(DUE_AT - INSTANT, 2)


def test_a_report_at_the_due_instant_is_late() -> None:
    assert replace(TASK, completed_at=DUE_AT).completed_late
    assert not replace(TASK, completed_at=DUE_AT - INSTANT).completed_late
    assert not TASK.completed_late
    assert not replace(TASK, completed_at=DUE_AT, due_at=None).completed_late


def test_a_child_is_due_within_its_parents_time() -> None:
    check_within(TASK, date(2026, 6, 30))
    check_within(replace(TASK, due_on=None), None)
    check_within(replace(TASK, due_on=None), date(2030, 1, 1))
    for due_on in (None, date(2026, 7, 1)):
        with pytest.raises(RuleBroken) as broken:
            check_within(TASK, due_on)
        assert broken.value.field == "due_on"
        assert "2026-06-30" in broken.value.message.vi
        assert "2026-06-30" in broken.value.message.en


def test_a_unit_may_have_several_roles() -> None:
    assert unit_roles(TASK, ["B", "D"], ["A"]) == {
        "A": [UnitRole.LEAD, UnitRole.RELATED],
        "B": [UnitRole.COORDINATING, UnitRole.FORMER_LEAD],
        "C": [UnitRole.FORMER_LEAD],
        "D": [UnitRole.COORDINATING],
        "O": [UnitRole.ASSIGNING],
    }


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ([(TaskStatus.NOT_STARTED, None)] * 2, Rollup(TaskStatus.NOT_STARTED, None)),
        ([(TaskStatus.NOT_STARTED, None), (TaskStatus.IN_PROGRESS, None)], Rollup(TaskStatus.IN_PROGRESS, None)),
        ([(TaskStatus.REPORTED, None)], Rollup(TaskStatus.IN_PROGRESS, None)),
        ([(TaskStatus.COMPLETED, DUE_AT), (TaskStatus.NOT_STARTED, None)], Rollup(TaskStatus.IN_PROGRESS, None)),
        ([(TaskStatus.CLOSED, None)] * 2, Rollup(TaskStatus.CLOSED, None)),
        (
            [(TaskStatus.COMPLETED, DUE_AT), (TaskStatus.CLOSED, None), (TaskStatus.COMPLETED, DUE_AT - DAY)],
            Rollup(TaskStatus.COMPLETED, DUE_AT),
        ),
    ],
)
def test_a_fanned_out_task_follows_its_children(
    children: list[tuple[TaskStatus, datetime | None]], expected: Rollup
) -> None:
    assert rolled_up(children) == expected


def test_a_schedule_is_what_a_deadline_says_beside_its_day(profile: Profile) -> None:
    reader, issued_on = profile.rules.deadline_reader(profile.calendar), date(2026, 1, 5)
    assert schedule_of(reader.read("30/6/2026", issued_on)) is None
    assert schedule_of(reader.read("Theo tiến độ", issued_on)) is None
    monthly = schedule_of(reader.read("Ngày 20 hằng tháng", issued_on))
    assert monthly == Schedule(rhythm=(Rhythm(every="monthly", day=20),))
    assert monthly.recurs
    always = schedule_of(reader.read("Thường xuyên", issued_on))
    assert always == Schedule(rhythm=(Rhythm(every="continuous"),))
    assert not always.recurs
    several = schedule_of(reader.read("Tháng 6, tháng 12/2026", issued_on))
    assert several == Schedule(milestones=(date(2026, 6, 30), date(2026, 12, 31)))
    after = schedule_of(reader.read("5 ngày làm việc kể từ khi có kết quả thẩm định", issued_on))
    assert after == Schedule(trigger=Trigger(days=5, working=True, after="có kết quả thẩm định"))
