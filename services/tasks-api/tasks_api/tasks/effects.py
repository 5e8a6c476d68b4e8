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
from tasks_api.deadlines.domain import last_day_of_term
from tasks_api.tasks.domain import Handover, Receiving, Rollup, Task, TaskDraft, due_at
from tasks_api.tasks.rules import ExtensionRules
from tasks_api.units.domain import Succession


def assign(task: Task) -> Change[Task]:
    """The first state of a task."""
    return _change(task, events.TaskAssigned, petition=task.petition)


def start(step: Step[Task]) -> Change[Task]:
    """Work begins; a proposal to close is gone."""
    return _change(step.after, events.TaskStarted)


def assign_officer(step: Step[Task], officer: str | None, by: str, *, by_head: bool) -> Change[Task]:
    """The officer who does the task from now on, or None. Raises `RuleBroken` for what only the head may decide.

    The event names nobody.
    """
    before = step.before
    if officer == before.officer:
        raise RuleBroken("officer", "đã là người thực hiện nhiệm vụ này", "is so already")
    if not by_head and (officer != by or before.officer is not None):
        raise RuleBroken(
            "officer",
            "do người đứng đầu đơn vị phân công; công chức chỉ nhận việc chưa có ai thực hiện",
            "is for the head of the unit to assign; an officer may only take what nobody does yet",
        )
    return _change(_replace(step.after, officer=officer), events.TaskOfficerAssigned)


def urge(step: Step[Task], by_unit: str) -> Change[Task]:
    """Whoever does the task is urged by a unit: it is counted, and nothing else changes."""
    after = _replace(step.after, urgings=step.before.urgings + 1, urged_at=step.at)
    return _change(after, events.TaskUrged, by_unit=by_unit)._replace(details={"by_unit": by_unit})


def report(
    step: Step[Task], by: str, product_number: str | None = None, product_date: date | None = None
) -> Change[Task]:
    """The report waits for its approvals, as of now."""
    after = _replace(step.after, reported_at=step.at, reported_by=by)
    return _change(_replace(after, product_number=product_number, product_date=product_date), events.TaskReported)


def approve(step: Step[Task], by: str, quality: int | None = None) -> Change[Task]:
    """The first approval endorses the report, the second completes the task, as of the report, and may rate it."""
    before, after = step.before, step.after
    if quality is not None and after.status is TaskStatus.REPORTED:
        raise RuleBroken("quality", "chỉ chấm khi duyệt lần hai", "is given with the second approval")
    if after.status is TaskStatus.REPORTED:
        endorsed = _replace(after, approvals=before.approvals + 1, endorsed_by=by)
        return _change(endorsed, events.TaskReportEndorsed)
    completed = _replace(after, **_NO_REPORT, completed_at=before.reported_at, quality=quality)
    return _change(completed, events.TaskCompleted)


def reject(step: Step[Task], calendar: WorkingCalendar) -> Change[Task]:
    """The report is gone with its approvals.

    Where it came in time and is rejected too late, its unit has as much time left as when it reported: it does not
    answer for how long the approver took.
    """
    before, after = step.before, _replace(step.after, **_NO_REPORT, product_number=None, product_date=None)
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
    """A child that was due with its parent stays due with it. That is none of its own extensions.

    What it asked for itself waits for no decision any more: it has more time already.
    """
    assert parent.due_on is not None  # noqa: S101 - it was extended
    waited = step.before.status is TaskStatus.EXTENSION_REQUESTED
    status = TaskStatus.IN_PROGRESS if waited else step.after.status
    extended = _extended(step, parent.due_on, calendar)
    after = _replace(extended.after, extensions=step.before.extensions, status=status)
    return _change(after, events.TaskExtensionGranted, former_due_on=step.before.due_on)


def _extended(step: Step[Task], due_on: date, calendar: WorkingCalendar) -> Change[Task]:
    """More time does not make up for what was late already."""
    before = step.before
    after = _replace(
        step.after,
        due_on=due_on,
        due_at=due_at(due_on, calendar),
        late_from=_missed(before, step.at),
        requested_due_on=None,
        extensions=before.extensions + 1,
    )
    return _change(after, events.TaskExtensionGranted, former_due_on=before.due_on)


def set_deadline(step: Step[Task], due_on: date, calendar: WorkingCalendar) -> Change[Task]:
    """A task without a deadline gets its last day. Raises `RuleBroken` for a day that has passed."""
    return _dated(step, due_on, calendar)


def confirm_trigger(step: Step[Task], happened_on: date, calendar: WorkingCalendar) -> Change[Task]:
    """The event happened that the deadline counts from; or, confirmed anew, it happened on another day.

    Raises `RuleBroken` for an event in the future, and where the deadline that follows has passed.
    """
    trigger = step.before.schedule.trigger if step.before.schedule else None
    if trigger is None:
        raise RuleBroken("happened_on", "thời hạn không tính từ sự kiện nào", "no event begins the term of this task")
    if happened_on > calendar.local_date(step.at):
        raise RuleBroken("happened_on", "ở tương lai", "lies in the future")
    try:
        due_on = last_day_of_term(happened_on, trigger.days, working=trigger.working, calendar=calendar)
    except (ValueError, OverflowError) as error:
        raise RuleBroken("happened_on", "ngoài phạm vi của lịch", "is outside the calendar") from error
    if due_on < calendar.local_date(step.at):
        raise RuleBroken(
            "happened_on",
            f"thời hạn tính từ ngày này là {due_on}, đã qua; hãy ấn định thời hạn bằng `set_deadline`",
            f"gives the deadline {due_on}, which has passed; set one with `set_deadline`",
        )
    return _dated(step, due_on, calendar, happened_on=happened_on)


def date_with_parent(step: Step[Task], parent: Task, calendar: WorkingCalendar) -> Change[Task]:
    """A child that had no other day than its parent is due with it."""
    assert parent.due_on is not None  # noqa: S101 - it was dated
    return _dated(step, parent.due_on, calendar)


def _dated(step: Step[Task], due_on: date, calendar: WorkingCalendar, **more: Any) -> Change[Task]:
    if due_on < calendar.local_date(step.at):
        raise RuleBroken("due_on", "đã qua", "has passed already")
    after = _replace(
        step.after, due_on=due_on, due_at=due_at(due_on, calendar), late_from=_missed(step.before, step.at)
    )
    return _change(after, events.TaskDated, former_due_on=step.before.due_on, **more)


def _missed(before: Task, at: datetime) -> datetime | None:
    """The due time that the lead missed first: another day does not make up for it."""
    return before.late_from or (before.due_at if before.due_at and at >= before.due_at else None)


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


def inherit(
    step: Step[Task], lead: Succession | None, assigning: Succession | None, receiving: Receiving
) -> Change[Task]:
    """Units that ended are succeeded by law, as the lead, as the assigning unit, or as both.

    That is nobody's hand-over. The work goes on as it stands, with its report; the new lead has time of its own, and a
    request for no more time than that is gone.
    """
    before, after = step.before, step.after
    if assigning:
        after = _replace(after, assigning_unit=assigning.heir)
    if lead is None:
        return _change(after, events.TaskReassigned)
    due_on = receiving.due_on(before, step.at)
    after = _replace(
        after,
        **_passed_on(before, lead.heir),
        due_on=due_on,
        due_at=due_at(due_on, receiving.calendar),
        late_from=None,
    )
    if before.requested_due_on and due_on and before.requested_due_on <= due_on:
        after = _replace(after, requested_due_on=None, status=TaskStatus.IN_PROGRESS)
    return _change(after, events.TaskReassigned, from_unit=lead.ended, from_until=lead.until, to_unit=lead.heir)


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


def revise(step: Step[Task], draft: TaskDraft, calendar: WorkingCalendar) -> Change[Task]:
    """The task as the revised document has it, before work on it has begun. It is never given a day that has passed.

    A day that the office made of the wording stays while the wording does, and means the same. More time does not make
    up for a deadline that was missed before.
    """
    before = step.before
    stays = draft.due_text == before.due_text and draft.due_on in {None, before.planned_due_on}
    dated = not stays and (draft.due_on is None or draft.due_on >= calendar.local_date(step.at))
    due_on = draft.due_on if dated else before.due_on
    after = _replace(
        step.after,
        title=draft.title,
        written_number=draft.written_number,
        section=draft.section,
        coordinating_units=tuple(unit for unit in draft.coordinating_units if unit != before.lead_unit),
        due_text=draft.due_text,
        due_on=due_on,
        due_at=due_at(due_on, calendar),
        late_from=before.late_from if due_on == before.due_on else _missed(before, step.at),
        schedule=draft.schedule,
        product=draft.product,
        source=draft.source,
    )
    fields = tuple(name for name in REVISED if getattr(after, name) != getattr(before, name))
    return _change(after, events.TaskRevised, fields=fields)._replace(details={"fields": list(fields)})


REVISED: Final = (
    "title",
    "written_number",
    "section",
    "coordinating_units",
    "due_text",
    "due_on",
    "product",
    "source",
)


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
    return _replace(step.after, **_passed_on(step.before, to), due_on=due_on, late_from=None, requested_due_on=None)


def _passed_on(before: Task, to: str) -> Mapping[str, Any]:
    former = dict.fromkeys((*(unit for unit in before.former_leads if unit != before.lead_unit), before.lead_unit))
    return {
        "lead_unit": to,
        "officer": None,
        "former_leads": tuple(unit for unit in former if unit != to),
        "coordinating_units": tuple(unit for unit in before.coordinating_units if unit != to),
    }


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
