"""What callers owe, in the database."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notify.limits.models import caller_standings
from notify.limits.schemas import SpentIn
from notify.limits.sql import ADD


async def add(conn: AsyncConnection, told: Sequence[SpentIn]) -> Mapping[str, float]:
    """By key, in how many seconds all of it will have come back, after this was added. No key may come twice."""
    found = await conn.execute(
        ADD,
        {
            "keys": [each.key for each in told],
            "spent": [each.spent for each in told],
            "windows": [each.window for each in told],
        },
    )
    return {row.key: row.seconds for row in found}


async def forget(conn: AsyncConnection, limit: int) -> int:
    """Delete callers who owe nothing; how many. Whoever is counted just now is left for the next time."""
    key = caller_standings.c.key
    old = (
        select(key)
        .where(caller_standings.c.full_at < func.now())
        .order_by(caller_standings.c.full_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await conn.execute(delete(caller_standings).where(key.in_(old)))).rowcount
