"""Occurrences of recurring tasks are assigned once, by whichever worker looks first, as of when they begin."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from tasks_api.occurrences import repository
from tasks_api.tasks.assignment import assign_occurrences
from tasks_api.tasks.domain import Occurrence, Task, next_occurrence
from tasks_api.units.service import Units

AT_ONCE: Final = 50
MOST_OF_EACH: Final = 10
"""Rhythms of one transaction, and occurrences of each: after an outage, or when a plan of last year is imported, there
are many, and meanwhile others wait for an answer."""


async def assign_due(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    """Assign some occurrences that have begun, without commit. They hold as of then, however late this runs.

    A task that has ended has no more of them.
    """
    claimed = await repository.claim(conn, now, AT_ONCE)
    if not claimed:
        return Swept(0)
    found: list[tuple[Task, Occurrence]] = []
    for task, first in claimed:
        begun = [] if task.ended else list(islice(_begun(task, first, now, here.calendar), MOST_OF_EACH))
        found += [(task, each) for each in begun]
        following = next_occurrence(task, first.number, begun[-1].due_on, here.calendar) if begun else None
        await repository.move_on(conn, task, first.number, following)
    if found:
        unit_index = await here.use(Units).unit_index(conn, here.calendar.local_date(now))
        await assign_occurrences(conn, found, unit_index, here.calendar, now)
    return Swept(len(claimed))


def _begun(task: Task, first: Occurrence, now: datetime, calendar: WorkingCalendar) -> Iterator[Occurrence]:
    each: Occurrence | None = first
    while each and each.begins_at <= now:
        yield each
        each = next_occurrence(task, each.number, each.due_on, calendar)


ASSIGNING: Final = Sweep("occurrences.assign", assign_due)
