"""Request and response models of tasks."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field, StrictBool

from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.tasks.domain import MOST_COORDINATING, Task, TaskDraft, UnitRole, Urgency
from tasks_api.tasks.transitions import TaskAction

CODE = pattern(r"^[A-Za-z0-9.-]+$", vi="không phải mã nhiệm vụ", en="is not the code of a task")
PETITION = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã phản ánh", en="is not the code of a report")


class TaskQuery(In):
    """Filters of the list of tasks; an absent one does not narrow it."""

    unit: UnitCode | None = None
    role: UnitRole | None = Field(
        default=None, description="Role in the task that `unit`, or else the caller's unit, has"
    )
    status: TaskStatus | None = None
    plan: Annotated[str, bounded(200, min_length=1)] | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    overdue: bool | None = None
    q: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None,
        description="Words of the title, product, source or code, with or without marks; in quotation marks: words "
        "that follow one another",
    )
    cursor: Cursor = None
    limit: Limit = 50


class TaskIn(In):
    """A task to be assigned. A deadline is given as a day or as documents word it ("Quý II/2026")."""

    title: Annotated[str, bounded(2000, min_length=1)]
    lead_unit: UnitCode = Field(description="Code of a unit, or of a group, whose members each get a child task")
    coordinating_units: list[UnitCode] = Field(default=[], max_length=MOST_COORDINATING)
    due_text: Annotated[str, bounded(500)] = ""
    due_on: Day | None = Field(default=None, description="The last day on which the task is on time")
    product: Annotated[str, bounded(2000)] = ""
    source: Annotated[str, bounded(2000)] = Field(
        default="", description="The document or decision that the task comes from"
    )
    petition: str | None = Field(
        default=None,
        max_length=100,
        pattern=PETITION,
        description="Code of the voters' petition (a report) that the task comes from: from then on its unit is scored "
        "by the task alone",
    )
    urgency: Urgency = Urgency.NORMAL
    parent: str | None = Field(default=None, max_length=200, pattern=CODE)

    def draft(self) -> TaskDraft:
        fields = self.model_dump(exclude={"parent"})
        return TaskDraft(**fields | {"coordinating_units": tuple(dict.fromkeys(self.coordinating_units))})


class TaskActionIn(In):
    """Fields that every action of a task accepts. The history shows them."""

    reason: Annotated[str, bounded(2000, min_length=1)] | None = None
    content: Annotated[str, bounded(10000)] | None = Field(
        default=None, description="Description of the work that was done, for the history"
    )

    def details(self) -> dict[str, Any]:
        """What was given, as history keeps it."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value}


class TaskReasonIn(TaskActionIn):
    """The body of an action that needs a reason."""

    reason: Annotated[str, bounded(2000, min_length=1)]


class TaskExtensionIn(TaskReasonIn):
    due_on: Day = Field(description="The requested new last day")


class TaskGrantIn(TaskActionIn):
    due_on: Day | None = Field(
        default=None, description="The new last day of a task of many units, which none of them can request"
    )


class TaskTransferIn(TaskReasonIn):
    unit: UnitCode = Field(description="Code of the new lead")
    due_on: Day | None = Field(
        default=None,
        description="The last day of the new lead, if the assigning office sets one; else that of the task, but never "
        "so soon that it could not be kept",
    )


class TaskMarkUnjustifiedIn(TaskReasonIn):
    handover: int = Field(ge=2, lt=1 << 31, description="Version that the hand-over made, from the history")
    unjustified: StrictBool = Field(default=True, description="False withdraws the judgement")


class TaskReturnIn(TaskActionIn):
    reason: TaskReturnReason


class TaskOut(Out):
    code: str
    plan: str | None
    number: int | None
    title: str
    lead_unit: str
    coordinating_units: list[str]
    former_leads: list[str]
    assigning_unit: str
    assigned_at: datetime
    due_text: str
    due_on: date | None
    due_at: datetime | None = Field(
        description="The first instant at which it is late: the midnight after the last day"
    )
    planned_due_on: date | None = Field(description="The last day that it had at first")
    late_from: datetime | None = Field(
        description="The due time that its lead missed before it was given more time: that does not make up for it"
    )
    product: str
    source: str
    petition: str | None = Field(description="The voters' petition that it comes from")
    urgency: Urgency
    status: TaskStatus
    approvals: int = Field(description="Number of approvals that the report of completion has so far")
    reported_at: datetime | None
    completed_at: datetime | None = Field(description="Time of the report of completion that was approved")
    completed_late: bool
    awaiting_approval: bool = Field(description="Reported in time: neither overdue nor done until it is approved")
    overdue: bool
    due_soon: bool
    extensions: int
    requested_due_on: date | None
    fanned_out: bool
    parent: str | None
    children: list[str]
    handovers: int = Field(description="How often units handed it over of their own accord")
    unjustified: list[int] = Field(description="Versions that hand-overs made which were judged unjustified")
    version: int
    possible: list[TaskAction] = Field(description="The actions that this caller can take now")

    @classmethod
    def of(
        cls, task: Task, children: Sequence[str], possible: Sequence[StrEnum], *, now: datetime, due_soon_days: int
    ) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(task)
        return cls(
            **fields,
            children=list(children),
            completed_late=task.completed_late,
            awaiting_approval=task.awaiting_approval,
            overdue=task.overdue(now),
            due_soon=task.due_soon(now, due_soon_days),
            possible=[TaskAction(action) for action in possible],
        )


class TaskPage(Out):
    items: list[TaskOut]
    next_cursor: str | None
