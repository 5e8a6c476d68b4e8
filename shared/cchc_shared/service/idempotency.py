"""The purge of old idempotency keys, for every service that takes commands."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Sweep, Swept
from cchc_shared.storage import idempotency


async def _purge(conn: AsyncConnection, _now: datetime, _here: Context) -> Swept:
    return Swept(await idempotency.purge(conn))


FEATURE = Feature("idempotency", sweeps=(Sweep("idempotency.purge", _purge),))
