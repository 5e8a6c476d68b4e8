"""Queries and writes of notifications. `notify` is what other rooms call."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, and_, delete, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tasks_api.notifications.domain import Addressee, Notification
from tasks_api.notifications.models import notification_reads, notifications

_N: Final = notifications.c
_R: Final = notification_reads.c


async def notify(conn: AsyncConnection, new: Sequence[Notification], recorded_at: datetime) -> None:
    """Put notifications into the inboxes, in the transaction of what they tell. No reminder is said twice."""
    if new:
        rows = [msgspec.structs.asdict(each) | {"recorded_at": recorded_at} for each in new]
        await conn.execute(insert(notifications).on_conflict_do_nothing(), rows)


async def page(
    conn: AsyncConnection,
    addressees: Collection[Addressee],
    sub: str,
    *,
    unread: bool | None,
    before: int | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Notifications to these addressees, newest first, with `read_at` of that person.

    Each addressee is read along the index, so that a page costs the same at any depth.
    """
    conditions = [] if before is None else [_N.id < before]
    if unread is not None:
        conditions.append(_R.read_at.is_(None) if unread else _R.read_at.is_not(None))
    parts = [
        _with_reads(sub)
        .where(_N.unit == unit, _N.role == role, *conditions)
        .order_by(_N.id.desc())
        .limit(limit)
        .subquery()
        .select()
        for unit, role in addressees
    ]
    if not parts:
        return ()
    both = union_all(*parts).subquery()
    return (await conn.execute(select(both).order_by(both.c.id.desc()).limit(limit))).mappings().all()


async def get(conn: AsyncConnection, id_: int, addressees: Collection[Addressee], sub: str) -> RowMapping | None:
    """The notification with `read_at` of that person, if it is for one of these addressees."""
    query = _with_reads(sub).where(_N.id == id_, _to_one_of(addressees))
    row: RowMapping | None = (await conn.execute(query)).mappings().first()
    return row


async def read(conn: AsyncConnection, id_: int, sub: str, at: datetime) -> None:
    """The person has read it; the first time counts."""
    values = {"notification_id": id_, "sub": sub, "read_at": at}
    await conn.execute(insert(notification_reads).values(values).on_conflict_do_nothing())


async def forget(conn: AsyncConnection, until: datetime) -> None:
    """Delete notifications that were recorded before then, with who read them."""
    await conn.execute(delete(notifications).where(_N.recorded_at < until))


def _with_reads(sub: str) -> Select[Any]:
    reads = and_(_R.notification_id == _N.id, _R.sub == sub)
    return select(notifications, _R.read_at).outerjoin(notification_reads, reads)


def _to_one_of(addressees: Collection[Addressee]) -> ColumnElement[bool]:
    return tuple_(_N.unit, _N.role).in_(list(addressees))
