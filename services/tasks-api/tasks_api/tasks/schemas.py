"""Request and response models of tasks."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import Field, StrictBool

from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from cchc_shared.http.since import Page, Since, absent
from tasks_api.deadlines.domain import Deadline, Every, Reading
from tasks_api.tasks.domain import MOST_COORDINATING, Task, TaskDraft, UnitRole, Urgency, Work
from tasks_api.tasks.progress import Rate
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
    document: Annotated[str, bounded(100, min_length=1)] | None = Field(
        default=None, description="Code of the registered document that tasks come from"
    )
    due_from: Day | None = None
    due_to: Day | None = None
    overdue: bool | None = None
    mine: bool = Field(default=False, description="Only those whose officer the caller is")
    awaiting_trigger: bool | None = Field(
        default=None, description="Whether its deadline counts from an event that nobody has confirmed yet"
    )
    parent: str | None = Field(default=None, max_length=200, pattern=CODE)
    q: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None,
        description="Words of the title, product, source or code, with or without marks; in quotation marks: words "
        "that follow one another",
    )
    view: Literal["full", "brief"] = Field(default="full", description="`brief`: only what a short list shows")
    since: Since = None
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


class TaskReportIn(TaskActionIn):
    product_number: Annotated[str, bounded(100, min_length=1)] | None = Field(
        default=None, description="Number of the document in which the product was issued"
    )
    product_date: Day | None = Field(default=None, description="Date of that document")


class TaskOfficerIn(TaskActionIn):
    officer: Annotated[str, bounded(200, min_length=1)] | None = Field(
        description="Subject of the token of who does the task from now on; null: nobody"
    )


class TaskUrgeIn(TaskReasonIn):
    children: StrictBool = Field(default=False, description="Whether it goes to all open tasks below this one as well")


class TaskApproveIn(TaskActionIn):
    quality: int | None = Field(
        default=None,
        ge=1,
        le=5,
        description="The mark that the second approval gives the work, 5 being the best. Nobody rates their own unit's",
    )


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


class TaskDeadlineIn(TaskReasonIn):
    due_on: Day = Field(description="The last day on which the task is on time")


class TaskTriggerIn(TaskActionIn):
    happened_on: Day = Field(description="The day of the event from which the term counts")


class TaskReturnIn(TaskActionIn):
    reason: TaskReturnReason


class RhythmOut(Out):
    """How often work is due; what is null was not said: then at the end of the week, month, quarter or year."""

    every: Every
    weekday: int | None = Field(description="1 for Monday to 7 for Sunday")
    day: int | None = Field(description="Day of the month; the last one of a quarter or half-year")
    month: int | None
    hour: str | None = Field(description="HH:MM local time, as worded; a task is on time until the end of its last day")
    starts_on: date | None
    ends_on: date | None


class TriggerOut(Out):
    """A number of days after an event: there is a deadline once `confirm_trigger` says when it happened."""

    days: int
    working: bool
    after: str = Field(description="The event, in the words of the document")


class ScheduleOut(Out):
    milestones: list[date] = Field(description="Every day that the wording names, where there are several")
    rhythm: list[RhythmOut] = Field(description="Each makes occurrences, which are children of the task")
    trigger: TriggerOut | None


class TaskOut(Out):
    code: str
    plan: str | None
    number: int | None
    written_number: str = Field(description="The number as its document has it")
    section: str = Field(description="The headings of its document under which it stands")
    title: str
    lead_unit: str
    coordinating_units: list[str]
    former_leads: list[str]
    officer: str | None = Field(
        description="Subject of the token of who does it; shown to staff of the lead and to the assigning unit"
    )
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
    schedule: ScheduleOut | None = Field(
        default=None, description="What the wording of the deadline says beside the last day"
    )
    product: str
    source: str
    petition: str | None = Field(description="The voters' petition that it comes from")
    document: str | None = Field(description="The registered document that it comes from")
    urgency: Urgency
    status: TaskStatus
    approvals: int = Field(description="Number of approvals that the report of completion has so far")
    reported_at: datetime | None
    completed_at: datetime | None = Field(description="Time of the report of completion that was approved")
    product_number: str | None = Field(description="Number of the document in which the product was issued")
    product_date: date | None = Field(description="Date of that document")
    quality: int | None = Field(description="The mark of the second approval, 1 to 5; null: none was given")
    completed_late: bool
    awaiting_trigger: bool = Field(
        default=False, description="It has no deadline until `confirm_trigger` says when an event happened"
    )
    recurring: bool = Field(
        default=False, description="It is done by its occurrences, which are its children: each has a day of its own"
    )
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
    urgings: int = Field(description="How often its lead, or its officer, was urged")
    urged_at: datetime | None = Field(description="The last time")
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
            awaiting_trigger=task.awaiting_trigger,
            recurring=task.recurring,
            overdue=task.overdue(now),
            due_soon=task.due_soon(now, due_soon_days),
            possible=[TaskAction(action) for action in possible],
        )


class TaskStepOut(Out):
    """A step of the procedure of a task. Who did it is shown as the officer is."""

    id: int
    position: int
    text: str
    due_on: date | None
    done: bool
    done_at: datetime | None
    done_by: str | None
    version: int = Field(description="For `If-Match` where the step is changed")


class TaskDetailOut(TaskOut):
    """A task with the work on it. Work changes without a new version of the task."""

    steps: list[TaskStepOut]
    evidence: int = Field(description="Number of files and links that show the product")
    percent: int | None = Field(description="How far it is, by the last report of progress")
    unanswered_obstacles: int = Field(description="Number of obstacles that the assigning unit has not answered")

    @classmethod
    def with_work(cls, shown: TaskOut, work: Work, *, people: bool) -> Self:
        """`people` is whether this reader is told who did what."""
        steps = [each if people else msgspec.structs.replace(each, done_by=None) for each in work.steps]
        return cls(
            **dict(shown),
            steps=[TaskStepOut.model_validate(each) for each in steps],
            evidence=work.evidence,
            percent=work.percent,
            unanswered_obstacles=work.unanswered_obstacles,
        )


class TaskWarning(Out):
    field: str
    message: str


class TaskAssignedOut(TaskOut):
    """The task, and how the wording of its deadline was read."""

    reading: Reading | None = Field(
        default=None, description="What the wording says; null where the last day was given as a day"
    )
    warnings: list[TaskWarning] = Field(default=[], description="What is doubtful about the wording of the deadline")

    @classmethod
    def read(cls, task: TaskOut, deadline: Deadline | None, language: str) -> Self:
        """The task with what was read of its deadline, its doubts in that language."""
        doubts = deadline.doubts if deadline else ()
        warnings = [TaskWarning(field="due_text", message=getattr(doubt, language)) for doubt in doubts]
        return cls(**task.model_dump(), reading=deadline.reading if deadline else None, warnings=warnings)


class TaskBrief(Out):
    """A task in a list, in as few words as a list on a small screen shows."""

    code: str
    version: int
    status: TaskStatus
    lead_unit: str
    title: str
    due_on: date | None
    overdue: bool


class TaskPage(Page):
    items: list[TaskOut] = Field(description="Empty with `view=brief`")
    brief: list[TaskBrief] | None = Field(
        default=None, exclude_if=absent, description="With `view=brief`, in the place of `items`"
    )


class ProgressCounts(Out):
    """Counts of tasks at the end of a day. The statuses from `not_started` to `closed` add up to `total`."""

    total: int
    not_started: int
    in_progress: int
    reported: int
    extension_requested: int
    close_proposed: int
    completed: int
    closed: int
    completed_late: int = Field(description="Completed tasks that were reported after their last day")
    overdue: int = Field(description="Open tasks whose last day has passed")
    due_soon: int = Field(description="Open tasks whose last day is near")
    no_deadline: int = Field(description="Open tasks without a deadline")
    awaiting_approval: int = Field(description="Open tasks reported in time: neither overdue nor done")
    missed: int = Field(
        description="What units left undone when they passed a task on late, or when it was closed late"
    )


class RateOut(Out):
    """What is done of all."""

    completed: int
    total: int
    percent: float | None = Field(description="Rounded half up to two places; null where there is nothing")
    text: str = Field(description="As reports write it: `31/34 = 91.18 %`")

    @classmethod
    def of(cls, rate: Rate) -> Self:
        percent = rate.percent
        return cls(
            completed=rate.completed,
            total=rate.total,
            percent=None if percent is None else float(percent),
            text=rate.text,
        )
