"""What may be told live, in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from notify.audience.domain import Happening
from notify.live.domain import Told
from notify.live.models import live_events

_E: Final = live_events.c
_TOLD: Final = [_E[name] for name in Told.__struct_fields__]
_LOCK: Final = select(func.pg_advisory_xact_lock(func.hashtextextended("live events", 0)))


async def add(conn: AsyncConnection, happened: Iterable[Happening], now: datetime) -> None:
    """Store them; nobody else stores any until the caller commits.

    Places are taken before a commit. Without the lock a reader could see a place before a lower one that another
    worker has not committed yet, and would pass over it.
    """
    rows = [{**msgspec.structs.asdict(each), "made_at": now} for each in happened]
    if rows:
        await conn.execute(_LOCK)
        await conn.execute(postgresql.insert(live_events).on_conflict_do_nothing(), rows)


async def after(conn: AsyncConnection, place: int, limit: int) -> Sequence[Told]:
    """What comes after a place, in order."""
    return records(await conn.execute(select(*_TOLD).where(_E.place > place).order_by(_E.place).limit(limit)), Told)


async def newest(conn: AsyncConnection, limit: int) -> Sequence[Told]:
    """The last of all, in order."""
    return records(await conn.execute(select(*_TOLD).order_by(_E.place.desc()).limit(limit)), Told)[::-1]


async def place_of(conn: AsyncConnection, event_id: UUID) -> int | None:
    """The place of an event; None: it is forgotten, or never was one."""
    return await conn.scalar(select(_E.place).where(_E.event_id == event_id))


async def forget(conn: AsyncConnection, until: datetime, limit: int) -> int:
    """Delete events that were made before then; how many. The newest of all stays: whoever has come to it has missed
    nothing, however long nothing happens."""
    newest_place = select(func.max(_E.place)).scalar_subquery()
    old = select(_E.place).where(_E.made_at < until, _E.place < newest_place).order_by(_E.made_at).limit(limit)
    return (await conn.execute(delete(live_events).where(_E.place.in_(old)))).rowcount
