"""Evidence in the database. The task must be locked by whoever changes it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record, records
from tasks_api.evidence.domain import Evidence
from tasks_api.tasks.models import task_evidence

_C: Final = task_evidence.c


async def of_task(conn: AsyncConnection, task_id: int) -> Sequence[Evidence]:
    """All of a task, oldest first, what was removed included."""
    query = select(task_evidence).where(_C.task_id == task_id).order_by(_C.number)
    return records(await conn.execute(query), Evidence)


async def find(conn: AsyncConnection, task_id: int, evidence_id: UUID) -> Evidence | None:
    """That one of that task, unless it was removed."""
    query = select(task_evidence).where(_C.task_id == task_id, _C.id == evidence_id, _C.removed_at.is_(None))
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Evidence)


async def same(conn: AsyncConnection, task_id: int, source_sha256: bytes) -> Evidence | None:
    """What the same bytes became before."""
    standing = _C.removed_at.is_(None)
    query = select(task_evidence).where(_C.task_id == task_id, _C.source_sha256 == source_sha256, standing)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Evidence)


async def numbers(conn: AsyncConnection, task_id: int) -> tuple[int, int]:
    """How many the task has, and the number of its last one, removed or not."""
    standing = func.count().filter(_C.removed_at.is_(None))
    query = select(standing, func.coalesce(func.max(_C.number), 0)).where(_C.task_id == task_id)
    count, last = (await conn.execute(query)).one()
    return count, last


async def add(conn: AsyncConnection, evidence: Evidence) -> None:
    """Insert the row."""
    await conn.execute(insert(task_evidence).values(msgspec.structs.asdict(evidence)))


async def remove(conn: AsyncConnection, evidence_id: UUID, *, at: datetime, by: str) -> None:
    """Mark it as taken back."""
    await conn.execute(update(task_evidence).where(_C.id == evidence_id).values(removed_at=at, removed_by=by))


async def referred_to(conn: AsyncConnection, keys: Collection[str]) -> set[str]:
    """Those objects that evidence refers to."""
    codes = {key.rpartition("/")[0] for key in keys}
    query = select(task_evidence).where(_C.code.in_(codes), _C.removed_at.is_(None))
    return {each.key for each in records(await conn.execute(query), Evidence) if each.key} & set(keys)
