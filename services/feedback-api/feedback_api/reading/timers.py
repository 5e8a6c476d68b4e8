"""Words for the search, of reports that have none yet.

Intake makes them. An instance that is older than the search does not, nor did it for what is older still; and whose
sender is erased loses them, because the channel's id was among them: from what is left they are made again.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Swept
from feedback_api.reading import repository

AT_ONCE: Final = 500


async def make_words(conn: AsyncConnection, _: datetime, __: Context) -> Swept:
    """Make the words of some reports that nobody is working on at this moment, without commit."""
    return Swept(await repository.make_words(conn, AT_ONCE))
