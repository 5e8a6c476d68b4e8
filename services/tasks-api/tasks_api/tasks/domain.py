"""A task: which unit is responsible, until when, and its status. Pure: time and calendar are arguments."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.rules import RuleBroken

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


class TaskDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A task before it is assigned. Where the lead is a group, `fan_out` lists its units: one child for each."""

    title: str
    lead_unit: str
    number: int | None = None
    coordinating_units: tuple[str, ...] = ()
    due_text: str = ""
    due_on: date | None = None
    product: str = ""
    source: str = ""
    petition: str | None = None
    """The voters' petition that it comes from: a report of the feedback service."""
    urgency: Urgency = Urgency.NORMAL
    fan_out: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task with its whole state.

    `due_at` is the first instant at which it is late: the one after the local day `due_on`, which was `planned_due_on`
    at first. `late_from` is the due time that its lead missed before it was given more time: that does not make up for
    it. `reported_at` is set while a report awaits approval; `completed_at` is the instant of the report that was
    approved. A returned task goes to `assigning_unit`. A task that is `fanned_out` changes with its children, or by
    the assigning office.
    """

    id: int
    code: str
    title: str
    lead_unit: str
    assigning_unit: str
    assigned_at: datetime
    plan: str | None = None
    number: int | None = None
    parent: str | None = None
    coordinating_units: tuple[str, ...] = ()
    former_leads: tuple[str, ...] = ()
    fanned_out: bool = False
    due_text: str = ""
    due_on: date | None = None
    due_at: datetime | None = None
    planned_due_on: date | None = None
    late_from: datetime | None = None
    product: str = ""
    source: str = ""
    petition: str | None = None
    """The voters' petition that it comes from: a report of the feedback service."""
    urgency: Urgency = Urgency.NORMAL
    status: TaskStatus = TaskStatus.NOT_STARTED
    approvals: int = 0
    reported_at: datetime | None = None
    reported_by: str | None = None
    endorsed_by: str | None = None
    completed_at: datetime | None = None
    extensions: int = 0
    requested_due_on: date | None = None
    handovers: int = 0
    """By units of their own accord: what the assigning office moves is nobody's hand-over."""
    unjustified: tuple[int, ...] = ()
    """Versions that hand-overs made which the assigning office judged unjustified."""
    version: int = 1

    @property
    def unit(self) -> str:
        """The unit responsible for it now."""
        return self.lead_unit

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def late_at(self) -> datetime | None:
        """The first instant at which its lead is late, whatever more time it was given afterwards."""
        return self.late_from or self.due_at

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


def due_at(due_on: date | None, calendar: WorkingCalendar) -> datetime | None:
    """The first instant after the local day; None without a day."""
    return None if due_on is None else calendar.end_of_day(due_on)


class Receiving(NamedTuple):
    """What a unit gets with a task that others hand it."""

    calendar: WorkingCalendar
    least_working_days: int

    def due_on(self, task: Task, at: datetime) -> date | None:
        """The task's last day, but never before the receiver could have done it."""
        if task.due_on is None:
            return None
        least = self.calendar.local_date(self.calendar.add_working_days(at, self.least_working_days))
        return max(task.due_on, least)


class Handover(NamedTuple):
    """A hand-over by a unit: the version that it made, and the version of the judgement against it that stands."""

    version: int
    unit: str
    at: datetime
    judged_by: int | None


def missed_by(before: Task, after: Task, at: datetime) -> str | None:
    """The unit whose duty ended unmet with this change: it was late when the task passed on, or was closed undone.

    So it stays missed, whatever becomes of the task.
    """
    passed_on = after.lead_unit != before.lead_unit or after.status is TaskStatus.CLOSED
    return before.lead_unit if passed_on and not before.fanned_out and before.overdue(at) else None


def check_within(parent: Task, due_on: date | None) -> None:
    """A child must be due no later than its parent. Raises `RuleBroken`."""
    if parent.due_on and (due_on is None or due_on > parent.due_on):
        raise RuleBroken(
            "due_on",
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


def rolled_up(children: Collection[tuple[TaskStatus, datetime | None]]) -> Rollup:
    """A parent is completed when every child has ended, as of the last one, and in progress once any child started."""
    statuses = {status for status, _ in children}
    if statuses == {TaskStatus.CLOSED}:
        return Rollup(TaskStatus.CLOSED, None)
    if statuses <= ENDED:
        return Rollup(TaskStatus.COMPLETED, max(at for _, at in children if at is not None))
    if statuses == {TaskStatus.NOT_STARTED}:
        return Rollup(TaskStatus.NOT_STARTED, None)
    return Rollup(TaskStatus.IN_PROGRESS, None)
