"""Parked events that were released or discarded are kept for a while for whoever asks, and then removed."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KEPT_DAYS: Final = 365
"""From when it was parked. Who did what and why stays: `parked_event_audit` is not touched, and a rebuild obeys it."""
AT_ONCE: Final = 1000

_REMOVE = text(
    f"""DELETE FROM parked_event WHERE id IN (
            SELECT id FROM parked_event
            WHERE resolution IS NOT NULL AND parked_at < now() - interval '{KEPT_DAYS} days'
            ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)"""
)


async def purge(conn: AsyncConnection) -> int:
    """Remove the oldest, at most `AT_ONCE`, by the database's own clock; returns how many. The caller commits."""
    return (await conn.execute(_REMOVE, {"limit": AT_ONCE})).rowcount
