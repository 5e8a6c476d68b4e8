"""What operators do with parked events: look, try again, pass over one. Every act leaves its name and reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.http.schemas import In, Out, bounded


class ParkedEvent(Out):
    """An event that could not take effect, or that waits behind one."""

    id: int
    aggregate: str
    version: int | None
    type: str
    reason: Literal["malformed", "failed", "gap", "behind"]
    error: str | None
    topic: str
    partition: int
    position: list[int]
    parked_at: datetime
    waits_until: datetime | None


class ParkedEvents(Out):
    items: list[ParkedEvent]
    next_cursor: str | None


class Act(In):
    reason: Annotated[str, bounded(500, min_length=3)]


class Acted(Out):
    aggregate: str
    action: str


_LIST = text(
    """SELECT id, aggregate, version, type, reason, error, topic, partition, major, minor, parked_at, waits_until
       FROM parked_event WHERE settled IS NULL AND id > :after AND (:aggregate = '' OR aggregate = :aggregate)
       ORDER BY id LIMIT :limit"""
)
# The worker locks an aggregate before its parked events, and so must we.
_LOCK = text(
    """SELECT version FROM stream_version
       WHERE aggregate = (SELECT aggregate FROM parked_event WHERE id = :id) FOR NO KEY UPDATE"""
)
_ONE = text("SELECT id, aggregate, version FROM parked_event WHERE id = :id AND settled IS NULL")
_FIRST = text("SELECT min(version) FROM parked_event WHERE aggregate = :aggregate AND settled IS NULL")
_RETRY = text("UPDATE stream_version SET retry = retry + 1 WHERE aggregate = :aggregate")
_PASS = text("UPDATE stream_version SET version = :version, retry = retry + 1 WHERE aggregate = :aggregate")
_DISCARD = text("UPDATE parked_event SET settled = 'discarded' WHERE id = :id")
_AUDIT = text(
    """INSERT INTO parked_event_audit (aggregate, parked_event, action, done_by, reason)
       VALUES (:aggregate, :parked_event, :action, :done_by, :reason)"""
)


def parking_router(prefix: str, engine: Callable[[Request], AsyncEngine]) -> APIRouter:
    """The operator's routes over the parked events of one service, under `prefix`."""
    router = APIRouter(prefix=prefix, tags=["operation"])

    @router.get("", summary="Parked events, oldest first")
    async def parked_events(
        request: Request,
        _: Annotated[Principal, allow(Role.OPERATOR)],
        aggregate: Annotated[str, Query(max_length=300)] = "",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ParkedEvents:
        """Events that wait for an operator, or for an event before them until `waits_until`."""
        (after,) = decode_cursor(cursor, int) if cursor else (0,)
        async with engine(request).connect() as conn:
            rows = (await conn.execute(_LIST, {"after": after, "aggregate": aggregate, "limit": limit})).all()
        items = [ParkedEvent(**{**row._asdict(), "position": [row.major, row.minor]}) for row in rows]
        return ParkedEvents(items=items, next_cursor=encode_cursor(rows[-1].id) if len(rows) == limit else None)

    @router.post("/{event}/actions/{action}", summary="Retry, discard, or close the gap before a parked event")
    async def act(
        request: Request,
        event: Annotated[int, Path(ge=1, lt=1 << 63)],
        action: Literal["retry", "discard", "close_gap"],
        body: Act,
        caller: Annotated[Principal, allow(Role.OPERATOR)],
    ) -> Acted:
        """`retry` tries the aggregate's events again in order; `discard` gives this one up and tries the rest;
        `close_gap` accepts that the events before the first parked one will never come. All happen within a second or
        so, by the worker."""
        async with engine(request).begin() as conn:
            applied = await conn.scalar(_LOCK, {"id": event})
            row = (await conn.execute(_ONE, {"id": event})).one_or_none()
            if row is None:
                raise not_found("sự kiện đang chờ", "the parked event")
            await _ACTIONS[action](conn, row, applied)
            await conn.execute(
                _AUDIT,
                {
                    "aggregate": row.aggregate,
                    "parked_event": row.id,
                    "action": action,
                    "done_by": caller.sub,
                    "reason": body.reason,
                },
            )
        return Acted(aggregate=row.aggregate, action=action)

    return router


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
        raise Problem(409, "no-gap", vi="Không có khoảng trống để bỏ qua.", en="There is no gap to close.")
    await conn.execute(_PASS, {"aggregate": event.aggregate, "version": first - 1})


_ACTIONS = {"retry": _retry, "discard": _discard, "close_gap": _close_gap}
