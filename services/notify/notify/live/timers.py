"""What is done for live events at a time: old ones are deleted."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick
from notify.live import repository
from notify.live.rules import LiveRules

AT_ONCE: Final = 5000


async def forget(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Delete events that are as old as they become."""
    while await repository.forget(conn, here.clock.now() - here.use(LiveRules).kept, AT_ONCE) == AT_ONCE:
        pass


FORGETTING: Final = Tick("live.forget", timedelta(hours=1), forget)
