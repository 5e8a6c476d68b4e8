"""The purge of old idempotency keys, for every service that takes commands."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Tick
from cchc_shared.storage import idempotency


async def _purge(conn: AsyncConnection, _slot: datetime, _here: Context) -> None:
    await idempotency.purge(conn)


FEATURE = Feature("idempotency", ticks=(Tick("idempotency.purge", timedelta(hours=1), _purge),))
