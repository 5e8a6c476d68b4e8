"""Open reports in the database, page by page, and some of them locked."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import feedback

Place = tuple[datetime, str]
"""Instant of receipt and code: where a report stands among all."""


def _unanswered() -> Select[tuple[object, ...]]:
    query = select(feedback).where(feedback.c.answered_at.is_(None), feedback.c.ended_at.is_(None))
    return query.order_by(feedback.c.received_at, feedback.c.code)


async def unanswered(conn: AsyncConnection, after: Place | None, limit: int) -> Sequence[Feedback]:
    """Reports that an answer is due for, oldest first, from the one that follows `after`."""
    query = _unanswered().limit(limit)
    if after is not None:
        query = query.where(tuple_(feedback.c.received_at, feedback.c.code) > after)
    return records(await conn.execute(query), Feedback)


async def lock(conn: AsyncConnection, codes: Collection[str]) -> Sequence[Feedback]:
    """Those of them that nobody is working on at this moment, as they are now."""
    query = _unanswered().where(feedback.c.code.in_(codes)).with_for_update(key_share=True, skip_locked=True)
    return records(await conn.execute(query), Feedback)
