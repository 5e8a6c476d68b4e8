"""Tasks: to be completed by their deadline, and not to be handed over without right.

While a report made in time awaits approval there is no duty: it is neither overdue nor done, and once approved it was
done in time. More time does not make up for a deadline that was missed before. The heir of a unit that ended has a
duty of its own, and no hand-over happened.
"""

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events.task import (
    TaskHandoverJudged,
    TaskReassigned,
    TaskReturned,
    TaskState,
    TaskTransferred,
)
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty, Withdrawn, is_inherited

COMPLETION = Measure("task.completion")
HANDOVER = Measure("task.handover")
UNJUSTIFIED = Measure("task.unjustified_handover")


def _target(task: TaskState) -> tuple[TargetDuty, ...]:
    late_at = task.late_from or task.due_at
    dropped = task.status == TaskStatus.CLOSED and task.completed_at is None
    awaiting = task.reported_at is not None and late_at is not None and task.reported_at < late_at
    due_at = None if task.fanned_out or dropped or awaiting else late_at
    anew = isinstance(task, TaskReassigned) and is_inherited(task)
    return (TargetDuty(COMPLETION, task.code, task.lead_unit, due_at, task.completed_at, anew),)


def _returned(task: TaskReturned) -> tuple[Occurred, ...]:
    return (Occurred(HANDOVER, task.code, task.from_unit),)


def _transferred(task: TaskTransferred) -> tuple[Occurred, ...]:
    return () if task.by_office else (Occurred(HANDOVER, task.code, task.from_unit),)


def _judged(task: TaskHandoverJudged) -> tuple[Occurred, ...]:
    return (Occurred(UNJUSTIFIED, task.code, task.from_unit, task.handed_over_at),) if task.unjustified else ()


def _withdrawn(task: TaskHandoverJudged) -> Withdrawn | None:
    return (
        None if task.withdraws is None else Withdrawn(UNJUSTIFIED, task.from_unit, task.withdraws, task.handed_over_at)
    )


TASK = FactSource(
    TaskState,
    duties=(COMPLETION,),
    target=_target,
    occurrences=(HANDOVER, UNJUSTIFIED),
    occurred={TaskTransferred: _transferred, TaskReturned: _returned, TaskHandoverJudged: _judged},
    withdrawn={TaskHandoverJudged: _withdrawn},
)
