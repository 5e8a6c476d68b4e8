"""Counts are summed up while nobody waits for them."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept, Tick
from feedback_api.statistics import cells

AT_ONCE: Final = 100_000
"""Changes in one transaction at most: 20,000 a second, of which a new report makes two or three."""
BEHIND: Final = timedelta(minutes=1)
"""What takes effect now is left where each reader looks at its own clock; theirs may be behind by as much."""


async def _fold(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await cells.fold(conn, here.calendar.timezone, here.clock.now() - BEHIND, AT_ONCE)


async def _fill(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    return Swept(int(await cells.fill(conn, here.calendar.timezone, now)))


FOLDING: Final = Tick("statistics.fold", timedelta(seconds=5), _fold)
FILLING: Final = Sweep("statistics.fill", _fill)
