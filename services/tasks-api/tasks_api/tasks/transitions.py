"""The table of a task's transitions: from which status, by which action, to which one, by whom. Pure."""

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.transitions import Transition, TransitionTable, row
from tasks_api.tasks.domain import Task


class TaskAction(StrEnum):
    START = "start"
    REPORT = "report"
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    RETURN = "return"
    TRANSFER = "transfer"
    PROPOSE_CLOSE = "propose_close"
    CLOSE = "close"
    MARK_UNJUSTIFIED = "mark_unjustified"
    ASSIGN_OFFICER = "assign_officer"
    URGE = "urge"
    SET_DEADLINE = "set_deadline"
    CONFIRM_TRIGGER = "confirm_trigger"


class Party(StrEnum):
    """A caller's role towards one task."""

    LEAD_STAFF = "lead_staff"
    """An officer or the head of the lead unit."""
    LEAD_HEAD = "lead_head"
    """The head of the lead unit."""
    ASSIGNER = "assigner"
    """The head or the office of the unit that assigned it: it follows up."""


_S = TaskStatus
_LEAD, _HEAD, _OFFICE = {Party.LEAD_STAFF}, {Party.LEAD_HEAD}, {Party.ASSIGNER}
_OPEN = {_S.NOT_STARTED, _S.IN_PROGRESS}
# What waits for a decision gives way when the task passes on, or when it ends.
_MOVABLE = {*_OPEN, _S.EXTENSION_REQUESTED, _S.CLOSE_PROPOSED}


def _row(
    action: TaskAction,
    sources: Collection[TaskStatus],
    target: TaskStatus,
    by: Collection[Party],
    *,
    approvals: int = 0,
) -> Transition[Task]:
    """`approvals` of the report so far tell its two approvals apart."""
    return row(action, sources, target, by, when=lambda task: not task.follows_children and task.approvals == approvals)


def _in_place(
    action: TaskAction, statuses: Collection[TaskStatus], by: Collection[Party], when: Callable[[Task], bool] | None
) -> Iterator[Transition[Task]]:
    """One row for each status, which stays."""
    return (row(action, {status}, status, by, when) for status in TaskStatus if status in statuses)


def _is_fanned_out(task: Task) -> bool:
    return task.fanned_out


def _is_not_fanned_out(task: Task) -> bool:
    return not task.fanned_out


def _is_recurring(task: Task) -> bool:
    return task.recurring


def _follows_children(task: Task) -> bool:
    return task.follows_children


def _has_no_day(task: Task) -> bool:
    return task.due_on is None and not task.recurring


def _has_trigger(task: Task) -> bool:
    return task.schedule is not None and task.schedule.trigger is not None


def _was_handed_over(task: Task) -> bool:
    return task.handovers > 0


def _awaits_its_head(task: Task) -> bool:
    return task.approvals == 0


TABLE: TransitionTable[Task] = TransitionTable(
    _row(TaskAction.START, {_S.NOT_STARTED}, _S.IN_PROGRESS, _LEAD),
    _row(TaskAction.REPORT, {_S.IN_PROGRESS}, _S.REPORTED, _LEAD),
    _row(TaskAction.APPROVE, {_S.REPORTED}, _S.REPORTED, _HEAD),
    _row(TaskAction.APPROVE, {_S.REPORTED}, _S.COMPLETED, _OFFICE, approvals=1),
    _row(TaskAction.REJECT, {_S.REPORTED}, _S.IN_PROGRESS, _HEAD),
    _row(TaskAction.REJECT, {_S.REPORTED}, _S.IN_PROGRESS, _OFFICE, approvals=1),
    _row(TaskAction.REQUEST_EXTENSION, {_S.IN_PROGRESS}, _S.EXTENSION_REQUESTED, _LEAD),
    _row(TaskAction.GRANT_EXTENSION, {_S.EXTENSION_REQUESTED}, _S.IN_PROGRESS, _OFFICE),
    _row(TaskAction.DENY_EXTENSION, {_S.EXTENSION_REQUESTED}, _S.IN_PROGRESS, _OFFICE),
    _row(TaskAction.RETURN, _MOVABLE, _S.NOT_STARTED, _LEAD),
    _row(TaskAction.TRANSFER, _MOVABLE, _S.NOT_STARTED, _HEAD | _OFFICE),
    _row(TaskAction.PROPOSE_CLOSE, _OPEN, _S.CLOSE_PROPOSED, _LEAD),
    _row(TaskAction.CLOSE, _MOVABLE, _S.CLOSED, _OFFICE),
    # The lead unit withdraws its proposal, or the office rejects it: work goes on.
    _row(TaskAction.START, {_S.CLOSE_PROPOSED}, _S.IN_PROGRESS, _LEAD | _OFFICE),
    # A task of many units has no lead of its own that could ask: its office gives them all more time, or ends it.
    *_in_place(TaskAction.GRANT_EXTENSION, _OPEN, _OFFICE, _is_fanned_out),
    row(TaskAction.CLOSE, _OPEN, _S.CLOSED, _OFFICE, when=_follows_children),
    # Recurring work passes on as it stands: what comes next is the new lead's.
    *_in_place(TaskAction.RETURN, _OPEN, _LEAD, _is_recurring),
    *_in_place(TaskAction.TRANSFER, _OPEN, _HEAD | _OFFICE, _is_recurring),
    *_in_place(TaskAction.SET_DEADLINE, _OPEN, _OFFICE, _has_no_day),
    # Whoever confirmed the wrong day confirms again.
    *_in_place(TaskAction.CONFIRM_TRIGGER, _OPEN, _OFFICE, _has_trigger),
    *_in_place(TaskAction.MARK_UNJUSTIFIED, set(TaskStatus), _OFFICE, _was_handed_over),
    *_in_place(TaskAction.ASSIGN_OFFICER, _MOVABLE, _LEAD | _HEAD, _is_not_fanned_out),
    # What waits for the assigning office itself is not for it to urge.
    *_in_place(TaskAction.URGE, _OPEN, _OFFICE | _HEAD, None),
    *_in_place(TaskAction.URGE, {_S.REPORTED}, _OFFICE, _awaits_its_head),
)
