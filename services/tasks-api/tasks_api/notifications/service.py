"""Use cases of the inbox."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.storage.records import fields
from tasks_api.city import City
from tasks_api.cursors import id_before
from tasks_api.notifications import access, repository
from tasks_api.notifications.schemas import NotificationOut, NotificationPage, NotificationQuery


@dataclass(frozen=True)
class Inbox:
    """What the caller is told. Each method is one transaction."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    city: City

    async def page(self, wanted: NotificationQuery, caller: Principal) -> NotificationPage:
        """Notifications to the caller, newest first."""
        before, limit = id_before(wanted.cursor), wanted.limit
        to = access.addressees(caller, self.city)
        async with self.reading.connect() as conn:
            rows = await repository.page(conn, to, caller.sub, unread=wanted.unread, before=before, limit=limit + 1)
        return NotificationPage(
            items=[NotificationOut.of(fields(row)) for row in rows[:limit]],
            next_cursor=encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None,
        )

    async def read(self, id_: int, caller: Principal) -> NotificationOut:
        """The caller has read it: as often as they say so, since the first time. Raises a 404 problem."""
        to = access.addressees(caller, self.city)
        async with self.engine.begin() as conn:
            if await repository.get(conn, id_, to, caller.sub) is None:
                raise not_found("thông báo này", "this notification")
            await repository.read(conn, id_, caller.sub, self.clock.now())
            row = await repository.get(conn, id_, to, caller.sub)
        if row is None:  # it was old, and was deleted meanwhile
            raise not_found("thông báo này", "this notification")
        return NotificationOut.of(fields(row))
