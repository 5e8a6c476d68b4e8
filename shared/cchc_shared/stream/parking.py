"""Operators' acts on parked events: list, retry, discard, close a gap. Each is recorded with name and reason."""

import json
from collections.abc import Sequence
from typing import Any, Final, Literal, TypedDict

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.stream.classification import Reason

Act = Literal["retry", "discard", "close_gap"]
BulkAct = Literal["retry", "discard"]


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
_ONE = text(
    """SELECT id, aggregate, version, reason, topic, partition, major, minor FROM parked_event
       WHERE id = :id AND resolution IS NULL"""
)
_FIRST = text(
    """SELECT min(version) FROM parked_event
       WHERE aggregate = :aggregate AND resolution IS NULL AND reason <> 'conflict'"""
)
_RETRY = text("UPDATE stream_version SET retry = retry + 1 WHERE aggregate = ANY(:aggregates)")
_DISCARD = text("UPDATE parked_event SET resolution = 'discarded' WHERE id = :id")
_AUDIT = text(
    """INSERT INTO parked_event_audit
              (aggregate, parked_event, action, done_by, reason, first_version, last_version, place)
       VALUES (:aggregate, :parked_event, :action, :done_by, :reason, :first_version, :last_version,
               CAST(:place AS jsonb))"""
)
_ALIKE = text(
    """SELECT p.id FROM parked_event p JOIN stream_version s USING (aggregate)
       WHERE p.resolution IS NULL AND p.reason = :because AND starts_with(coalesce(p.error, ''), :error_prefix)
         AND s.retry = 0
       ORDER BY p.aggregate, p.id LIMIT :limit FOR NO KEY UPDATE OF s"""
)
"""Aggregates that the worker was asked about already are left out, so that asking again goes on with the next."""
_STILL = text(
    """SELECT id, aggregate, version, reason, topic, partition, major, minor FROM parked_event
       WHERE id = ANY(:ids) AND resolution IS NULL ORDER BY aggregate, id"""
)
"""Asked when their aggregates are locked: the worker may have released some while we waited for it."""


class _GivenUp(TypedDict):
    """What an act gives up: no event of these versions, nor the record at this place, takes effect any more."""

    first_version: int | None
    last_version: int | None
    place: str | None


_NOTHING = _GivenUp(first_version=None, last_version=None, place=None)


async def page(conn: AsyncConnection, *, aggregate: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """Parked events, oldest first, beginning after an id; an empty `aggregate` means all."""
    return (await conn.execute(_LIST, {"after": after, "aggregate": aggregate, "limit": limit})).all()


async def act(conn: AsyncConnection, event: int, action: Act, *, done_by: str, reason: str) -> str | None:
    """Act on one parked event; returns its aggregate, or None when no such event is parked. Raises `NoGap`.

    The caller commits. The worker does what was asked within a second or so; a rebuild obeys it too.
    """
    applied = await conn.scalar(_LOCK, {"id": event})
    row = (await conn.execute(_ONE, {"id": event})).one_or_none()
    if row is None:
        return None
    given_up = _NOTHING if action == "retry" else await _GIVING_UP[action](conn, row, applied)
    await conn.execute(_RETRY, {"aggregates": [row.aggregate]})
    await conn.execute(_AUDIT, _audit(row, action, done_by, reason) | given_up)
    aggregate: str = row.aggregate
    return aggregate


async def act_on_all(
    conn: AsyncConnection, action: BulkAct, *, because: Reason, error_prefix: str, done_by: str, reason: str, limit: int
) -> int:
    """Act on at most `limit` parked events that wait for this reason, whose error begins so; returns how many.

    The caller commits, and asks again until nothing is left. An aggregate's events behind them follow by themselves.
    """
    where = {"because": because, "error_prefix": error_prefix, "limit": limit}
    found = list((await conn.execute(_ALIKE, where)).scalars())
    if not found:
        return 0
    rows = (await conn.execute(_STILL, {"ids": found})).all()
    audit = []
    for row in rows:
        given_up = await _discard(conn, row, 0) if action == "discard" else _NOTHING
        audit.append(_audit(row, action, done_by, reason) | given_up)
    if audit:
        await conn.execute(_RETRY, {"aggregates": sorted({row.aggregate for row in rows})})
        await conn.execute(_AUDIT, audit)
    return len(found)


async def _discard(conn: AsyncConnection, event: Row[Any], _: int) -> _GivenUp:
    await conn.execute(_DISCARD, {"id": event.id})
    if event.version is None or event.reason == "conflict":  # that version took effect, and must in a rebuild
        place = json.dumps([event.topic, event.partition, event.major, event.minor])
        return _GivenUp(first_version=None, last_version=None, place=place)
    return _GivenUp(first_version=event.version, last_version=event.version, place=None)


async def _close_gap(conn: AsyncConnection, event: Row[Any], applied: int) -> _GivenUp:
    first = await conn.scalar(_FIRST, {"aggregate": event.aggregate})
    if first is None or first <= applied + 1:
        raise NoGap(event.aggregate)
    return _GivenUp(first_version=applied + 1, last_version=first - 1, place=None)


def _audit(event: Row[Any], action: Act, done_by: str, reason: str) -> dict[str, Any]:
    return {
        "aggregate": event.aggregate,
        "parked_event": event.id,
        "action": action,
        "done_by": done_by,
        "reason": reason,
    }


_GIVING_UP: Final = {"discard": _discard, "close_gap": _close_gap}
