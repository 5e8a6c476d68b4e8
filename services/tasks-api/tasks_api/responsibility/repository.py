"""The register in the database: versions are added, and none is changed."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from tasks_api.inspections.access import Reader
from tasks_api.inspections.models import inspections
from tasks_api.inspections.repository import may_know
from tasks_api.responsibility.domain import Entry
from tasks_api.responsibility.models import responsibility_entries
from tasks_api.responsibility.schemas import EntryQuery
from tasks_api.tasks.models import tasks

_E: Final = responsibility_entries.c
_LATER: Final = responsibility_entries.alias("later")


async def add(conn: AsyncConnection, entry: Entry) -> bool:
    """Store a version; False if somebody else stored that version meanwhile."""
    values = msgspec.structs.asdict(entry) | {
        name: list(getattr(entry, name)) for name in ("tasks", "reports", "inspections")
    }
    stored = await conn.execute(insert(responsibility_entries).values(values).on_conflict_do_nothing())
    return stored.rowcount == 1


async def versions(conn: AsyncConnection, id_: UUID) -> Sequence[Entry]:
    """All versions of an entry, oldest first."""
    query = select(responsibility_entries).where(_E.id == id_).order_by(_E.version)
    return records(await conn.execute(query), Entry)


async def page(conn: AsyncConnection, wanted: EntryQuery, before: UUID | None) -> Sequence[Entry]:
    """What holds, the entry made last first; one more than the page holds."""
    is_newest = ~exists().where(_LATER.c.id == _E.id, _LATER.c.version > _E.version)
    query = select(responsibility_entries).where(is_newest, ~_E.withdrawn)
    for name in ("unit", "kind"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(_E[name] == value)
    if wanted.since:
        query = query.where(_E.happened_on >= wanted.since)
    if wanted.until:
        query = query.where(_E.happened_on <= wanted.until)
    if before is not None:
        query = query.where(_E.id < before)
    return records(await conn.execute(query.order_by(_E.id.desc()).limit(wanted.limit + 1)), Entry)


async def known_tasks(conn: AsyncConnection, codes: Collection[str]) -> set[str]:
    """Which of these are tasks."""
    return set(await conn.scalars(select(tasks.c.code).where(tasks.c.code.in_(codes))))


async def known_inspections(conn: AsyncConnection, codes: Collection[str], reader: Reader) -> set[str]:
    """Which of these are inspections that the reader may know of."""
    query = select(inspections.c.code).where(inspections.c.code.in_(codes), may_know(reader))
    return set(await conn.scalars(query))
