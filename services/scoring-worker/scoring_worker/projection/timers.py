"""Deadlines that pass with no event. Readers do not wait for it: they count what is overdue themselves."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from scoring_worker.projection.service import Projection


async def mark_overdue(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    """Mark some of the duties that are overdue and not counted so yet."""
    return await here.use(Projection).mark_overdue(conn, now)


OVERDUE = Sweep("scores.overdue", mark_overdue)
