"""Removes what no attachment refers to: what was erased, and what a crash or a refusal left in the storage."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept
from feedback_api.attachments import repository
from feedback_api.attachments.objects import Objects

AT_ONCE: Final = 100


async def _remove(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    objects = here.use(Objects)
    if not objects.is_there:
        return Swept(0)
    due = await repository.claim_due(conn, now, AT_ONCE)
    if not due:
        return Swept(0)
    keys = {key for key, _ in due}
    await objects.delete(keys - await repository.referred_to(conn, keys))
    await repository.forget(conn, keys)
    return Swept(len(due), due[0][1])


REMOVAL: Final = Sweep("attachments.remove", _remove)
