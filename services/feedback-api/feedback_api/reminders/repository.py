"""Reports whose time has come, locked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import feedback


async def lock_due(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Feedback]:
    """Those that nobody is working on at this moment, the longest due first."""
    query = select(feedback).where(feedback.c.remind_at <= now).order_by(feedback.c.remind_at).limit(limit)
    return records(await conn.execute(query.with_for_update(key_share=True, skip_locked=True)), Feedback)


async def put_off(conn: AsyncConnection, report: Feedback) -> None:
    """Look at it again when its next reminder is due; nothing happened to it."""
    await conn.execute(update(feedback).where(feedback.c.code == report.code).values(remind_at=report.remind_at))
