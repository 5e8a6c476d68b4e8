"""What is done for limits at a time: who owes nothing is forgotten."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick
from notify.limits import repository

AT_ONCE: Final = 5000


async def forget(conn: AsyncConnection, _: datetime, __: Context) -> None:
    """Delete callers who owe nothing."""
    while await repository.forget(conn, AT_ONCE) == AT_ONCE:
        pass


FORGETTING: Final = Tick("limits.forget", timedelta(minutes=10), forget)
