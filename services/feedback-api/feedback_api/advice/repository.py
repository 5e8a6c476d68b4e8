"""Answers that were given before, in the database."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback_api.reports.models import feedback

COUNTED: Final = 1000
"""No more are counted."""


async def others_answered_with(conn: AsyncConnection, code: str, answer: str, since: datetime) -> int:
    """How many other reports were answered with just these words since then."""
    c = feedback.c
    same = select(c.code).where(c.answer == answer, c.code != code, c.answered_at >= since).limit(COUNTED)
    return await conn.scalar(select(func.count()).select_from(same.subquery())) or 0
