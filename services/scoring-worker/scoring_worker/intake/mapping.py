"""Which duties an event speaks of. A new event, or a new thing to count, is added here and nowhere else.

Every task and feedback event carries the state after the fact: the duties of an aggregate follow from its newest event.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from cchc_shared.contract.codes import FeedbackStatus, TaskStatus
from cchc_shared.contract.events import EventData
from cchc_shared.contract.events.feedback import FeedbackReturned, FeedbackState, FeedbackTransferred
from cchc_shared.contract.events.task import TaskReturned, TaskState, TaskTransferred
from scoring_worker.facts.domain import Measure

TINY = timedelta(microseconds=1)


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """A duty as it stands after an event; without `due_at`, the last instant at which it is on time, there is none."""

    measure: Measure
    unit: str
    due_at: datetime | None
    done_at: datetime | None


class Occurrence(msgspec.Struct, frozen=True, gc=False):
    """Something that happened to a unit and counts by itself."""

    measure: Measure
    unit: str


def _of_task(task: EventData) -> tuple[Wanted, ...]:
    assert isinstance(task, TaskState)  # noqa: S101 - DUTIES is keyed by aggregate
    dropped = task.status == TaskStatus.CLOSED and task.completed_at is None
    # A task's deadline is the first instant after its last day: that day's month is the one it counts in.
    due_at = None if task.due_at is None or task.fanned_out or dropped else task.due_at - TINY
    return (Wanted(Measure.TASK_COMPLETION, task.lead_unit, due_at, task.completed_at),)


_OUT_OF_PROCESS = (FeedbackStatus.REFUSED, FeedbackStatus.DUPLICATE)


def _of_feedback(report: EventData) -> tuple[Wanted, ...]:
    assert isinstance(report, FeedbackState)  # noqa: S101 - DUTIES is keyed by aggregate
    dropped = report.status in _OUT_OF_PROCESS
    return (
        Wanted(
            Measure.FEEDBACK_ACCEPTANCE,
            report.unit,
            None if dropped and report.accepted_at is None else report.accept_due_at,
            report.accepted_at,
        ),
        Wanted(
            Measure.FEEDBACK_RESOLUTION,
            report.unit,
            None if dropped and report.answered_at is None else report.resolve_due_at,
            report.answered_at,
        ),
    )


DUTIES: dict[str, Callable[[EventData], tuple[Wanted, ...]]] = {"task": _of_task, "feedback": _of_feedback}
"""Aggregate → the duties in its state."""

HANDOVERS: dict[type[EventData], Measure] = {
    TaskTransferred: Measure.TASK_HANDOVER,
    TaskReturned: Measure.TASK_HANDOVER,
    FeedbackTransferred: Measure.FEEDBACK_HANDOVER,
    FeedbackReturned: Measure.FEEDBACK_HANDOVER,
}
"""Events that happen to the unit they name as `from_unit`."""


def duties_of(data: EventData) -> tuple[Wanted, ...]:
    """The duties of the event's aggregate after it, one for each measure that the aggregate can have."""
    mapping = DUTIES.get(data.AGGREGATE)
    return mapping(data) if mapping else ()


def occurrence_of(data: EventData) -> Occurrence | None:
    """What the event itself counts as, if anything."""
    measure = HANDOVERS.get(type(data))
    return Occurrence(measure, data.from_unit) if measure else None  # type: ignore[attr-defined]
