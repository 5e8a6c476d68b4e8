"""What actions ask of a report's past, and of other reports."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Integer, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.http.access import Principal
from feedback_api.reports.access import may_read
from feedback_api.reports.domain import Feedback
from feedback_api.reports.effects import Handover
from feedback_api.reports.models import feedback, history
from feedback_api.reports.repository import lock_idle
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


async def may_be_original(conn: AsyncConnection, code: str) -> bool:
    """Whether there is such a report, and it is still to be answered or was."""
    whole = feedback.c.ended_at.is_(None), feedback.c.part_of.is_(None)
    return await conn.scalar(select(feedback.c.code).where(feedback.c.code == code, *whole)) is not None


async def duplicates(conn: AsyncConnection, codes: Collection[str], caller: Principal) -> dict[str, Feedback]:
    """Those of these reports that the caller may read and that nobody is working on, locked."""
    found = await lock_idle(conn, codes)
    return {code: report for code, report in found.items() if may_read(caller, None, report)}
