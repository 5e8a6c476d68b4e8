"""The deadline of consultations: what became of silence is recorded once, by whichever worker looks first."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from tasks_api.consultations import repository
from tasks_api.consultations.service import Consultations

AT_ONCE: Final = 100
"""Consultations of one transaction: meanwhile it takes processors from those who wait for an answer."""


async def lapse_due(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    """Record some deadlines that passed, without commit. They hold as of the deadlines, however late this runs."""
    overdue = await repository.lock_due(conn, now, AT_ONCE)
    if not overdue:
        return Swept(0)
    await here.use(Consultations).store.lapse(conn, overdue, now)
    return Swept(len(overdue), overdue[0].due_at)


LAPSING: Final = Sweep("consultations.lapse", lapse_due)
