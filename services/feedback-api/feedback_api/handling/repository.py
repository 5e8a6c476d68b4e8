"""What actions ask of a report's past, and of other reports."""

from typing import Final

from sqlalchemy import Integer, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UNIT_STAFF
from feedback_api.reports.effects import Handover
from feedback_api.reports.models import feedback, history
from feedback_api.reports.transitions import FeedbackAction

_HANDOVERS: Final = (FeedbackAction.RETURN, FeedbackAction.TRANSFER)


async def handover(conn: AsyncConnection, code: str, version: int, *, judged: bool) -> Handover | None:
    """The hand-over that made this version; None if no unit handed the report over then.

    `judged` says that a judgement against it stands, of which the last is looked up.
    """
    h = history.c
    query = select(h.from_unit, h.at).where(
        h.code == code, h.version == version, h.action.in_(_HANDOVERS), h.role.in_(UNIT_STAFF)
    )
    row = (await conn.execute(query)).first()
    if row is None:
        return None
    judgements = select(func.max(h.version)).where(
        h.code == code,
        h.action == FeedbackAction.MARK_UNJUSTIFIED,
        h.details["handover"].as_string().cast(Integer) == version,
    )
    return Handover(version, row.from_unit, row.at, await conn.scalar(judgements) if judged else None)


async def may_be_followed(conn: AsyncConnection, code: str) -> bool:
    """Whether there is such a report, and it is still to be answered or was."""
    query = select(feedback.c.code).where(feedback.c.code == code, feedback.c.ended_at.is_(None))
    return await conn.scalar(query) is not None
