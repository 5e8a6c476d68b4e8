"""Progress of a set of tasks on any day, past or future."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec

from cchc_shared.contract.codes import TaskStatus
from tasks_api.tasks.domain import ENDED


class Snapshot(msgspec.Struct, frozen=True):
    """One task at the end of a day, after the last change that happened by then."""

    status: TaskStatus
    due_on: date | None
    completed_on: date | None
    """The local day of the approved report."""
    reported_on: date | None = None
    """The local day of the report that awaits approval."""
    late_after: date | None = None
    """The last day that was missed before the lead got more time."""
    missed: int = 0
    """Duties that units missed before they passed it on, or before it was closed."""

    @property
    def last_day(self) -> date | None:
        """The last day on which its lead is in time, whatever more time it was given afterwards."""
        return self.late_after or self.due_on

    @property
    def awaiting_approval(self) -> bool:
        return self.reported_on is not None and (self.last_day is None or self.reported_on <= self.last_day)


@dataclass(frozen=True)
class Progress:
    """Counts at the end of the local day `as_of`.

    The statuses from `not_started` to `closed` add up to `total`. `completed` counts tasks whose report had passed its
    second approval by then; `completed_late` those of them whose report came after their last day. `overdue`,
    `due_soon` and `no_deadline` count open tasks: a task is in time on its last day, and overdue from the next.
    One reported in time is `awaiting_approval`: neither overdue nor due. `missed` counts what units left undone when
    they passed a task on late, or when it was closed late.
    """

    as_of: date
    total: int
    not_started: int
    in_progress: int
    reported: int
    extension_requested: int
    close_proposed: int
    completed: int
    closed: int
    completed_late: int
    overdue: int
    due_soon: int
    no_deadline: int
    awaiting_approval: int
    missed: int


@dataclass(frozen=True)
class Rate:
    """What is done of all, as reports write it: "31/34 = 91.18 %". Of nothing there is no percentage."""

    completed: int
    total: int

    @property
    def percent(self) -> Decimal | None:
        """Exact, rounded half up to two places."""
        if self.total == 0:
            return None
        hundredths = Fraction(self.completed * 10_000, self.total)
        return Decimal(int(hundredths + Fraction(1, 2))).scaleb(-2)

    @property
    def text(self) -> str:
        fraction = f"{self.completed}/{self.total}"
        return fraction if self.percent is None else f"{fraction} = {self.percent} %"


def progress(snapshots: Iterable[Snapshot], as_of: date, due_soon_days: int) -> Progress:
    """Count tasks that were assigned by the end of `as_of`; the caller leaves later ones out."""
    tasks = list(snapshots)
    still_open = [task for task in tasks if task.status not in ENDED]
    dated = [task for task in still_open if task.due_on is not None]
    waiting = [task for task in dated if not task.awaiting_approval]
    soon = as_of + timedelta(days=due_soon_days)
    return Progress(
        as_of=as_of,
        total=len(tasks),
        **{status.value: sum(task.status is status for task in tasks) for status in TaskStatus},
        completed_late=sum(_late(task) for task in tasks),
        overdue=sum(task.last_day < as_of for task in waiting if task.last_day),
        due_soon=sum(as_of <= task.last_day <= soon for task in waiting if task.last_day),
        no_deadline=len(still_open) - len(dated),
        awaiting_approval=sum(task.awaiting_approval for task in still_open),
        missed=sum(task.missed for task in tasks),
    )


def _late(task: Snapshot) -> bool:
    return (
        task.status is TaskStatus.COMPLETED
        and task.last_day is not None
        and task.completed_on is not None
        and task.completed_on > task.last_day
    )
