"""Says of the last days of tasks that they come near, are there, or have passed: each step once.

A timer says since when nothing was said of a task. The transaction that takes it says what became due since then, and
sets it to the next step; what moves the last day sets it too, and so waits for that transaction, or is passed over by
it. The tasks themselves are not locked: whoever is at work on one is not kept waiting, and nobody waits in a circle.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick, Timer
from cchc_shared.storage import timers
from cchc_shared.storage.timers import Due
from tasks_api.notifications.domain import Notification
from tasks_api.notifications.repository import notify
from tasks_api.reminders import repository
from tasks_api.reminders.domain import Reminders
from tasks_api.tasks.timers import REMINDER


async def remind(conn: AsyncConnection, due: Sequence[Due], here: Context) -> None:
    """Say what is due of these tasks as of its time, however late this runs, without commit."""
    now, reminders = here.clock.now(), here.use(Reminders)
    tasks = await repository.by_code(conn, [each.key for each in due])
    notifications, again = list[Notification](), dict[str, datetime]()
    for each in due:
        if task := tasks.get(each.key):
            said = reminders.look(task, each.due_at, now)
            notifications += said.notifications
            if said.again is not None:
                again[task.code] = said.again
    await notify(conn, notifications, now)
    await timers.schedule(conn, REMINDER, again)


async def set_missing(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Once a day: tasks that a process of a former version stored have no timer."""
    now = here.clock.now()
    since = here.calendar.local_date(now) - here.use(Reminders).longest_late
    await repository.set_missing(conn, since, now)


REMINDING: Final = Timer(REMINDER, remind)
MISSING: Final = Tick("reminders.missing", timedelta(days=1), set_missing)
