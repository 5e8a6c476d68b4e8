"""The table of states, and what walking it does to a task."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.contract.events.task import TaskState
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step, Transition
from tasks_api.deadlines.domain import Rhythm, Trigger
from tasks_api.tasks import effects
from tasks_api.tasks.domain import ENDED, Handover, Receiving, Schedule, Task
from tasks_api.tasks.transitions import TABLE, Party, TaskAction
from tests.support.tasks import Profile
from tests.support.workflow import Machine, moved

START = datetime(2024, 6, 3, 3, tzinfo=UTC)
LATER = date(2024, 7, 10)


def task(**more: object) -> Task:
    fields: dict[str, Any] = {
        "id": 1,
        "code": "NV-2024-000001",
        "title": "Báo cáo",
        "lead_unit": "so-noi-vu",
        "assigning_unit": "01",
        "assigned_at": START,
        "due_on": date(2024, 6, 30),
        "due_at": datetime(2024, 6, 30, 17, tzinfo=UTC),
    }
    return Task(**fields | more)


def approved(before: Task, row: Transition[Task]) -> Task:
    """The step of a row with the count of approvals, at which guards look."""
    counts = row.action is TaskAction.APPROVE and row.target is TaskStatus.REPORTED
    return msgspec.structs.replace(moved(before, row), approvals=1 if counts else 0)


MONTHLY = Schedule(rhythm=(Rhythm(every="monthly"),))
UNDATED: dict[str, Any] = {"due_on": None, "due_at": None}
WAITING = task(**UNDATED, schedule=Schedule(trigger=Trigger(days=5, working=True, after="có kết quả thẩm định")))
RECURRING = task(**UNDATED, schedule=MONTHLY)

MACHINE = Machine(
    TABLE,
    begin=[
        task(),
        task(handovers=1),
        task(fanned_out=True),
        task(fanned_out=True, status=TaskStatus.IN_PROGRESS),
        task(**UNDATED),
        WAITING,
        RECURRING,
        msgspec.structs.replace(RECURRING, status=TaskStatus.IN_PROGRESS),
    ],
    step=approved,
    statuses=TaskStatus,
    actions=TaskAction,
    parties=Party,
    ends=(),
    waiting=lambda task: task.follows_children or task.ended,
)
TestAnySequence = MACHINE.sequences()


def test_the_table_is_sound() -> None:
    MACHINE.check()


def receiving(profile: Profile) -> Receiving:
    return Receiving(profile.calendar, profile.rules.receiving_working_days.value)


def effects_of(profile: Profile, due_on: date, unit: str) -> Mapping[TaskAction, Callable[[Step[Task]], Change[Task]]]:
    return {
        TaskAction.START: effects.start,
        TaskAction.REPORT: partial(effects.report, by="officer"),
        TaskAction.APPROVE: partial(effects.approve, by="head"),
        TaskAction.REJECT: partial(effects.reject, calendar=profile.calendar),
        TaskAction.REQUEST_EXTENSION: partial(
            effects.request_extension, due_on=due_on, rules=profile.rules.extensions, calendar=profile.calendar
        ),
        TaskAction.GRANT_EXTENSION: partial(effects.grant_extension, calendar=profile.calendar),
        TaskAction.DENY_EXTENSION: effects.deny_extension,
        TaskAction.RETURN: partial(
            effects.return_, reason=TaskReturnReason.OUT_OF_COMPETENCE, receiving=receiving(profile)
        ),
        TaskAction.TRANSFER: partial(effects.transfer, unit=unit, receiving=receiving(profile), by_office=False),
        TaskAction.MARK_UNJUSTIFIED: partial(effects.judge_handover, handover=Handover(2, "so-noi-vu", START, None)),
        TaskAction.SET_DEADLINE: partial(effects.set_deadline, due_on=due_on, calendar=profile.calendar),
        TaskAction.CONFIRM_TRIGGER: partial(
            effects.confirm_trigger, happened_on=due_on - timedelta(days=7), calendar=profile.calendar
        ),
        TaskAction.PROPOSE_CLOSE: effects.propose_close,
        TaskAction.CLOSE: effects.close,
        TaskAction.ASSIGN_OFFICER: partial(effects.assign_officer, officer="an", by="an", by_head=False),
        TaskAction.URGE: partial(effects.urge, by_unit="01"),
    }


def do(
    profile: Profile,
    before: Task,
    action: TaskAction,
    at: datetime = START,
    *,
    due_on: date = LATER,
    unit: str = "so-tu-phap",
) -> Change[Task]:
    row = TABLE.row(before, action)
    assert row is not None, (before.status, action)
    after = msgspec.structs.replace(before, status=TaskStatus(row.target), version=before.version + 1)
    return effects_of(profile, due_on, unit)[action](Step(before, after, at))


def test_one_row_for_each_state_and_action() -> None:
    for status in TaskStatus:
        for approvals in (0, 1):
            actions = [row.action for row in TABLE.rows if row.applies_to(task(status=status, approvals=approvals))]
            assert len(actions) == len(set(actions)), status
    assert {row.action for row in TABLE.rows} == set(TaskAction)


def test_ends_have_no_way_out() -> None:
    for status in ENDED:
        assert TABLE.possible(task(status=status), set(Party)) == []


def test_a_fanned_out_task_is_moved_by_its_children_or_its_office() -> None:
    for status in TaskStatus:
        state = task(status=status, fanned_out=True)
        is_open = status in {TaskStatus.NOT_STARTED, TaskStatus.IN_PROGRESS}
        assert TABLE.possible(state, {Party.LEAD_STAFF, Party.LEAD_HEAD}) == [TaskAction.URGE] * is_open
        by_office = [TaskAction.GRANT_EXTENSION, TaskAction.CLOSE, TaskAction.URGE] if is_open else []
        by_office += [TaskAction.URGE] * (status is TaskStatus.REPORTED)
        assert TABLE.possible(state, {Party.ASSIGNER}) == by_office


def test_each_approval_is_possible_for_its_own_party() -> None:
    for approvals, party, other in ((0, Party.LEAD_HEAD, Party.ASSIGNER), (1, Party.ASSIGNER, Party.LEAD_HEAD)):
        waiting = task(status=TaskStatus.REPORTED, approvals=approvals)
        assert TABLE.possible(waiting, {party}) == [TaskAction.APPROVE, TaskAction.REJECT]
        urging = [TaskAction.URGE] if other is Party.ASSIGNER else []
        assert TABLE.possible(waiting, {other}) == urging, "who waits may urge who decides"


def test_start_report_approve_approve(profile: Profile) -> None:
    now = task()
    kinds = []
    for hours, action in enumerate([TaskAction.START, TaskAction.REPORT, TaskAction.APPROVE, TaskAction.APPROVE]):
        now, event, *_ = do(profile, now, action, at=START + timedelta(hours=hours))
        kinds.append(type(event).__name__)
    assert kinds == ["TaskStarted", "TaskReported", "TaskReportEndorsed", "TaskCompleted"]
    assert now.status is TaskStatus.COMPLETED
    assert now.completed_at == START + timedelta(hours=1), "a slow approval is not booked to the unit"
    assert now.version == 5


@pytest.mark.parametrize(("approvals", "level"), [(0, 1), (1, 2)])
def test_a_rejection_at_either_level_begins_again(profile: Profile, approvals: int, level: int) -> None:
    after, event, *_ = do(
        profile, task(status=TaskStatus.REPORTED, approvals=approvals, reported_at=START), TaskAction.REJECT
    )
    assert (after.status, after.approvals, after.reported_at) == (TaskStatus.IN_PROGRESS, 0, None)
    assert event.level == level  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "due_on", "days_later", "allowed"),
    [
        ({}, date(2024, 7, 30), 0, True),
        ({}, date(2024, 7, 31), 0, False),
        ({}, date(2024, 6, 30), 0, False),
        ({"source": "Nghị quyết của Chính phủ"}, date(2024, 7, 7), 0, True),
        ({"source": "Nghị quyết của Chính phủ"}, date(2024, 7, 8), 0, False),
        ({"extensions": 1}, date(2024, 7, 10), 0, True),
        ({"extensions": 2}, date(2024, 7, 10), 0, False),
        ({}, date(2024, 7, 30), 57, True),
        ({}, date(2024, 7, 29), 57, False),
        ({}, date(2024, 7, 30), 58, False),
        ({"due_on": None, "due_at": None}, date(2024, 7, 10), 0, False),
    ],
)
def test_extensions_by_the_rules(
    profile: Profile, changes: dict[str, Any], due_on: date, days_later: int, allowed: bool
) -> None:
    before = task(status=TaskStatus.IN_PROGRESS, **changes)
    at = START + timedelta(days=days_later)
    if not allowed:
        with pytest.raises(RuleBroken) as refused:
            do(profile, before, TaskAction.REQUEST_EXTENSION, at, due_on=due_on)
        assert refused.value.field == "due_on"
        return
    asked, *_ = do(profile, before, TaskAction.REQUEST_EXTENSION, at, due_on=due_on)
    granted, event, *_ = do(profile, asked, TaskAction.GRANT_EXTENSION)
    assert (granted.due_on, granted.extensions) == (due_on, before.extensions + 1)
    assert granted.due_at == profile.calendar.end_of_day(due_on)
    assert event.former_due_on == before.due_on  # type: ignore[union-attr]
    denied, *_ = do(profile, asked, TaskAction.DENY_EXTENSION)
    assert (denied.due_on, denied.extensions, denied.requested_due_on) == (before.due_on, before.extensions, None)


def test_hand_overs_are_counted_and_the_former_lead_is_kept(profile: Profile) -> None:
    moved, *_ = do(profile, task(coordinating_units=("so-tu-phap", "so-y-te")), TaskAction.TRANSFER)
    assert (moved.lead_unit, moved.former_leads, moved.handovers) == ("so-tu-phap", ("so-noi-vu",), 1)
    assert moved.coordinating_units == ("so-y-te",), "a lead does not help itself"
    returned, event, *_ = do(profile, moved, TaskAction.RETURN)
    assert (returned.lead_unit, returned.former_leads, returned.handovers) == ("01", ("so-noi-vu", "so-tu-phap"), 2)
    assert (event.from_unit, event.to_unit, event.reason) == ("so-tu-phap", "01", "out_of_competence")  # type: ignore[union-attr]


def test_the_lead_does_not_pass_to_itself(profile: Profile) -> None:
    for before, action in ((task(), TaskAction.TRANSFER), (task(lead_unit="01"), TaskAction.RETURN)):
        with pytest.raises(RuleBroken) as refused:
            do(profile, before, action, unit=before.unit)
        assert refused.value.field == "unit"


@given(st.lists(st.sampled_from(list(TaskAction)), max_size=30))
def test_any_walk_keeps_the_invariants(profile: Profile, walk: list[TaskAction]) -> None:
    states = [task()]
    for action in walk:
        if TABLE.row(states[-1], action) is None:
            continue
        try:
            after, event, *_ = do(profile, states[-1], action)
        except RuleBroken:
            continue
        assert isinstance(event, TaskState)
        assert (event.status, event.lead_unit) == (after.status, after.unit)
        states.append(after)
    for before, after in pairwise(states):
        assert after.version == before.version + 1
        assert before.status == after.status or not before.ended, "an end is an end"
        assert after.handovers - before.handovers == (after.lead_unit != before.lead_unit)
        assert after.lead_unit not in after.former_leads
        assert (after.completed_at is not None) == (after.status is TaskStatus.COMPLETED)
        assert (after.reported_at is not None) == (after.status is TaskStatus.REPORTED)
        assert (after.requested_due_on is not None) == (after.status is TaskStatus.EXTENSION_REQUESTED)
        assert after.extensions <= profile.rules.extensions.most.value
        assert after.due_on is not None
        assert after.due_at == profile.calendar.end_of_day(after.due_on)
