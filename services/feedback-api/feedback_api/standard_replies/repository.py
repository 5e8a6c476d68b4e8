"""Standard replies in the database: versions are added, and none is changed."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackKind
from cchc_shared.http.access import Principal
from cchc_shared.storage.records import records
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.domain import Feedback
from feedback_api.standard_replies.domain import StandardReply
from feedback_api.standard_replies.models import standard_replies

_C: Final = standard_replies.c
_LATER: Final = standard_replies.alias("later")
_NEWEST: Final = ~exists().where(_LATER.c.id == _C.id, _LATER.c.version > _C.version)


async def add(conn: AsyncConnection, reply: StandardReply) -> bool:
    """Store a version. False if another transaction stored that version meanwhile."""
    values = msgspec.structs.asdict(reply)
    stored = await conn.execute(insert(standard_replies).values(**values).on_conflict_do_nothing())
    return bool(stored.rowcount)


async def get(conn: AsyncConnection, id_: UUID) -> StandardReply | None:
    """The newest version."""
    versions = await history(conn, id_)
    return versions[-1] if versions else None


async def history(conn: AsyncConnection, id_: UUID) -> Sequence[StandardReply]:
    """All versions, oldest first."""
    query = select(standard_replies).where(_C.id == id_).order_by(_C.version)
    return records(await conn.execute(query), StandardReply)


async def page(
    conn: AsyncConnection, conditions: Sequence[ColumnElement[bool]], before: UUID | None, limit: int
) -> Sequence[StandardReply]:
    """Newest versions, the replies that were created last first, from the one that follows `before`."""
    query = select(standard_replies).where(_NEWEST, *conditions).order_by(_C.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_C.id < before)
    return records(await conn.execute(query), StandardReply)


async def fitting(conn: AsyncConnection, report: Feedback, limit: int) -> Sequence[StandardReply]:
    """Replies in use that the unit of a report may use for it, the newest first."""
    conditions = [
        ~_C.retired,
        or_(_C.unit.is_(None), _C.unit == report.holder),
        or_(_C.kind.is_(None), _C.kind == report.kind),
        or_(_C.category.is_(None), _C.category == report.category),
    ]
    return await page(conn, conditions, None, limit)


def readable_by(caller: Principal) -> ColumnElement[bool]:
    """The replies that the caller may read."""
    return true() if caller.has(*READ_ALL) else or_(_C.unit.is_(None), _C.unit == caller.unit)


def matching(
    *, unit: str | None, kind: FeedbackKind | None, category: str | None, retired: bool
) -> list[ColumnElement[bool]]:
    """The conditions of a query. A reply for every kind or category fits each."""
    conditions: list[ColumnElement[bool]] = [_C.retired if retired else ~_C.retired]
    if unit is not None:
        conditions.append(_C.unit == unit)
    if kind is not None:
        conditions.append(or_(_C.kind.is_(None), _C.kind == kind))
    if category is not None:
        conditions.append(or_(_C.category.is_(None), _C.category == category))
    return conditions
