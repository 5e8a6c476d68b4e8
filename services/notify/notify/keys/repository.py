"""Keys in the database: everything of them but themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from notify.keys.domain import StoredKey
from notify.keys.models import api_keys

_C: Final = api_keys.c
USED_WITHIN: Final = timedelta(seconds=50)
"""So often the last use is written down at most, by however many gateways."""


async def lock(conn: AsyncConnection, system: str) -> None:
    """Let nobody else add or end a key of that system until the caller commits."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"keys of {system}"))))


async def add(conn: AsyncConnection, key: StoredKey) -> None:
    """Keep a key."""
    await conn.execute(insert(api_keys).values(**msgspec.structs.asdict(key)))


async def get(conn: AsyncConnection, id_: str) -> StoredKey | None:
    """The key with that id."""
    found = records(await conn.execute(select(api_keys).where(_C.id == id_)), StoredKey)
    return found[0] if found else None


async def of_system(conn: AsyncConnection, system: str, limit: int) -> Sequence[StoredKey]:
    """Keys of a system, the newest first."""
    query = select(api_keys).where(_C.system == system).order_by(_C.created_at.desc(), _C.id).limit(limit)
    return records(await conn.execute(query), StoredKey)


async def end(conn: AsyncConnection, id_: str, at: datetime) -> None:
    """Let a key end then."""
    await conn.execute(update(api_keys).where(_C.id == id_).values(expires_at=at))


async def revoke(conn: AsyncConnection, id_: str, actor: str, at: datetime) -> None:
    """Let a key open nothing any more, unless it was revoked before."""
    revoked = update(api_keys).where(_C.id == id_, _C.revoked_at.is_(None))
    await conn.execute(revoked.values(revoked_at=at, revoked_by=actor))


async def used(conn: AsyncConnection, id_: str, at: datetime) -> None:
    """Write down that a key was used, unless that was written just now."""
    due = or_(_C.last_used_at.is_(None), _C.last_used_at <= at - USED_WITHIN)
    await conn.execute(update(api_keys).where(_C.id == id_, due).values(last_used_at=at))
