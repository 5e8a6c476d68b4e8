"""A task: which unit is responsible, until when, and its status. Pure: time and calendar are arguments."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.rules import RuleBroken
from tasks_api.deadlines.domain import Deadline, Rhythm, Trigger, occurrences

MOST_COORDINATING = 200
"""So many units take part in one task at most, so that its event stays within bounds."""
ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.CLOSED})


class Urgency(StrEnum):
    NORMAL = "normal"
    IMPORTANT = "important"
    URGENT = "urgent"


class UnitRole(StrEnum):
    """The role of a unit in a task. A unit in any role may read the task; only the lead acts on it."""

    LEAD = "lead"
    COORDINATING = "coordinating"
    FORMER_LEAD = "former_lead"
    ASSIGNING = "assigning"
    RELATED = "related"
    """It leads the parent or one of the children."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """What the wording of a deadline says beside the last day: days on the way to it, rhythms, or an event to wait for.

    Of the milestones only the last counts: it is the deadline.
    """

    milestones: tuple[date, ...] = ()
    rhythm: tuple[Rhythm, ...] = ()
    trigger: Trigger | None = None

    @property
    def recurs(self) -> bool:
        """Whether there are occurrences. Work that just goes on has none."""
        return any(rhythm.every != "continuous" for rhythm in self.rhythm)


def schedule_of(deadline: Deadline) -> Schedule | None:
    """What is kept of a deadline that was read, beside its last day; None where there is nothing else."""
    if not (deadline.milestones or deadline.rhythm or deadline.trigger):
        return None
    return Schedule(milestones=deadline.milestones, rhythm=deadline.rhythm, trigger=deadline.trigger)


class TaskDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A task before it is assigned. Where the lead is a group, `fan_out` lists its units: one child for each."""

    title: str
    lead_unit: str
    number: int | None = None
    part: int = 1
    """Several tasks come from one row that has several leads; the others' codes end in "-2", "-3"."""
    written_number: str = ""
    section: str = ""
    coordinating_units: tuple[str, ...] = ()
    due_text: str = ""
    due_on: date | None = None
    schedule: Schedule | None = None
    product: str = ""
    source: str = ""
    petition: str | None = None
    """The voters' petition that it comes from: a report of the feedback service."""
    document: str | None = None
    """The registered document that it comes from."""
    urgency: Urgency = Urgency.NORMAL
    fan_out: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task with its whole state.

    `due_at` is the first instant at which it is late: the one after the local day `due_on`, which was `planned_due_on`
    at first. `late_from` is the due time that its lead missed before it was given more time: that does not make up for
    it. `reported_at` is set while a report awaits approval; `completed_at` is the instant of the report that was
    approved. A returned task goes to `assigning_unit`. A task that is `fanned_out`, or recurs, changes with its
    children, or by the assigning office.
    """

    id: int
    code: str
    title: str
    lead_unit: str
    assigning_unit: str
    assigned_at: datetime
    plan: str | None = None
    number: int | None = None
    written_number: str = ""
    """As the document has it ("I.2", "a)")."""
    section: str = ""
    """The headings of the document under which it stands."""
    parent: str | None = None
    coordinating_units: tuple[str, ...] = ()
    former_leads: tuple[str, ...] = ()
    officer: str | None = None
    """Who does it, of the lead unit: the subject of their token."""
    fanned_out: bool = False
    due_text: str = ""
    due_on: date | None = None
    due_at: datetime | None = None
    planned_due_on: date | None = None
    late_from: datetime | None = None
    schedule: Schedule | None = None
    product: str = ""
    source: str = ""
    petition: str | None = None
    """The voters' petition that it comes from: a report of the feedback service."""
    document: str | None = None
    """The registered document that it comes from."""
    urgency: Urgency = Urgency.NORMAL
    status: TaskStatus = TaskStatus.NOT_STARTED
    approvals: int = 0
    reported_at: datetime | None = None
    reported_by: str | None = None
    endorsed_by: str | None = None
    completed_at: datetime | None = None
    product_number: str | None = None
    product_date: date | None = None
    """Number and date of the document in which the product was issued, as the report says."""
    quality: int | None = None
    """The mark, 1 to 5, that whoever completed it by their approval gave."""
    extensions: int = 0
    requested_due_on: date | None = None
    handovers: int = 0
    """By units of their own accord: what the assigning office moves is nobody's hand-over."""
    unjustified: tuple[int, ...] = ()
    """Versions that hand-overs made which the assigning office judged unjustified."""
    urgings: int = 0
    urged_at: datetime | None = None
    version: int = 1

    @property
    def unit(self) -> str:
        """The unit responsible for it now."""
        return self.lead_unit

    @property
    def has_occurrences(self) -> bool:
        """Occurrences are assigned for it. Each unit of a fanned-out task has its own."""
        return self.schedule is not None and self.schedule.recurs and not self.fanned_out

    @property
    def recurring(self) -> bool:
        """It is done by its occurrences, and no otherwise: no event gives it a deadline beside them."""
        return self.has_occurrences and not (self.schedule and self.schedule.trigger)

    @property
    def follows_children(self) -> bool:
        """Its children, or its assigning unit, move it; it carries no duty of its own."""
        return self.fanned_out or self.recurring

    @property
    def awaiting_trigger(self) -> bool:
        """It has no deadline until somebody says when an event happened."""
        waits = self.schedule is not None and self.schedule.trigger is not None
        return waits and self.due_on is None and not self.ended

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def reported(self) -> bool:
        """What was reported stays as it is until it is approved or rejected."""
        return self.status is TaskStatus.REPORTED

    @property
    def late_at(self) -> datetime | None:
        """The first instant at which its lead is late, whatever more time it was given afterwards."""
        return self.late_from or self.due_at

    @property
    def reminded_of(self) -> date | None:
        """The last day of which its lead is reminded: none once it was reported, and none of a task of many units,
        whose children have their own."""
        waits = not self.ended and self.status is not TaskStatus.REPORTED and not self.fanned_out
        return self.due_on if waits else None

    @property
    def awaiting_approval(self) -> bool:
        """Reported in time: neither overdue nor done, however long the approval takes."""
        return self.reported_at is not None and (self.late_at is None or self.reported_at < self.late_at)

    @property
    def completed_late(self) -> bool:
        return self.completed_at is not None and self.late_at is not None and self.completed_at >= self.late_at

    def overdue(self, now: datetime) -> bool:
        """Open, and late."""
        return not self.ended and not self.awaiting_approval and self.late_at is not None and now >= self.late_at

    def due_soon(self, now: datetime, days: int) -> bool:
        """Open, not reported, in time, and its last day is at most so many days away."""
        waiting = not self.ended and not self.awaiting_approval and not self.overdue(now)
        return waiting and self.due_at is not None and now < self.due_at <= now + timedelta(days=days + 1)


class TaskStep(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `task_steps`."""

    id: int
    task_id: int
    position: int
    text: str
    due_on: date | None
    done_at: datetime | None
    done_by: str | None
    version: int

    @property
    def done(self) -> bool:
        return self.done_at is not None


class Work(msgspec.Struct, frozen=True):
    """What stands beside a task."""

    steps: list[TaskStep]
    evidence: int
    percent: int | None
    unanswered_obstacles: int
    begun: bool
    """Whether there is or was any."""


def due_at(due_on: date | None, calendar: WorkingCalendar) -> datetime | None:
    """The first instant after the local day; None without a day."""
    return None if due_on is None else calendar.end_of_day(due_on)


class Occurrence(NamedTuple):
    """One time that a recurring task is due, by the rhythm with that number in its schedule."""

    number: int
    due_on: date
    begins_at: datetime
    """When it is assigned: with the task, or once the day has ended on which the work was due before."""


_TWO_YEARS: Final = timedelta(days=731)
"""Longer than any rhythm, so that the next day of each lies within."""


def next_occurrence(task: Task, number: int, after: date, calendar: WorkingCalendar) -> Occurrence | None:
    """The first occurrence of a rhythm whose last day comes after that day; None when the rhythm has ended.

    What is due daily is due on each working day.
    """
    rhythm = _schedule(task).rhythm[number]
    since = max(after + timedelta(days=1), rhythm.starts_on or after)
    due_on = next(_due(rhythm, since, since + _TWO_YEARS, calendar), None)
    if due_on is None:
        return None
    unbounded = msgspec.structs.replace(rhythm, starts_on=None, ends_on=None)
    *_, before = _due(unbounded, due_on - _TWO_YEARS, due_on - timedelta(days=1), calendar)
    return Occurrence(number, due_on, max(calendar.end_of_day(before), task.assigned_at))


def occurrence_code(task: Task, occurrence: Occurrence) -> str:
    """`{task}.{day}`, and `-2`, `-3` behind it where several rhythms of the task are due that day."""
    rhythms, due_on = _schedule(task).rhythm[: occurrence.number], occurrence.due_on
    place = 1 + sum(any(occurrences(rhythm, due_on, due_on)) for rhythm in rhythms)
    return f"{task.code}.{due_on}" + (f"-{place}" if place > 1 else "")


def _schedule(task: Task) -> Schedule:
    assert task.schedule is not None  # noqa: S101 - it recurs
    return task.schedule


def _due(rhythm: Rhythm, since: date, until: date, calendar: WorkingCalendar) -> Iterator[date]:
    days = occurrences(rhythm, since, until)
    return (day for day in days if rhythm.every != "daily" or calendar.is_working_day(day))


class Receiving(NamedTuple):
    """What a unit gets with a task that others hand it."""

    calendar: WorkingCalendar
    least_working_days: int

    def due_on(self, task: Task, at: datetime) -> date | None:
        """The task's last day, but never before the receiver could have done it."""
        return None if task.due_on is None else max(task.due_on, self.least_day(at))

    def least_day(self, at: datetime) -> date:
        """The first day by which a receiver could be asked to be done."""
        return self.calendar.local_date(self.calendar.add_working_days(at, self.least_working_days))


class Handover(NamedTuple):
    """A hand-over by a unit: the version that it made, and the version of the judgement against it that stands."""

    version: int
    unit: str
    at: datetime
    judged_by: int | None


def missed_by(before: Task, after: Task, at: datetime, *, inherited: bool = False) -> str | None:
    """The unit whose duty ended unmet with this change: it was late when the task passed on, or was closed undone.

    So it stays missed, whatever becomes of the task. A task that is `inherited` passed on to the heir of its lead,
    which may have the same code.
    """
    passed_on = inherited or after.lead_unit != before.lead_unit or after.status is TaskStatus.CLOSED
    return before.lead_unit if passed_on and not before.fanned_out and before.overdue(at) else None


def check_within(parent: Task, due_on: date | None, field: str = "due_on") -> None:
    """A child must be due no later than its parent. Raises `RuleBroken` on the field that gives its day."""
    if parent.due_on and (due_on is None or due_on > parent.due_on):
        raise RuleBroken(
            field,
            f"Nhiệm vụ con phải xong trong thời hạn của nhiệm vụ cha ({parent.due_on}).",
            f"A child task must be due within its parent's time ({parent.due_on}).",
        )


def unit_roles(task: Task, coordinating: Collection[str], related: Collection[str]) -> Mapping[str, list[UnitRole]]:
    """Every unit that may read the task, with its roles. Groups are given as their members."""
    found: dict[str, list[UnitRole]] = {}
    for role, units in (
        (UnitRole.LEAD, (task.lead_unit,)),
        (UnitRole.COORDINATING, coordinating),
        (UnitRole.FORMER_LEAD, task.former_leads),
        (UnitRole.ASSIGNING, (task.assigning_unit,)),
        (UnitRole.RELATED, related),
    ):
        for unit in units:
            found.setdefault(unit, []).append(role)
    return found


class Rollup(NamedTuple):
    """State of a fanned-out task, derived from its children."""

    status: TaskStatus
    completed_at: datetime | None


def rolled_up(children: Collection[tuple[TaskStatus, datetime | None]], *, more_to_come: bool = False) -> Rollup:
    """A parent is completed when every child has ended, as of the last one, and in progress once any child started.

    While `more_to_come`, as occurrences do, it does not end.
    """
    statuses = {status for status, _ in children}
    if more_to_come and statuses <= ENDED:
        return Rollup(TaskStatus.IN_PROGRESS, None)
    if statuses == {TaskStatus.CLOSED}:
        return Rollup(TaskStatus.CLOSED, None)
    if statuses <= ENDED:
        return Rollup(TaskStatus.COMPLETED, max(at for _, at in children if at is not None))
    if statuses == {TaskStatus.NOT_STARTED}:
        return Rollup(TaskStatus.NOT_STARTED, None)
    return Rollup(TaskStatus.IN_PROGRESS, None)
