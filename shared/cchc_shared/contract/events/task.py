"""Events of a task, from assignment to its end. Each carries the task's state after the fact."""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.contract.events.envelope import EventData, Instant


class TaskState(EventData, frozen=True, kw_only=True):
    """State of the task after the event.

    `due_at` is the first instant at which the task is late: the one after the last day, `due_on`. `late_from` is the
    due time that the lead missed before it was given more time: more time does not make up for it. `reported_at` is the
    instant of the report that awaits approval, and `completed_at` of the one that was approved, so that a slow approval
    is not booked to the unit that reported in time. A task that is `fanned_out` is done by its children and carries no
    duty itself.
    """

    AGGREGATE: ClassVar[str] = "task"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    lead_unit: str
    status: TaskStatus
    assigned_at: Instant
    plan: str | None = None
    number: str | None = None
    parent: str | None = None
    coordinating_units: tuple[str, ...] = ()
    fanned_out: bool = False
    due_on: date | None = None
    due_at: Instant | None = None
    completed_at: Instant | None = None
    handovers: int = 0
    late_from: Instant | None = None
    reported_at: Instant | None = None


class TaskAssigned(TaskState, frozen=True, kw_only=True):
    """`petition` is the voters' petition (a report) that the task comes from, if it does."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.assigned.v1"

    petition: str | None = None


class TaskStarted(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.started.v1"


class TaskReported(TaskState, frozen=True, kw_only=True):
    """The lead unit reported completion; two approvals follow."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.reported.v1"


class TaskReportEndorsed(TaskState, frozen=True, kw_only=True):
    """The head of the executing unit approved the report."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.report_endorsed.v1"


class TaskReportRejected(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.report_rejected.v1"

    level: int
    """1: by the head of the executing unit; 2: by the assigning unit."""


class TaskCompleted(TaskState, frozen=True, kw_only=True):
    """The assigning unit approved the report, or every child of a fanned-out task is done."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.completed.v1"


class TaskExtensionRequested(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.extension_requested.v1"

    requested_due_on: date


class TaskExtensionGranted(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.extension_granted.v1"

    former_due_on: date


class TaskExtensionDenied(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.extension_denied.v1"


class TaskDated(TaskState, frozen=True, kw_only=True):
    """The assigning unit gave the task its last day, or another one: by decision, or because an event happened.

    `happened_on` is the day of the event from which the term counts.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.dated.v1"

    former_due_on: date | None = None
    happened_on: date | None = None


class TaskTransferred(TaskState, frozen=True, kw_only=True):
    """The lead passed from one unit to another. A hand-over by `from_unit`, unless the assigning office moved it."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.transferred.v1"

    from_unit: str
    to_unit: str
    by_office: bool = False


class TaskReturned(TaskState, frozen=True, kw_only=True):
    """The lead returned the task to the assigning unit: it is not competent, or the work is the requester's own."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.returned.v1"

    from_unit: str
    to_unit: str
    reason: TaskReturnReason


class TaskHandoverJudged(TaskState, frozen=True, kw_only=True):
    """The assigning office judged that a unit had no right to hand the task over, or withdrew that.

    `handover` is the version of the event of that hand-over, by `from_unit` at `handed_over_at`; `withdraws`, that of
    the judgement which is withdrawn.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.handover_judged.v1"

    handover: int
    from_unit: str
    handed_over_at: Instant
    unjustified: bool
    withdraws: int | None = None


class TaskRevised(TaskState, frozen=True, kw_only=True):
    """The document that it comes from was revised before work on it began. `fields` are what changed."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.revised.v1"

    fields: tuple[str, ...]


class TaskReassigned(TaskState, frozen=True, kw_only=True):
    """A unit ended, and by law another took its place in the task. That is no hand-over: it costs nobody anything.

    `from_unit` led the task until `from_until`, its last day, and `to_unit` leads it now; both may have one code. All
    are None where the lead stayed and only the assigning unit passed on. What was late by then stays missed by the unit
    that ended; the heir has time of its own, `due_on`.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.reassigned.v1"

    from_unit: str | None = None
    from_until: date | None = None
    to_unit: str | None = None


class TaskCloseProposed(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.close_proposed.v1"


class TaskClosed(TaskState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.closed.v1"


class TaskOfficerAssigned(TaskState, frozen=True, kw_only=True):
    """The lead unit said who does the task, or that nobody does. Persons are not named in events."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.officer_assigned.v1"


class TaskUrged(TaskState, frozen=True, kw_only=True):
    """Whoever does the task was urged, by the unit that assigned it or by the head of its lead."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.task.urged.v1"

    by_unit: str
