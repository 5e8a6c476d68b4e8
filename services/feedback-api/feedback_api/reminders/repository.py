"""Reports whose time has come, locked."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import feedback


async def lock_due(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Feedback]:
    """Those that nobody is working on at this moment, the longest due first."""
    query = select(feedback).where(feedback.c.remind_at <= now).order_by(feedback.c.remind_at).limit(limit)
    return records(await conn.execute(query.with_for_update(key_share=True, skip_locked=True)), Feedback)


async def store(conn: AsyncConnection, reports: Sequence[Feedback]) -> None:
    """What was said of these locked reports, and when to look at them again."""
    statement = update(feedback).where(feedback.c.code == bindparam("of"))
    await conn.execute(
        statement.values(remind_at=bindparam("next"), reminded=bindparam("said")),
        [
            {"of": report.code, "next": report.remind_at, "said": msgspec.to_builtins(report.reminded)}
            for report in reports
        ],
    )
