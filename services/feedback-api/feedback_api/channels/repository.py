"""What a channel's new message says of those that came before."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Channel
from feedback_api.intake.service import CHANNEL_ITSELF
from feedback_api.reports.models import feedback


async def first_known(conn: AsyncConnection, channel: Channel, refs: Sequence[str]) -> str | None:
    """The code of the report under the first of these ids of the channel that is one."""
    query = select(feedback.c.channel_ref, feedback.c.code).where(
        feedback.c.channel == channel, feedback.c.channel_owner == CHANNEL_ITSELF, feedback.c.channel_ref.in_(refs)
    )
    known = {row.channel_ref: row.code for row in await conn.execute(query)}
    return next((known[ref] for ref in refs if ref in known), None)
