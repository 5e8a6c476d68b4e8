"""Request and response models of tasks."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field

from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.tasks.domain import MOST_COORDINATING, Draft, Task, UnitRole, Urgency
from tasks_api.tasks.transitions import TaskAction

CODE = pattern(r"^[A-Za-z0-9.-]+$", vi="không phải mã nhiệm vụ", en="is not the code of a task")


class TaskQuery(In):
    """Filters of the list of tasks; an absent one does not narrow it."""

    unit: UnitCode | None = None
    role: UnitRole | None = Field(default=None, description="What `unit` (or the caller's) is to the task")
    status: TaskStatus | None = None
    plan: Annotated[str, bounded(200, min_length=1)] | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    overdue: bool | None = None
    q: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None, description="Words of title, product or source"
    )
    cursor: Cursor = None
    limit: Limit = 50


class TaskIn(In):
    """A task to be assigned. A deadline is given as a day or as documents word it ("Quý II/2026")."""

    title: Annotated[str, bounded(2000, min_length=1)]
    lead_unit: UnitCode = Field(description="Code of a unit, or of a group: one child for each member")
    coordinating_units: list[UnitCode] = Field(default=[], max_length=MOST_COORDINATING)
    due_text: Annotated[str, bounded(500)] = ""
    due_on: Day | None = Field(default=None, description="Last day, inclusive")
    product: Annotated[str, bounded(2000)] = ""
    source: Annotated[str, bounded(2000)] = Field(default="", description="The document or decision it comes from")
    urgency: Urgency = Urgency.NORMAL
    parent: str | None = Field(default=None, max_length=200, pattern=CODE)

    def draft(self) -> Draft:
        fields = self.model_dump(exclude={"parent"})
        return Draft(**fields | {"coordinating_units": tuple(dict.fromkeys(self.coordinating_units))})


class TaskActionIn(In):
    """What every action of a task may be given, for its history."""

    reason: Annotated[str, bounded(2000, min_length=1)] | None = None
    content: Annotated[str, bounded(10000)] | None = Field(default=None, description="What was done, for the record")

    def details(self) -> dict[str, Any]:
        """What was given, as history keeps it."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value}


class TaskReasonIn(TaskActionIn):
    """For an action that needs a reason."""

    reason: Annotated[str, bounded(2000, min_length=1)]


class TaskExtensionIn(TaskReasonIn):
    due_on: Day = Field(description="The new last day")


class TaskTransferIn(TaskReasonIn):
    unit: UnitCode = Field(description="Code of the new lead")


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
    due_at: datetime | None = Field(description="First instant at which it is late: the one after the last day")
    product: str
    source: str
    urgency: Urgency
    status: TaskStatus
    approvals: int = Field(description="Approvals that the waiting report has so far")
    reported_at: datetime | None
    completed_at: datetime | None = Field(description="Instant of the report that was approved")
    completed_late: bool
    overdue: bool
    due_soon: bool
    extensions: int
    requested_due_on: date | None
    fanned_out: bool
    parent: str | None
    children: list[str]
    handovers: int
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
            overdue=task.overdue(now),
            due_soon=task.due_soon(now, due_soon_days),
            possible=[TaskAction(action) for action in possible],
        )


class TaskPage(Out):
    items: list[TaskOut]
    next_cursor: str | None
