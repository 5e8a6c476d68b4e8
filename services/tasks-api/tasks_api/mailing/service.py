"""Use cases of the operator: the address book, and what became of mails."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.etag import Preconditions
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import not_found
from tasks_api.cursors import id_before
from tasks_api.mailing import repository
from tasks_api.mailing.schemas import MailboxesIn, MailboxesOut, MailOut, MailPage, MailQuery
from tasks_api.units.service import Units


@dataclass(frozen=True)
class Mailing:
    """Each method is one transaction."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    units: Units

    async def mailboxes(self, unit: str) -> tuple[MailboxesOut, str]:
        """The mailboxes of a unit with their tag. Raises a 404 problem for a unit that does not exist today."""
        async with self.reading.connect() as conn:
            if not await self.units.is_active(conn, unit):
                raise not_found("đơn vị này", "this unit")
            rows = await repository.mailboxes_of(conn, unit)
        return MailboxesOut.model_validate({"unit": unit, "items": rows}), _tag(rows)

    async def set_mailboxes(self, unit: str, given: MailboxesIn, asked: Preconditions) -> tuple[MailboxesOut, str]:
        """The unit has exactly these from now on. Mails that wait for one that is gone are not sent.

        Raises a 404 problem for a unit that does not exist today, and a 412 problem unless what was `asked` held.
        """
        async with self.engine.begin() as conn:
            await repository.lock_mailboxes(conn, unit)
            if not await self.units.is_active(conn, unit):
                raise not_found("đơn vị này", "this unit")
            asked.check(_tag(await repository.mailboxes_of(conn, unit)))
            await repository.set_mailboxes(conn, unit, {(each.role, each.address) for each in given.items})
            rows = await repository.mailboxes_of(conn, unit)
        return MailboxesOut.model_validate({"unit": unit, "items": rows}), _tag(rows)

    async def page(self, wanted: MailQuery) -> MailPage:
        """Mails, newest first."""
        before, limit = id_before(wanted.cursor), wanted.limit
        async with self.reading.connect() as conn:
            rows = await repository.page(conn, state=wanted.state, before=before, limit=limit + 1)
        return MailPage(
            items=[MailOut.model_validate(row) for row in rows[:limit]],
            next_cursor=encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None,
        )

    async def retry(self, id_: int) -> MailOut:
        """Try again what was given up; what was not, stays as it is. Raises a 404 problem."""
        async with self.engine.begin() as conn:
            await repository.retry(conn, id_, self.clock.now())
            row = await repository.get(conn, id_)
        if row is None:
            raise not_found("thư này", "this mail")
        return MailOut.model_validate(row)


def _tag(rows: Sequence[RowMapping]) -> str:
    lines = "\n".join(f"{row['role']} {row['address']}" for row in rows)
    return hashlib.blake2b(lines.encode(), digest_size=8).hexdigest()
