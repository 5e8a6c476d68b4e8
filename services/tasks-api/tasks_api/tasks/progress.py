"""Progress of a set of tasks on any day, past or future."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from cchc_shared.contract.codes import TaskStatus
from tasks_api.tasks.domain import ENDED


class Snapshot(msgspec.Struct, frozen=True):
    """One task at the end of a day, after the last change that happened by then."""

    status: TaskStatus
    due_on: date | None
    completed_on: date | None
    """The local day of the approved report."""


@dataclass(frozen=True)
class Progress:
    """Counts at the end of the local day `as_of`.

    The statuses from `not_started` to `closed` add up to `total`. `completed` counts tasks whose report had passed its
    second approval by then; `completed_late` those of them whose report came after their last day. `overdue`,
    `due_soon` and `no_deadline` count open tasks: a task is in time on its last day, and overdue from the next.
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


def progress(snapshots: Iterable[Snapshot], as_of: date, due_soon_days: int) -> Progress:
    """Count tasks that were assigned by the end of `as_of`; the caller leaves later ones out."""
    tasks = list(snapshots)
    still_open = [task for task in tasks if task.status not in ENDED]
    dated = [task.due_on for task in still_open if task.due_on is not None]
    soon = as_of + timedelta(days=due_soon_days)
    return Progress(
        as_of=as_of,
        total=len(tasks),
        **{status.value: sum(task.status is status for task in tasks) for status in TaskStatus},
        completed_late=sum(_late(task) for task in tasks),
        overdue=sum(due_on < as_of for due_on in dated),
        due_soon=sum(as_of <= due_on <= soon for due_on in dated),
        no_deadline=len(still_open) - len(dated),
    )


def _late(task: Snapshot) -> bool:
    return (
        task.status is TaskStatus.COMPLETED
        and task.due_on is not None
        and task.completed_on is not None
        and task.completed_on > task.due_on
    )
