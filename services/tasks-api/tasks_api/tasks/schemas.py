"""Tasks on the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.http.schemas import Day, In, Out, bounded
from tasks_api.tasks.actions import Command
from tasks_api.tasks.domain import Draft, Task, Urgency
from tasks_api.tasks.transitions import Action, possible

CODE = r"^[A-Za-z0-9.-]+$"


class TaskIn(In):
    """A task to be assigned. A deadline is given as a day or as documents word it ("Quý II/2026")."""

    title: Annotated[str, bounded(2000, min_length=1)]
    lead_unit: Annotated[str, bounded(100, min_length=1)] = Field(
        description="Code of a unit, or of a group: one child for each member"
    )
    coordinating_units: list[Annotated[str, bounded(100, min_length=1)]] = Field(default=[], max_length=200)
    due_text: Annotated[str, bounded(500)] = ""
    due_on: Day | None = Field(default=None, description="Last day, inclusive")
    product: Annotated[str, bounded(2000)] = ""
    source: Annotated[str, bounded(2000)] = Field(default="", description="The document or decision it comes from")
    urgency: Urgency = Urgency.NORMAL
    parent: str | None = Field(default=None, max_length=200, pattern=CODE)

    def draft(self) -> Draft:
        fields = self.model_dump(exclude={"parent"})
        return Draft(**fields | {"coordinating_units": tuple(dict.fromkeys(self.coordinating_units))})


class ActionIn(In):
    """What an action is given: some need a reason, a day or a unit."""

    reason: Annotated[str, bounded(2000, min_length=1)] | None = Field(
        default=None, description="For return: `out_of_competence` or `belongs_to_requester`"
    )
    due_on: Day | None = Field(default=None, description="For request_extension: the new last day")
    unit: Annotated[str, bounded(100, min_length=1)] | None = Field(
        default=None, description="For transfer: the new lead"
    )
    content: Annotated[str, bounded(10000)] | None = Field(default=None, description="What was done, for the record")

    def command(self) -> Command:
        return Command(**self.model_dump())


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
    due_at: datetime | None = Field(description="First instant after the last day")
    product: str
    source: str
    urgency: Urgency
    status: TaskStatus
    approvals: int = Field(description="Approvals of the report that waits")
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
    possible: list[Action] = Field(description="What can be done now, by whom it may")

    @classmethod
    def of(cls, task: Task, children: Sequence[str], *, now: datetime, due_soon_days: int) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(task)
        return cls(
            **fields,
            children=list(children),
            completed_late=task.completed_late,
            overdue=task.overdue(now),
            due_soon=task.due_soon(now, due_soon_days),
            possible=sorted({row.action for row in possible(task)}),
        )


class TaskPage(Out):
    items: list[TaskOut]
    next_cursor: str | None


class HistoryItem(Out):
    version: int
    event: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    status: TaskStatus
    lead_unit: str
    due_on: date | None
    details: dict[str, Any]


class History(Out):
    items: list[HistoryItem]
