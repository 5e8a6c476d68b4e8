"""The table of states, and what walking it does to a task."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import TaskStatus
from tasks_api.tasks import actions
from tasks_api.tasks.actions import Acting, Change, Command
from tasks_api.tasks.domain import ENDED, RuleBroken, Task
from tasks_api.tasks.transitions import TRANSITIONS, Action, possible, transition

START = datetime(2024, 6, 3, 3, tzinfo=UTC)
GIVEN = {
    Action.RETURN: Command(reason="out_of_competence"),
    Action.TRANSFER: Command(reason="moved", unit="so-tu-phap"),
    Action.REQUEST_EXTENSION: Command(reason="late papers", due_on=date(2024, 7, 10)),
    **dict.fromkeys((Action.REJECT, Action.DENY_EXTENSION, Action.PROPOSE_CLOSE), Command(reason="because")),
}


def task(**more: Any) -> Task:
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


def do(profile: Any, before: Task, action: Action, command: Command | None = None, at: datetime = START) -> Change:
    row = transition(before, action)
    assert row is not None, (before.status, action)
    acting = Acting(at, profile.calendar, profile.rules.extensions)
    return actions.perform(before, row, command or GIVEN.get(action, Command()), acting)


def test_one_row_for_each_state_and_action() -> None:
    keys = [(row.action, row.status, row.approvals) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))
    assert {row.action for row in TRANSITIONS} == set(Action)


def test_ends_have_no_way_out() -> None:
    for status in ENDED:
        assert list(possible(task(status=status))) == []


def test_a_fanned_out_task_is_moved_by_its_children_alone() -> None:
    assert list(possible(task(fanned_out=True))) == []


def test_start_report_approve_approve(profile: Any) -> None:
    now = task()
    kinds = []
    for hours, action in enumerate([Action.START, Action.REPORT, Action.APPROVE, Action.APPROVE]):
        now, event = do(profile, now, action, at=START + timedelta(hours=hours))
        kinds.append(type(event).__name__)
    assert kinds == ["TaskStarted", "TaskReported", "TaskReportEndorsed", "TaskCompleted"]
    assert now.status is TaskStatus.COMPLETED
    assert now.completed_at == START + timedelta(hours=1), "a slow approval is not booked to the unit"
    assert now.version == 5


@pytest.mark.parametrize(("approvals", "level"), [(0, 1), (1, 2)])
def test_a_rejection_at_either_level_begins_again(profile: Any, approvals: int, level: int) -> None:
    after, event = do(profile, task(status="reported", approvals=approvals, reported_at=START), Action.REJECT)
    assert (after.status, after.approvals, after.reported_at) == (TaskStatus.IN_PROGRESS, 0, None)
    assert event.level == level  # type: ignore[attr-defined]


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
        ({}, date(2024, 7, 10), 57, True),
        ({}, date(2024, 7, 10), 58, False),
        ({"due_on": None, "due_at": None}, date(2024, 7, 10), 0, False),
    ],
)
def test_extensions_by_the_rules(
    profile: Any, changes: dict[str, Any], due_on: date, days_later: int, allowed: bool
) -> None:
    before = task(status="in_progress", **changes)
    command = Command(reason="papers", due_on=due_on)
    at = START + timedelta(days=days_later)
    if not allowed:
        with pytest.raises(RuleBroken) as refused:
            do(profile, before, Action.REQUEST_EXTENSION, command, at)
        assert refused.value.field == "due_on"
        return
    asked, _ = do(profile, before, Action.REQUEST_EXTENSION, command, at)
    granted, event = do(profile, asked, Action.GRANT_EXTENSION)
    assert (granted.due_on, granted.extensions) == (due_on, before.extensions + 1)
    assert granted.due_at == profile.calendar.end_of_day(due_on)
    assert event.former_due_on == before.due_on  # type: ignore[attr-defined]
    denied, _ = do(profile, asked, Action.DENY_EXTENSION)
    assert (denied.due_on, denied.extensions, denied.requested_due_on) == (before.due_on, before.extensions, None)


def test_hand_overs_are_counted_and_the_former_lead_is_kept(profile: Any) -> None:
    moved, _ = do(profile, task(coordinating_units=("so-tu-phap", "so-y-te")), Action.TRANSFER)
    assert (moved.lead_unit, moved.former_leads, moved.handovers) == ("so-tu-phap", ("so-noi-vu",), 1)
    assert moved.coordinating_units == ("so-y-te",), "a lead does not help itself"
    returned, event = do(profile, moved, Action.RETURN)
    assert (returned.lead_unit, returned.former_leads, returned.handovers) == ("01", ("so-noi-vu", "so-tu-phap"), 2)
    assert (event.from_unit, event.to_unit, event.reason) == ("so-tu-phap", "01", "out_of_competence")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("action", "command", "field"),
    [
        (Action.TRANSFER, Command(unit="so-y-te"), "reason"),
        (Action.TRANSFER, Command(reason="moved"), "unit"),
        (Action.TRANSFER, Command(reason="moved", unit="so-noi-vu"), "unit"),
        (Action.RETURN, Command(reason="we are busy"), "reason"),
        (Action.PROPOSE_CLOSE, Command(), "reason"),
        (Action.START, Command(unit="so-y-te"), "unit"),
    ],
)
def test_what_an_action_needs(profile: Any, action: Action, command: Command, field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        do(profile, task(), action, command)
    assert refused.value.field == field


@given(st.lists(st.sampled_from(list(Action)), max_size=30))
def test_any_walk_keeps_the_invariants(profile: Any, walk: list[Action]) -> None:
    states = [task()]
    for action in walk:
        if transition(states[-1], action) is None:
            continue
        try:
            after, event = do(profile, states[-1], action)
        except RuleBroken:
            continue
        assert event.status == after.status
        assert event.lead_unit == after.lead_unit
        states.append(after)
    for before, after in pairwise(states):
        assert after.version == before.version + 1
        assert not before.ended, "nothing follows an end"
        assert after.handovers - before.handovers == (after.lead_unit != before.lead_unit)
        assert after.lead_unit not in after.former_leads
        assert (after.completed_at is not None) == (after.status is TaskStatus.COMPLETED)
        assert (after.reported_at is not None) == (after.status is TaskStatus.REPORTED)
        assert (after.requested_due_on is not None) == (after.status is TaskStatus.EXTENSION_REQUESTED)
        assert after.extensions <= profile.rules.extensions.most.value
        assert after.due_at == profile.calendar.end_of_day(after.due_on)
