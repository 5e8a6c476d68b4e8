"""The table of a task's transitions: from which status, by which action, to which one, by whom. Pure."""

from collections.abc import Collection
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


class Party(StrEnum):
    """A caller's role towards one task."""

    LEAD_STAFF = "lead_staff"
    """An officer or the head of the lead unit."""
    LEAD_HEAD = "lead_head"
    """The head of the lead unit."""
    COORDINATOR = "coordinator"
    """The office that assigns and follows up."""


_S = TaskStatus
_LEAD, _HEAD, _OFFICE = {Party.LEAD_STAFF}, {Party.LEAD_HEAD}, {Party.COORDINATOR}
_OPEN = {_S.NOT_STARTED, _S.IN_PROGRESS}


def _row(
    action: TaskAction,
    sources: Collection[TaskStatus],
    target: TaskStatus,
    by: Collection[Party],
    *,
    approvals: int = 0,
) -> Transition[Task]:
    """`approvals` of the report so far tell its two approvals apart. Children alone move a fanned-out task."""
    return row(action, sources, target, by, when=lambda task: not task.fanned_out and task.approvals == approvals)


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
    _row(TaskAction.RETURN, _OPEN, _S.NOT_STARTED, _LEAD),
    _row(TaskAction.TRANSFER, _OPEN, _S.NOT_STARTED, _HEAD | _OFFICE),
    _row(TaskAction.PROPOSE_CLOSE, _OPEN, _S.CLOSE_PROPOSED, _LEAD),
    _row(TaskAction.CLOSE, {_S.CLOSE_PROPOSED}, _S.CLOSED, _OFFICE),
    # The lead unit withdraws its proposal, or the office rejects it: work goes on.
    _row(TaskAction.START, {_S.CLOSE_PROPOSED}, _S.IN_PROGRESS, _LEAD | _OFFICE),
)
