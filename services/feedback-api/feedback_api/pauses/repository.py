"""Reports whose clocks stand still, locked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.storage.records import records
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import feedback


async def lock_paused(conn: AsyncConnection, before: datetime, limit: int) -> Sequence[Feedback]:
    """Those that stand still since before then and that nobody is working on now, the longest first."""
    paused = (feedback.c.status == FeedbackStatus.SUPPLEMENT_REQUESTED, feedback.c.paused_since < before)
    query = select(feedback).where(*paused).order_by(feedback.c.paused_since, feedback.c.code).limit(limit)
    return records(await conn.execute(query.with_for_update(key_share=True, skip_locked=True)), Feedback)
