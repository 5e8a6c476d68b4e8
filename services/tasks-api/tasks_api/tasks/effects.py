"""What each action does to a task, and the event that tells of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, cast

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import task as events
from tasks_api.rules import ExtensionRules
from tasks_api.tasks.domain import Rollup, RuleBroken, Task, due_at
from tasks_api.tasks.transitions import Action, Transition

RETURN_REASONS = ("out_of_competence", "belongs_to_requester")


class Command(msgspec.Struct, frozen=True):
    """What the caller gave with an action."""

    reason: str | None = None
    due_on: date | None = None
    unit: str | None = None
    content: str | None = None

    def check(self, row: Transition) -> None:
        """Everything the action needs is there, and nothing it would not look at. Raises `RuleBroken`."""
        given = {name for name in ("due_on", "unit", "reason") if getattr(self, name)}
        for name in sorted(row.needs - given):
            raise RuleBroken(name, "là bắt buộc với thao tác này", "is required by this action")
        for name in sorted(given - row.needs - {"reason"}):
            raise RuleBroken(name, "không dùng trong thao tác này", "is not used by this action")


class Change(NamedTuple):
    """A task after something happened to it, and the event that says so."""

    task: Task
    event: events.TaskState


class Acting(NamedTuple):
    """What actions look at besides the task."""

    now: datetime
    calendar: WorkingCalendar
    extensions: ExtensionRules


def perform(task: Task, row: Transition, command: Command, acting: Acting) -> Change:
    """Take one row of the table. Raises `RuleBroken` when the rules do not allow it."""
    command.check(row)
    after = msgspec.structs.replace(task, status=row.to, version=task.version + 1)
    return _EFFECTS[row.action](after, task, command, acting)


def assigned(task: Task) -> Change:
    return Change(task, state(task, events.TaskAssigned))


def follow_children(task: Task, rollup: Rollup) -> Change:
    """The parent as its children make it."""
    after = msgspec.structs.replace(
        task, status=rollup.status, completed_at=rollup.completed_at, version=task.version + 1
    )
    kinds: Mapping[TaskStatus, type[events.TaskState]] = {
        TaskStatus.COMPLETED: events.TaskCompleted,
        TaskStatus.CLOSED: events.TaskClosed,
    }
    return Change(after, state(after, kinds.get(rollup.status, events.TaskStarted)))


def state(task: Task, kind: type[events.TaskState], **more: Any) -> events.TaskState:
    """The event's snapshot of the task; free text stays here."""
    return kind(
        code=task.code,
        lead_unit=task.lead_unit,
        status=task.status,
        assigned_at=task.assigned_at,
        plan=task.plan,
        number=None if task.number is None else str(task.number),
        parent=task.parent,
        coordinating_units=task.coordinating_units,
        fanned_out=task.fanned_out,
        due_on=task.due_on,
        due_at=task.due_at,
        completed_at=task.completed_at,
        handovers=task.handovers,
        **more,
    )


def _start(after: Task, _task: Task, _command: Command, _acting: Acting) -> Change:
    return Change(after, state(after, events.TaskStarted))


def _report(after: Task, _task: Task, _command: Command, acting: Acting) -> Change:
    after = msgspec.structs.replace(after, reported_at=acting.now)
    return Change(after, state(after, events.TaskReported))


def _approve(after: Task, task: Task, _command: Command, _acting: Acting) -> Change:
    if after.status is TaskStatus.REPORTED:
        after = msgspec.structs.replace(after, approvals=task.approvals + 1)
        return Change(after, state(after, events.TaskReportEndorsed))
    after = msgspec.structs.replace(after, approvals=0, reported_at=None, completed_at=task.reported_at)
    return Change(after, state(after, events.TaskCompleted))


def _reject(after: Task, task: Task, _command: Command, _acting: Acting) -> Change:
    after = msgspec.structs.replace(after, approvals=0, reported_at=None)
    return Change(after, state(after, events.TaskReportRejected, level=task.approvals + 1))


def _request_extension(after: Task, task: Task, command: Command, acting: Acting) -> Change:
    wanted = _allowed_extension(task, cast("date", command.due_on), acting)
    after = msgspec.structs.replace(after, requested_due_on=wanted)
    return Change(after, state(after, events.TaskExtensionRequested, requested_due_on=wanted))


def _grant_extension(after: Task, task: Task, _command: Command, acting: Acting) -> Change:
    after = msgspec.structs.replace(
        after,
        due_on=task.requested_due_on,
        due_at=due_at(task.requested_due_on, acting.calendar),
        requested_due_on=None,
        extensions=task.extensions + 1,
    )
    return Change(after, state(after, events.TaskExtensionGranted, former_due_on=task.due_on))


def _deny_extension(after: Task, _task: Task, _command: Command, _acting: Acting) -> Change:
    after = msgspec.structs.replace(after, requested_due_on=None)
    return Change(after, state(after, events.TaskExtensionDenied))


def _return(after: Task, task: Task, command: Command, _acting: Acting) -> Change:
    if command.reason not in RETURN_REASONS:
        allowed = ", ".join(RETURN_REASONS)
        raise RuleBroken("reason", f"phải là một trong: {allowed}", f"must be one of: {allowed}")
    if task.lead_unit == task.assigning_unit:
        raise RuleBroken("unit", "đã ở cơ quan giao nhiệm vụ", "it is with the assigning unit already")
    after = _handed_over(after, task.assigning_unit)
    reason = cast('Literal["out_of_competence", "belongs_to_requester"]', command.reason)
    event = state(after, events.TaskReturned, from_unit=task.lead_unit, to_unit=after.lead_unit, reason=reason)
    return Change(after, event)


def _transfer(after: Task, task: Task, command: Command, _acting: Acting) -> Change:
    if command.unit == task.lead_unit:
        raise RuleBroken("unit", "đang chủ trì nhiệm vụ này", "leads this task already")
    after = _handed_over(after, cast("str", command.unit))
    return Change(after, state(after, events.TaskTransferred, from_unit=task.lead_unit, to_unit=after.lead_unit))


def _propose_close(after: Task, _task: Task, _command: Command, _acting: Acting) -> Change:
    return Change(after, state(after, events.TaskCloseProposed))


def _close(after: Task, _task: Task, _command: Command, _acting: Acting) -> Change:
    return Change(after, state(after, events.TaskClosed))


_EFFECTS = {
    Action.START: _start,
    Action.REPORT: _report,
    Action.APPROVE: _approve,
    Action.REJECT: _reject,
    Action.REQUEST_EXTENSION: _request_extension,
    Action.GRANT_EXTENSION: _grant_extension,
    Action.DENY_EXTENSION: _deny_extension,
    Action.RETURN: _return,
    Action.TRANSFER: _transfer,
    Action.PROPOSE_CLOSE: _propose_close,
    Action.CLOSE: _close,
}


def _handed_over(task: Task, to: str) -> Task:
    """The lead passes on; the former one keeps the right to read."""
    former = (*(unit for unit in task.former_leads if unit not in {to, task.lead_unit}), task.lead_unit)
    coordinating = tuple(unit for unit in task.coordinating_units if unit != to)
    return msgspec.structs.replace(
        task, lead_unit=to, former_leads=former, coordinating_units=coordinating, handovers=task.handovers + 1
    )


def _allowed_extension(task: Task, wanted: date, acting: Acting) -> date:
    rules = acting.extensions
    if task.due_on is None or task.due_at is None:
        raise RuleBroken("due_on", "nhiệm vụ không có thời hạn", "the task has no deadline")
    if task.extensions >= rules.most.value:
        most = rules.most.value
        raise RuleBroken("due_on", f"chỉ được gia hạn {most} lần", f"a task is extended at most {most} times")
    if acting.now >= task.due_at + timedelta(days=rules.ask_within_days_after_deadline.value):
        days = rules.ask_within_days_after_deadline.value
        raise RuleBroken("due_on", f"đã quá hạn hơn {days} ngày", f"the deadline passed more than {days} days ago")
    longest = rules.longest(task.source)
    if not task.due_on < wanted <= task.due_on + timedelta(days=longest):
        raise RuleBroken(
            "due_on",
            f"phải sau hạn cũ {task.due_on}, nhiều nhất {longest} ngày",
            f"must be after the old deadline {task.due_on}, by at most {longest} days",
        )
    return wanted
