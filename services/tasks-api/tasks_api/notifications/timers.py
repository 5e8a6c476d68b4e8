"""Notifications do not stay for ever."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick
from tasks_api.notifications import repository
from tasks_api.notifications.rules import NotificationRules


async def forget(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Delete what was told longer ago than the rules keep it, without commit."""
    kept = timedelta(days=here.use(NotificationRules).kept_days.value)
    await repository.forget(conn, here.clock.now() - kept)


FORGETTING: Final = Tick("notifications.forget", timedelta(days=1), forget)
