"""Ends uploads whose time is over, and those for reports whose words are erased."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from feedback_api.reports.attachments import discard
from feedback_api.uploads import repository

AT_ONCE: Final = 500


async def _expire(conn: AsyncConnection, now: datetime, _: Context) -> Swept:
    """Parts are on the list of what is to be removed since they came; those for an erased report go at once."""
    for upload in await repository.of_erased(conn, AT_ONCE):
        await discard(conn, upload.parts, now)
    ended = await repository.expire(conn, now, AT_ONCE)
    return Swept(len(ended), min((each.expires_at for each in ended), default=None))


EXPIRY: Final = Sweep("uploads.expire", _expire)
