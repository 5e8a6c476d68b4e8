"""Tasks: to be completed by their deadline, and not to be handed over."""

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events.task import TaskReturned, TaskState, TaskTransferred
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty

COMPLETION = Measure("task.completion")
HANDOVER = Measure("task.handover")


def _target(task: TaskState) -> tuple[TargetDuty, ...]:
    dropped = task.status == TaskStatus.CLOSED and task.completed_at is None
    due_at = None if task.fanned_out or dropped else task.due_at
    return (TargetDuty(COMPLETION, task.code, task.lead_unit, due_at, task.completed_at),)


def _handed_over(task: TaskTransferred | TaskReturned) -> Occurred:
    return Occurred(HANDOVER, task.code, task.from_unit)


TASK = FactSource(
    TaskState,
    duties=(COMPLETION,),
    target=_target,
    occurrences=(HANDOVER,),
    occurred={TaskTransferred: _handed_over, TaskReturned: _handed_over},
)
