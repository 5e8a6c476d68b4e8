"""Connected systems in the database: versions are added, and none is changed."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from notify.systems.domain import System
from notify.systems.models import systems

_C: Final = systems.c
_LATER: Final = systems.alias("later")
_NEWEST: Final = ~exists().where(_LATER.c.code == _C.code, _LATER.c.version > _C.version)


async def add(conn: AsyncConnection, system: System) -> bool:
    """Store a version. False if another transaction stored that version meanwhile."""
    stored = await conn.execute(insert(systems).values(**msgspec.structs.asdict(system)).on_conflict_do_nothing())
    return bool(stored.rowcount)


async def get(conn: AsyncConnection, code: str) -> System | None:
    """The newest version."""
    found = records(await conn.execute(select(systems).where(_C.code == code, _NEWEST)), System)
    return found[0] if found else None


async def history(conn: AsyncConnection, code: str) -> Sequence[System]:
    """All versions, oldest first."""
    return records(await conn.execute(select(systems).where(_C.code == code).order_by(_C.version)), System)


async def page(conn: AsyncConnection, after: str | None, limit: int) -> Sequence[System]:
    """Newest versions by code, from the one that follows `after`."""
    query = select(systems).where(_NEWEST).order_by(_C.code).limit(limit)
    if after is not None:
        query = query.where(_C.code > after)
    return records(await conn.execute(query), System)
