"""Which occurrences are to be assigned."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record
from tasks_api.tasks.domain import Occurrence, Task
from tasks_api.tasks.models import task_rhythms, tasks
from tasks_api.tasks.repository import COLUMNS


async def claim(conn: AsyncConnection, now: datetime, limit: int) -> list[tuple[Task, Occurrence]]:
    """Some occurrences that are to be assigned by now, one of each rhythm, with their tasks; all locked.

    What somebody else holds is left for the next time, so that nobody waits for anybody.
    """
    rhythm = task_rhythms.c
    query = (
        select(*COLUMNS, rhythm.number.label("rhythm"), rhythm.next_on, rhythm.create_at)
        .join_from(task_rhythms, tasks, tasks.c.id == rhythm.task_id)
        .where(rhythm.create_at <= now)
        .order_by(rhythm.create_at)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True, of=[task_rhythms, tasks])
    )
    rows = (await conn.execute(query)).mappings()
    return [(record(row, Task), Occurrence(row["rhythm"], row["next_on"], row["create_at"])) for row in rows]


async def move_on(conn: AsyncConnection, task: Task, number: int, following: Occurrence | None) -> None:
    """The occurrence of this rhythm that is assigned next; None when nothing comes any more."""
    here = (task_rhythms.c.task_id == task.id, task_rhythms.c.number == number)
    if following is None:
        await conn.execute(delete(task_rhythms).where(*here))
    else:
        moved = {"next_on": following.due_on, "create_at": following.begins_at}
        await conn.execute(update(task_rhythms).values(moved).where(*here))
