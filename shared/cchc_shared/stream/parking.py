"""What operators do with parked events: list, retry, discard, close a gap. Every act leaves its name and reason."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

Act = Literal["retry", "discard", "close_gap"]


class NoGap(Exception):
    """No event is missing before the first parked one of this aggregate."""


_LIST = text(
    """SELECT id, aggregate, version, type, reason, error, topic, partition, major, minor, parked_at, waits_until
       FROM parked_event WHERE resolution IS NULL AND id > :after AND (:aggregate = '' OR aggregate = :aggregate)
       ORDER BY id LIMIT :limit"""
)
# The worker locks an aggregate before its parked events, and so must we.
_LOCK = text(
    """SELECT version FROM stream_version
       WHERE aggregate = (SELECT aggregate FROM parked_event WHERE id = :id) FOR NO KEY UPDATE"""
)
_ONE = text("SELECT id, aggregate, version FROM parked_event WHERE id = :id AND resolution IS NULL")
_FIRST = text("SELECT min(version) FROM parked_event WHERE aggregate = :aggregate AND resolution IS NULL")
_RETRY = text("UPDATE stream_version SET retry = retry + 1 WHERE aggregate = :aggregate")
_PASS = text("UPDATE stream_version SET version = :version, retry = retry + 1 WHERE aggregate = :aggregate")
_DISCARD = text("UPDATE parked_event SET resolution = 'discarded' WHERE id = :id")
_AUDIT = text(
    """INSERT INTO parked_event_audit (aggregate, parked_event, action, done_by, reason)
       VALUES (:aggregate, :parked_event, :action, :done_by, :reason)"""
)


async def page(conn: AsyncConnection, *, aggregate: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """Parked events, oldest first, beginning after an id; an empty `aggregate` means all."""
    return (await conn.execute(_LIST, {"after": after, "aggregate": aggregate, "limit": limit})).all()


async def act(conn: AsyncConnection, event: int, action: Act, *, done_by: str, reason: str) -> str | None:
    """Act on one parked event; returns its aggregate, or None when no such event is parked. Raises `NoGap`.

    The caller commits. The worker does what was asked within a second or so.
    """
    applied = await conn.scalar(_LOCK, {"id": event})
    row = (await conn.execute(_ONE, {"id": event})).one_or_none()
    if row is None:
        return None
    await _ACTS[action](conn, row, applied)
    audit = {"aggregate": row.aggregate, "parked_event": row.id, "action": action, "done_by": done_by, "reason": reason}
    await conn.execute(_AUDIT, audit)
    aggregate: str = row.aggregate
    return aggregate


async def _retry(conn: AsyncConnection, event: Row[Any], _: int) -> None:
    await conn.execute(_RETRY, {"aggregate": event.aggregate})


async def _discard(conn: AsyncConnection, event: Row[Any], applied: int) -> None:
    await conn.execute(_DISCARD, {"id": event.id})
    if event.version == applied + 1:
        await conn.execute(_PASS, {"aggregate": event.aggregate, "version": event.version})
    else:  # a later one is simply gone, and will be missed as a gap when its turn comes
        await conn.execute(_RETRY, {"aggregate": event.aggregate})


async def _close_gap(conn: AsyncConnection, event: Row[Any], applied: int) -> None:
    first = await conn.scalar(_FIRST, {"aggregate": event.aggregate})
    if first is None or first <= applied + 1:
        raise NoGap(event.aggregate)
    await conn.execute(_PASS, {"aggregate": event.aggregate, "version": first - 1})


_ACTS: Final = {"retry": _retry, "discard": _discard, "close_gap": _close_gap}
