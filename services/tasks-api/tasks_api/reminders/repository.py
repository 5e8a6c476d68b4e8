"""Tasks of which something may be to be said, and timers that are missing."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import literal, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.storage.records import records
from tasks_api.metadata import METADATA
from tasks_api.tasks.domain import Task
from tasks_api.tasks.models import tasks
from tasks_api.tasks.repository import COLUMNS
from tasks_api.tasks.timers import REMINDER

_TIMER: Final = METADATA.tables["timer"]


async def by_code(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, Task]:
    """These tasks, unlocked: what moves one of them sets its timer, which the caller holds, and so waits."""
    query = select(*COLUMNS).where(tasks.c.code.in_(codes))
    return {task.code: task for task in records(await conn.execute(query), Task)}


async def set_missing(conn: AsyncConnection, due_since: date, at: datetime) -> None:
    """Give a timer to each open task that has none, and whose last day is not so long past."""
    missing = select(literal(REMINDER), tasks.c.code, literal(at), literal(at)).where(
        # Written as in the partial index of open tasks.
        tasks.c.status.not_in([literal_column("'completed'"), literal_column("'closed'")]),
        tasks.c.status != TaskStatus.REPORTED,
        ~tasks.c.fanned_out,
        tasks.c.due_on >= due_since,
        ~select(_TIMER.c.key).where(_TIMER.c.kind == REMINDER, _TIMER.c.key == tasks.c.code).exists(),
    )
    columns = ["kind", "key", "due_at", "fires_at"]
    await conn.execute(insert(_TIMER).from_select(columns, missing).on_conflict_do_nothing())
