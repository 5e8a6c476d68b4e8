"""What is done for webhooks at a time: old deliveries are deleted, and operators are shown how it stands."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick
from notify.webhooks import repository, sending
from notify.webhooks.rules import WebhookRules

AT_ONCE: Final = 5000


async def forget(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Delete deliveries that are as old as they become."""
    while await repository.forget(conn, here.clock.now() - here.use(WebhookRules).kept, AT_ONCE) == AT_ONCE:
        pass


async def show(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Renew what operators look at."""
    await sending.show(conn, here.clock.now())


FORGETTING: Final = Tick("webhooks.forget", timedelta(hours=1), forget)
SHOWING: Final = Tick("webhooks.show", timedelta(seconds=15), show)
