"""Followers in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, exists, false, func, select, true, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback_api.reports.models import feedback, followers

Place = tuple[datetime, str]
"""Since when it is followed, and its code: where it stands in the list."""


async def add(conn: AsyncConnection, code: str, sub: str, since: datetime) -> bool:
    """Whether it was not followed before."""
    row = insert(followers).values(code=code, sub=sub, since=since).on_conflict_do_nothing()
    return await _count(conn, code, (await conn.execute(row)).rowcount)


async def remove(conn: AsyncConnection, code: str, sub: str) -> bool:
    """Whether it was followed."""
    row = delete(followers).where(followers.c.code == code, followers.c.sub == sub)
    return await _count(conn, code, -(await conn.execute(row)).rowcount)


async def _count(conn: AsyncConnection, code: str, more: int) -> bool:
    """Count them on the locked report; whether there is anything to count."""
    if more:
        counted = update(feedback).where(feedback.c.code == code).values(followers=feedback.c.followers + more)
        await conn.execute(counted)
    return more != 0


async def is_following(conn: AsyncConnection, code: str, sub: str) -> bool:
    """Whether the citizen follows the report by choice."""
    return bool(await conn.scalar(select(exists().where(followers.c.code == code, followers.c.sub == sub))))


async def page(conn: AsyncConnection, sub: str, after: Place | None, limit: int) -> Sequence[RowMapping]:
    """Reports that the citizen follows, or told again, newest first: rows of `feedback` with `since` and `chosen`."""
    chosen = select(followers.c.code, followers.c.since, true().label("chosen")).where(followers.c.sub == sub)
    own = feedback.alias("own")
    told_again = select(own.c.duplicate_of, own.c.received_at, false()).where(
        own.c.submitted_by == sub, own.c.duplicate_of.is_not(None)
    )
    both = union_all(chosen, told_again).subquery()
    once = (
        select(both.c.code, func.max(both.c.since).label("since"), func.bool_or(both.c.chosen).label("chosen"))
        .group_by(both.c.code)
        .subquery()
    )
    query = (
        select(feedback, once.c.since, once.c.chosen)
        .join(once, once.c.code == feedback.c.code)
        .order_by(once.c.since.desc(), once.c.code.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(once.c.since, once.c.code) < after)
    return (await conn.execute(query)).mappings().all()
