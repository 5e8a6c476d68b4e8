"""Effects of the actions of a task: the changed state, and the event that records it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.contract.events import task as events
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from tasks_api.tasks.domain import Handover, Receiving, Rollup, Task, due_at
from tasks_api.tasks.rules import ExtensionRules


def assign(task: Task) -> Change[Task]:
    """The first state of a task."""
    return _change(task, events.TaskAssigned, petition=task.petition)


def start(step: Step[Task]) -> Change[Task]:
    """Work begins; a proposal to close is gone."""
    return _change(step.after, events.TaskStarted)


def report(step: Step[Task], by: str) -> Change[Task]:
    """The report waits for its approvals, as of now."""
    return _change(_replace(step.after, reported_at=step.at, reported_by=by), events.TaskReported)


def approve(step: Step[Task], by: str) -> Change[Task]:
    """The first approval endorses the report, the second completes the task, as of the report."""
    before, after = step.before, step.after
    if after.status is TaskStatus.REPORTED:
        endorsed = _replace(after, approvals=before.approvals + 1, endorsed_by=by)
        return _change(endorsed, events.TaskReportEndorsed)
    completed = _replace(after, **_NO_REPORT, completed_at=before.reported_at)
    return _change(completed, events.TaskCompleted)


def reject(step: Step[Task], calendar: WorkingCalendar) -> Change[Task]:
    """The report is gone with its approvals.

    Where it came in time and is rejected too late, its unit has as much time left as when it reported: it does not
    answer for how long the approver took.
    """
    before, after = step.before, _replace(step.after, **_NO_REPORT)
    if before.reported_at and before.due_at and before.awaiting_approval and step.at >= before.due_at:
        due_on = last_day_before(before.due_at + (step.at - before.reported_at), calendar.timezone)
        after = _replace(after, due_on=due_on, due_at=due_at(due_on, calendar))
    return _change(after, events.TaskReportRejected, level=before.approvals + 1)


def request_extension(step: Step[Task], due_on: date, rules: ExtensionRules, calendar: WorkingCalendar) -> Change[Task]:
    """The task waits for the decision on a later deadline. Raises `RuleBroken` if the rules do not allow that day."""
    _check_extension(step.before, due_on, step.at, rules, calendar)
    after = _replace(step.after, requested_due_on=due_on)
    return _change(after, events.TaskExtensionRequested, requested_due_on=due_on)


def grant_extension(step: Step[Task], calendar: WorkingCalendar) -> Change[Task]:
    """The requested day becomes the last day. Raises `RuleBroken` if it has passed meanwhile."""
    requested = step.before.requested_due_on
    if requested is None or requested < calendar.local_date(step.at):
        raise RuleBroken("due_on", "ngày đề nghị đã qua", "has passed since it was requested")
    return _extended(step, requested, calendar)


def extend_all(step: Step[Task], due_on: date, rules: ExtensionRules, calendar: WorkingCalendar) -> Change[Task]:
    """The office gives all units of a fanned-out task more time. Raises `RuleBroken` if the rules do not allow it."""
    _check_extension(step.before, due_on, step.at, rules, calendar)
    return _extended(step, due_on, calendar)


def extend_with_parent(step: Step[Task], parent: Task, calendar: WorkingCalendar) -> Change[Task]:
    """A child that was due with its parent stays due with it. That is none of its own extensions."""
    assert parent.due_on is not None  # noqa: S101 - it was extended
    extended = _extended(step, parent.due_on, calendar)
    after = _replace(extended.after, extensions=step.before.extensions)
    return _change(after, events.TaskExtensionGranted, former_due_on=step.before.due_on)


def _extended(step: Step[Task], due_on: date, calendar: WorkingCalendar) -> Change[Task]:
    """More time does not make up for what was late already."""
    before = step.before
    missed = before.due_at if before.due_at and step.at >= before.due_at else None
    after = _replace(
        step.after,
        due_on=due_on,
        due_at=due_at(due_on, calendar),
        late_from=before.late_from or missed,
        requested_due_on=None,
        extensions=before.extensions + 1,
    )
    return _change(after, events.TaskExtensionGranted, former_due_on=before.due_on)


def deny_extension(step: Step[Task]) -> Change[Task]:
    """The request is gone; the deadline stays."""
    return _change(_replace(step.after, requested_due_on=None), events.TaskExtensionDenied)


def return_(step: Step[Task], reason: TaskReturnReason, receiving: Receiving) -> Change[Task]:
    """The lead passes back to the assigning unit. Raises `RuleBroken` if it is the lead."""
    before = step.before
    if before.unit == before.assigning_unit:
        raise RuleBroken("unit", "đã ở cơ quan giao nhiệm vụ", "it is with the assigning unit already")
    after = _handed_over(step, before.assigning_unit, receiving.due_on(before, step.at))
    after = _replace(after, due_at=due_at(after.due_on, receiving.calendar), handovers=before.handovers + 1)
    return _change(after, events.TaskReturned, from_unit=before.unit, to_unit=after.unit, reason=reason)


def transfer(
    step: Step[Task], unit: str, receiving: Receiving, *, by_office: bool, due_on: date | None = None
) -> Change[Task]:
    """The lead passes to another unit. Raises `RuleBroken` if that one is the lead, or for a day that has passed.

    Only the office may give it another last day than it has by rule.
    """
    before = step.before
    if unit == before.unit:
        raise RuleBroken("unit", "đang chủ trì nhiệm vụ này", "leads this task already")
    if due_on is not None and not by_office:
        raise RuleBroken("due_on", "do cơ quan giao nhiệm vụ quyết định", "is for the assigning office to decide")
    if due_on is not None and due_on < receiving.calendar.local_date(step.at):
        raise RuleBroken("due_on", "đã qua", "has passed already")
    after = _handed_over(step, unit, due_on or receiving.due_on(before, step.at))
    handovers = before.handovers + (0 if by_office else 1)
    after = _replace(after, due_at=due_at(after.due_on, receiving.calendar), handovers=handovers)
    change = _change(after, events.TaskTransferred, from_unit=before.unit, to_unit=after.unit, by_office=by_office)
    return change._replace(details={"by_office": True} if by_office else {})


def judge_handover(step: Step[Task], handover: Handover) -> Change[Task]:
    """The office finds that a unit had no right to hand over, or withdraws that."""
    unjustified = handover.judged_by is None
    others = tuple(each for each in step.before.unjustified if each != handover.version)
    after = _replace(step.after, unjustified=tuple(sorted((*others, handover.version))) if unjustified else others)
    change = _change(
        after,
        events.TaskHandoverJudged,
        handover=handover.version,
        from_unit=handover.unit,
        handed_over_at=handover.at,
        unjustified=unjustified,
        withdraws=handover.judged_by,
    )
    return change._replace(details={"from_unit": handover.unit})


def propose_close(step: Step[Task]) -> Change[Task]:
    """The task waits for the decision to close it."""
    return _change(step.after, events.TaskCloseProposed)


def close(step: Step[Task]) -> Change[Task]:
    """The task ends without being completed; what waited for a decision is gone."""
    return _change(_replace(step.after, requested_due_on=None), events.TaskClosed)


def roll_up(parent: Task, rollup: Rollup, child: str) -> Change[Task]:
    """The parent in the state that its children give it, after the change of one of them."""
    after = _replace(parent, status=rollup.status, completed_at=rollup.completed_at, version=parent.version + 1)
    kinds: Mapping[TaskStatus, type[events.TaskState]] = {
        TaskStatus.COMPLETED: events.TaskCompleted,
        TaskStatus.CLOSED: events.TaskClosed,
    }
    return _change(after, kinds.get(rollup.status, events.TaskStarted))._replace(details={"child": child})


_NO_REPORT: Final[Mapping[str, Any]] = {"approvals": 0, "reported_at": None, "reported_by": None, "endorsed_by": None}


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
        late_from=task.late_from,
        reported_at=task.reported_at,
        **more,
    )
    return Change(task, event)


def _handed_over(step: Step[Task], to: str, due_on: date | None) -> Task:
    """The task with another lead, and a fresh start; the former one keeps the right to read it."""
    before = step.before
    former = (*(unit for unit in before.former_leads if unit not in {to, before.lead_unit}), before.lead_unit)
    coordinating = tuple(unit for unit in before.coordinating_units if unit != to)
    return _replace(
        step.after,
        lead_unit=to,
        former_leads=former,
        coordinating_units=coordinating,
        due_on=due_on,
        late_from=None,
        requested_due_on=None,
    )


def _check_extension(task: Task, due_on: date, now: datetime, rules: ExtensionRules, calendar: WorkingCalendar) -> None:
    if task.due_on is None or task.due_at is None:
        raise RuleBroken("due_on", "nhiệm vụ không có thời hạn", "the task has no deadline")
    most = rules.most.value
    if task.extensions >= most:
        raise RuleBroken("due_on", f"chỉ được gia hạn {most} lần", f"a task is extended at most {most} times")
    bounds = rules.of(task.source)
    if now >= task.due_at + timedelta(days=bounds.ask_within_days_after_deadline):
        days = bounds.ask_within_days_after_deadline
        raise RuleBroken("due_on", f"đã quá hạn hơn {days} ngày", f"the deadline passed more than {days} days ago")
    if due_on < calendar.local_date(now):
        raise RuleBroken("due_on", "đã qua", "has passed already")
    longest = bounds.longest_days
    if not task.due_on < due_on <= task.due_on + timedelta(days=longest):
        raise RuleBroken(
            "due_on",
            f"phải sau hạn cũ {task.due_on}, nhiều nhất {longest} ngày",
            f"must be after the old deadline {task.due_on}, by at most {longest} days",
        )
