"""Queries and writes of calendar links, and what stands in a calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, Table, and_, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import fields, record, records
from tasks_api.consultations.domain import Consultation
from tasks_api.consultations.models import consultation_history, consultations
from tasks_api.tasks.domain import ENDED, Task, UnitRole
from tasks_api.tasks.models import task_history, task_parties, tasks
from tasks_api.tasks.repository import COLUMNS
from tasks_api.unit_calendars.domain import MOST_ENTRIES, Changed, Link
from tasks_api.unit_calendars.models import calendar_links

_L: Final = calendar_links.c
_LINK: Final = (_L.id, _L.unit, _L.name, _L.created_at, _L.revoked_at)
_AT: Final = "changed_at"


async def lock_unit(conn: AsyncConnection, unit: str) -> None:
    """Serialise what makes links of a unit: two at once could be one too many."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"calendar_links {unit}"))))


async def count_open(conn: AsyncConnection, unit: str) -> int:
    query = select(func.count()).where(_L.unit == unit, _L.revoked_at.is_(None))
    return int((await conn.execute(query)).scalar_one())


async def add(conn: AsyncConnection, *, unit: str, name: str, digest: bytes, at: datetime, by: str) -> Link:
    values = {"unit": unit, "name": name, "digest": digest, "created_at": at, "created_by": by}
    row = (await conn.execute(insert(calendar_links).values(values).returning(*_LINK))).mappings().one()
    return record(row, Link)


async def page(conn: AsyncConnection, unit: str, before: int | None, limit: int) -> Sequence[Link]:
    """Links of the unit, newest first."""
    query = select(*_LINK).where(_L.unit == unit).order_by(_L.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_L.id < before)
    return records(await conn.execute(query), Link)


async def revoke(conn: AsyncConnection, unit: str, id_: int, *, at: datetime, by: str) -> Link | None:
    """The revoked link; one that was revoked before stays as it was. None where the unit has no such link."""
    await conn.execute(
        update(calendar_links)
        .where(_L.id == id_, _L.unit == unit, _L.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
    )
    row = (await conn.execute(select(*_LINK).where(_L.id == id_, _L.unit == unit))).mappings().first()
    return None if row is None else record(row, Link)


async def opens(conn: AsyncConnection, unit: str, digest: bytes) -> bool:
    """Whether the secret with this digest opens the calendar of the unit. The index is of digests: how long it is
    looked for says nothing about a secret."""
    query = select(_L.id).where(_L.digest == digest, _L.unit == unit, _L.revoked_at.is_(None))
    return (await conn.execute(query)).first() is not None


async def tasks_of(conn: AsyncConnection, unit: str) -> list[Changed]:
    """Open tasks that the unit leads and that have a last day, the soonest first."""
    query = (
        select(*COLUMNS)
        .join(task_parties, task_parties.c.task_id == tasks.c.id)
        .where(task_parties.c.unit == unit, task_parties.c.roles.contains([UnitRole.LEAD.value]))
        .where(tasks.c.status.not_in(ENDED), tasks.c.due_on.is_not(None))
        .order_by(tasks.c.due_on, tasks.c.id)
    )
    return await _changed(conn, query, tasks, task_history, "task_id", Task)


async def questions_to(conn: AsyncConnection, unit: str, now: datetime) -> list[Changed]:
    """Open consultations that wait for the answer of the unit, the soonest first."""
    columns = consultations.c
    query = (
        select(consultations)
        .where(columns.status == literal_column("'open'"), columns.unit == unit, columns.due_at > now)
        .order_by(columns.due_at, columns.id)
    )
    return await _changed(conn, query, consultations, consultation_history, "consultation_id", Consultation)


async def _changed(
    conn: AsyncConnection,
    query: Select[Any],
    of: Table,
    history: Table,
    key: str,
    kind: type[Task] | type[Consultation],
) -> list[Changed]:
    last = and_(history.c[key] == of.c.id, history.c.version == of.c.version)
    query = query.add_columns(history.c["at"].label(_AT)).join(history, last).limit(MOST_ENTRIES)
    found = []
    for row in (await conn.execute(query)).mappings():
        values = fields(row)
        at = values.pop(_AT)
        found.append(Changed(msgspec.convert(values, kind), at))
    return found
