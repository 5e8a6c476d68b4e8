"""Words for the search, of reports that have none yet; and what nobody asks for any more is forgotten.

Intake makes them. An instance that is older than the search does not, nor did it for what is older still; and whose
sender is erased loses them, because the channel's id was among them: from what is left they are made again.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.http.since import KEPT
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Swept
from cchc_shared.storage import search
from feedback_api.reading.repository import forget_what_left
from feedback_api.reports.models import feedback

AT_ONCE: Final = 500


async def make_words(conn: AsyncConnection, _: datetime, __: Context) -> Swept:
    """Make the words of some reports that nobody is working on at this moment, without commit."""
    c = feedback.c
    texts = c.title, c.content, c.address, c.channel_ref
    return Swept(await search.make_words(conn, c.code, c.words, texts, AT_ONCE))


async def forget(conn: AsyncConnection, _: datetime, __: Context) -> Swept:
    """Forget what left somebody's sight before every cursor that holds, without commit."""
    return Swept(await forget_what_left(conn, KEPT + timedelta(days=1)))
