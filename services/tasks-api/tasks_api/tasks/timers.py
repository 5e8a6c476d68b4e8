"""Words for the search, of tasks that an instance older than the search has stored."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Swept
from tasks_api.tasks import repository

AT_ONCE: Final = 500


async def make_words(conn: AsyncConnection, _: datetime, __: Context) -> Swept:
    """Make the words of some tasks that nobody is working on at this moment, without commit."""
    return Swept(await repository.make_words(conn, AT_ONCE))
