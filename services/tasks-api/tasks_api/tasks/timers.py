"""What a time brings to tasks: when to look at their reminders, and words for the search of what is older than it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.http.since import KEPT
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Swept
from cchc_shared.storage import timers
from tasks_api.tasks import listing, repository
from tasks_api.tasks.domain import Task

AT_ONCE: Final = 500
REMINDER: Final = "tasks.remind"
"""The timer by which a task is looked at. Its due time says since when nothing was said of the task's last day."""


async def make_words(conn: AsyncConnection, _: datetime, __: Context) -> Swept:
    """Make the words of some tasks that nobody is working on at this moment, without commit."""
    return Swept(await repository.make_words(conn, AT_ONCE))


async def forget(conn: AsyncConnection, _: datetime, __: Context) -> Swept:
    """Forget what left a unit's sight before every cursor that holds, without commit."""
    return Swept(await listing.forget_what_left(conn, KEPT + timedelta(days=1)))


async def remind_from(conn: AsyncConnection, tasks: Iterable[Task], at: datetime) -> None:
    """Remind of the last days that these tasks have since this instant; nothing is said of what was before it."""
    since = at + timedelta.resolution
    await timers.schedule(conn, REMINDER, {task.code: since for task in tasks if task.reminded_of is not None})
