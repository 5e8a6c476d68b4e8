"""The end of surveys. No answer depends on it: a ballot that comes too late is refused by the clock."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from scoring_worker.surveys.service import Surveys


async def seal_over(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    """Seal one survey that is over."""
    sealed = await here.use(Surveys).seal(conn, now)
    return Swept(0) if sealed is None else Swept(1, sealed.closes_at)


SEALING: Final = Sweep("surveys.seal", seal_over)
