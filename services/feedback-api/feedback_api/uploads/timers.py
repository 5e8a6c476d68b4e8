"""Ends uploads whose time is over."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from feedback_api.uploads import repository

AT_ONCE: Final = 500


async def _expire(conn: AsyncConnection, now: datetime, _: Context) -> Swept:
    """Their parts are on the list of what is to be removed since they came."""
    ended = await repository.expire(conn, now, AT_ONCE)
    return Swept(len(ended), min((each.expires_at for each in ended), default=None))


EXPIRY: Final = Sweep("uploads.expire", _expire)
