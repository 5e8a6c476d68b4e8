"""The run of a reassignment: a worker does it part by part, each part a transaction, and goes on after a crash."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from tasks_api.reassignments.service import Reassignments


async def go_on(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    """Move a part of what is to be moved, without commit."""
    return Swept(await here.use(Reassignments).go_on(conn, now))


RUNNING: Final = Sweep("reassignments.run", go_on)
