"""Reports of progress in the database."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record, records
from tasks_api.progress_reports.domain import Obstacle, ProgressReport
from tasks_api.progress_reports.schemas import ObstacleQuery, ProgressReportIn
from tasks_api.tasks.domain import Task
from tasks_api.tasks.models import task_parties, task_progress_reports, tasks

_C: Final = task_progress_reports.c
_COLUMNS: Final = [_C[name] for name in ProgressReport.__struct_fields__]


async def count(conn: AsyncConnection, task_id: int) -> int:
    """How many the task has."""
    return await conn.scalar(select(func.count()).where(_C.task_id == task_id)) or 0


async def add(conn: AsyncConnection, task: Task, given: ProgressReportIn, *, at: datetime, by: str) -> ProgressReport:
    """Insert one."""
    values = given.model_dump() | {"task_id": task.id, "unit": task.unit, "reported_at": at, "reported_by": by}
    row = await conn.execute(insert(task_progress_reports).values(values).returning(*_COLUMNS))
    return record(row.mappings().one(), ProgressReport)


async def find(conn: AsyncConnection, task_id: int, report: int) -> ProgressReport | None:
    """That report of that task, locked."""
    query = select(*_COLUMNS).where(_C.task_id == task_id, _C.id == report).with_for_update()
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, ProgressReport)


async def answer(conn: AsyncConnection, report: int, words: str, *, at: datetime, by: str) -> None:
    values = {"answer": words, "answered_at": at, "answered_by": by}
    await conn.execute(update(task_progress_reports).where(_C.id == report).values(values))


async def page(conn: AsyncConnection, task_id: int, *, before: int | None, limit: int) -> list[ProgressReport]:
    """Those of a task, newest first; one more than the page holds."""
    query = select(*_COLUMNS).where(_C.task_id == task_id)
    if before is not None:
        query = query.where(_C.id < before)
    return records(await conn.execute(query.order_by(_C.id.desc()).limit(limit + 1)), ProgressReport)


async def waiting(
    conn: AsyncConnection, wanted: ObstacleQuery, *, reader: str | None, after: int | None
) -> list[Obstacle]:
    """Obstacles that wait in open tasks which this unit may read (None: all), oldest first; one more than the page."""
    query = (
        select(
            tasks.c.code.label("task"),
            tasks.c.title,
            tasks.c.lead_unit,
            tasks.c.assigning_unit,
            _C.id.label("report"),
            _C.percent,
            _C.obstacles,
            _C.reported_at,
        )
        .join_from(task_progress_reports, tasks, tasks.c.id == _C.task_id)
        # Written as in the partial indexes of unanswered reports and of open tasks.
        .where(_C.obstacles.is_not(None), _C.answered_at.is_(None))
        .where(tasks.c.status.not_in([literal_column("'completed'"), literal_column("'closed'")]))
    )
    if reader is not None:
        party = task_parties.c
        query = query.where(select(party.unit).where(party.unit == reader, party.task_id == tasks.c.id).exists())
    if wanted.assigning_unit is not None:
        query = query.where(tasks.c.assigning_unit == wanted.assigning_unit)
    if wanted.lead_unit is not None:
        query = query.where(tasks.c.lead_unit == wanted.lead_unit)
    if after is not None:
        query = query.where(_C.id > after)
    return records(await conn.execute(query.order_by(_C.id).limit(wanted.limit + 1)), Obstacle)
