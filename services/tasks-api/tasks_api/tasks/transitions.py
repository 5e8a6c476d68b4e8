"""The table of states: from where, by which action, to where, by whom. There is no other place that decides this."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cchc_shared.contract.codes import TaskStatus
from tasks_api.tasks.domain import Task


class Action(StrEnum):
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


class Actor(StrEnum):
    """In which capacity a person acts on a task."""

    LEAD_STAFF = "lead_staff"
    """An officer or the head of the lead unit."""
    LEAD_HEAD = "lead_head"
    """The head of the lead unit."""
    COORDINATOR = "coordinator"
    """The office that assigns and follows up."""


@dataclass(frozen=True)
class Transition:
    """One row. `approvals` tells the two approvals of a report apart; `needs` names what the action must be given."""

    action: Action
    status: TaskStatus
    to: TaskStatus
    by: frozenset[Actor]
    needs: frozenset[str] = frozenset()
    approvals: int = 0

    def applies_to(self, task: Task) -> bool:
        return task.status == self.status and task.approvals == self.approvals


_S = TaskStatus
_LEAD = frozenset({Actor.LEAD_STAFF})
_HEAD = frozenset({Actor.LEAD_HEAD})
_OFFICE = frozenset({Actor.COORDINATOR})
_REASON = frozenset({"reason"})

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.START, _S.NOT_STARTED, _S.IN_PROGRESS, _LEAD),
    Transition(Action.REPORT, _S.IN_PROGRESS, _S.REPORTED, _LEAD),
    Transition(Action.APPROVE, _S.REPORTED, _S.REPORTED, _HEAD),
    Transition(Action.APPROVE, _S.REPORTED, _S.COMPLETED, _OFFICE, approvals=1),
    Transition(Action.REJECT, _S.REPORTED, _S.IN_PROGRESS, _HEAD, _REASON),
    Transition(Action.REJECT, _S.REPORTED, _S.IN_PROGRESS, _OFFICE, _REASON, approvals=1),
    Transition(Action.REQUEST_EXTENSION, _S.IN_PROGRESS, _S.EXTENSION_REQUESTED, _LEAD, _REASON | {"due_on"}),
    Transition(Action.GRANT_EXTENSION, _S.EXTENSION_REQUESTED, _S.IN_PROGRESS, _OFFICE),
    Transition(Action.DENY_EXTENSION, _S.EXTENSION_REQUESTED, _S.IN_PROGRESS, _OFFICE, _REASON),
    Transition(Action.RETURN, _S.NOT_STARTED, _S.NOT_STARTED, _LEAD, _REASON),
    Transition(Action.RETURN, _S.IN_PROGRESS, _S.NOT_STARTED, _LEAD, _REASON),
    Transition(Action.TRANSFER, _S.NOT_STARTED, _S.NOT_STARTED, _HEAD | _OFFICE, _REASON | {"unit"}),
    Transition(Action.TRANSFER, _S.IN_PROGRESS, _S.NOT_STARTED, _HEAD | _OFFICE, _REASON | {"unit"}),
    Transition(Action.PROPOSE_CLOSE, _S.NOT_STARTED, _S.CLOSE_PROPOSED, _LEAD, _REASON),
    Transition(Action.PROPOSE_CLOSE, _S.IN_PROGRESS, _S.CLOSE_PROPOSED, _LEAD, _REASON),
    Transition(Action.CLOSE, _S.CLOSE_PROPOSED, _S.CLOSED, _OFFICE),
    # The proposal is withdrawn by the lead unit, or not followed by the office: work goes on.
    Transition(Action.START, _S.CLOSE_PROPOSED, _S.IN_PROGRESS, _LEAD | _OFFICE),
)


def possible(task: Task) -> Iterator[Transition]:
    """The rows that start where the task stands. A task that fanned out is moved by its children alone."""
    return (row for row in TRANSITIONS if not task.fanned_out and row.applies_to(task))


def transition(task: Task, action: Action) -> Transition | None:
    """The row for this action where the task stands, or None."""
    return next((row for row in possible(task) if row.action is action), None)
