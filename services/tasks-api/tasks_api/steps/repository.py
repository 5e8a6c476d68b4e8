"""Steps in the database. The task must be locked by whoever changes them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tasks_api.tasks.models import task_steps

_C = task_steps.c


async def add(
    conn: AsyncConnection, task_id: int, text: str, due_on: date | None, *, position: int, at: datetime, by: str
) -> int:
    """A new step; returns its id."""
    values = {"task_id": task_id, "text": text, "due_on": due_on, "position": position}
    values |= {"added_at": at, "added_by": by, "version": 1}
    return int((await conn.execute(insert(task_steps).values(values).returning(_C.id))).scalar_one())


async def change(conn: AsyncConnection, step_id: int, values: Mapping[str, Any]) -> None:
    """Set these columns, and count the change."""
    await conn.execute(update(task_steps).where(_C.id == step_id).values({**values, "version": _C.version + 1}))


async def reorder(conn: AsyncConnection, order: Sequence[int]) -> None:
    """Number these steps from 1. That is no change of the single step."""
    statement = update(task_steps).where(_C.id == bindparam("of")).values(position=bindparam("place"))
    await conn.execute(statement, [{"of": id_, "place": place} for place, id_ in enumerate(order, 1)])
