"""Effects of the actions of a task: the changed state, and the event that records it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.contract.events import task as events
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from tasks_api.tasks.domain import Rollup, Task, due_at
from tasks_api.tasks.rules import ExtensionRules


def assign(task: Task) -> Change[Task]:
    """The first state of a task."""
    return _change(task, events.TaskAssigned, petition=task.petition)


def start(step: Step[Task]) -> Change[Task]:
    """Work begins; a proposal to close is gone."""
    return _change(step.after, events.TaskStarted)


def report(step: Step[Task]) -> Change[Task]:
    """The report waits for its approvals, as of now."""
    return _change(_replace(step.after, reported_at=step.at), events.TaskReported)


def approve(step: Step[Task]) -> Change[Task]:
    """The first approval endorses the report, the second completes the task, as of the report."""
    before, after = step.before, step.after
    if after.status is TaskStatus.REPORTED:
        return _change(_replace(after, approvals=before.approvals + 1), events.TaskReportEndorsed)
    completed = _replace(after, approvals=0, reported_at=None, completed_at=before.reported_at)
    return _change(completed, events.TaskCompleted)


def reject(step: Step[Task]) -> Change[Task]:
    """The report is gone with its approvals."""
    after = _replace(step.after, approvals=0, reported_at=None)
    return _change(after, events.TaskReportRejected, level=step.before.approvals + 1)


def request_extension(step: Step[Task], due_on: date, rules: ExtensionRules) -> Change[Task]:
    """The task waits for the decision on a later deadline. Raises `RuleBroken` if the rules do not allow that day."""
    _check_extension(step.before, due_on, step.at, rules)
    after = _replace(step.after, requested_due_on=due_on)
    return _change(after, events.TaskExtensionRequested, requested_due_on=due_on)


def grant_extension(step: Step[Task], calendar: WorkingCalendar) -> Change[Task]:
    """The requested day becomes the last day."""
    before = step.before
    after = _replace(
        step.after,
        due_on=before.requested_due_on,
        due_at=due_at(before.requested_due_on, calendar),
        requested_due_on=None,
        extensions=before.extensions + 1,
    )
    return _change(after, events.TaskExtensionGranted, former_due_on=before.due_on)


def deny_extension(step: Step[Task]) -> Change[Task]:
    """The request is gone; the deadline stays."""
    return _change(_replace(step.after, requested_due_on=None), events.TaskExtensionDenied)


def return_(step: Step[Task], reason: TaskReturnReason) -> Change[Task]:
    """The lead passes back to the assigning unit. Raises `RuleBroken` if it is the lead."""
    before = step.before
    if before.unit == before.assigning_unit:
        raise RuleBroken("unit", "đã ở cơ quan giao nhiệm vụ", "it is with the assigning unit already")
    after = _handed_over(step.after, before.assigning_unit)
    return _change(after, events.TaskReturned, from_unit=before.unit, to_unit=after.unit, reason=reason)


def transfer(step: Step[Task], unit: str) -> Change[Task]:
    """The lead passes to another unit. Raises `RuleBroken` if that one is the lead."""
    before = step.before
    if unit == before.unit:
        raise RuleBroken("unit", "đang chủ trì nhiệm vụ này", "leads this task already")
    after = _handed_over(step.after, unit)
    return _change(after, events.TaskTransferred, from_unit=before.unit, to_unit=after.unit)


def propose_close(step: Step[Task]) -> Change[Task]:
    """The task waits for the decision to close it."""
    return _change(step.after, events.TaskCloseProposed)


def close(step: Step[Task]) -> Change[Task]:
    """The task ends without being completed."""
    return _change(step.after, events.TaskClosed)


def roll_up(parent: Task, rollup: Rollup, child: str) -> Change[Task]:
    """The parent in the state that its children give it, after the change of one of them."""
    after = _replace(parent, status=rollup.status, completed_at=rollup.completed_at, version=parent.version + 1)
    kinds: Mapping[TaskStatus, type[events.TaskState]] = {
        TaskStatus.COMPLETED: events.TaskCompleted,
        TaskStatus.CLOSED: events.TaskClosed,
    }
    return _change(after, kinds.get(rollup.status, events.TaskStarted))._replace(details={"child": child})


def _replace(task: Task, **fields: Any) -> Task:
    return msgspec.structs.replace(task, **fields)


def _change(task: Task, kind: type[events.TaskState], **more: Any) -> Change[Task]:
    """The change with its event, which carries no free text."""
    event = kind(
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
    return Change(task, event)


def _handed_over(task: Task, to: str) -> Task:
    """The task with another lead; the former one keeps the right to read it."""
    former = (*(unit for unit in task.former_leads if unit not in {to, task.lead_unit}), task.lead_unit)
    coordinating = tuple(unit for unit in task.coordinating_units if unit != to)
    return _replace(
        task, lead_unit=to, former_leads=former, coordinating_units=coordinating, handovers=task.handovers + 1
    )


def _check_extension(task: Task, due_on: date, now: datetime, rules: ExtensionRules) -> None:
    if task.due_on is None or task.due_at is None:
        raise RuleBroken("due_on", "nhiệm vụ không có thời hạn", "the task has no deadline")
    most = rules.most.value
    if task.extensions >= most:
        raise RuleBroken("due_on", f"chỉ được gia hạn {most} lần", f"a task is extended at most {most} times")
    days = rules.ask_within_days_after_deadline.value
    if now >= task.due_at + timedelta(days=days):
        raise RuleBroken("due_on", f"đã quá hạn hơn {days} ngày", f"the deadline passed more than {days} days ago")
    longest = rules.longest(task.source)
    if not task.due_on < due_on <= task.due_on + timedelta(days=longest):
        raise RuleBroken(
            "due_on",
            f"phải sau hạn cũ {task.due_on}, nhiều nhất {longest} ngày",
            f"must be after the old deadline {task.due_on}, by at most {longest} days",
        )
