"""Use cases of the calendars of units: links to them, and the calendar itself."""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.city import City
from tasks_api.cursors import id_before
from tasks_api.tasks.access import speaks_for
from tasks_api.unit_calendars import repository
from tasks_api.unit_calendars.domain import MOST_LINKS, Place, digest_of, written
from tasks_api.unit_calendars.problems import TOO_MANY_LINKS
from tasks_api.unit_calendars.schemas import CalendarLinkMade, CalendarLinkOut, CalendarLinkPage, CalendarLinkQuery
from tasks_api.units.service import Units

SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class UnitCalendars:
    """Calendars of units, and the secret links by which they are read. Each method is one transaction.

    Links are made, listed and revoked by the head and the coordinators of the unit, and by operators: others are
    answered 403. `address` is where people reach this system, if it is known.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    city: City
    units: Units
    address: str | None

    async def make_link(self, unit: str, name: str, caller: Principal) -> CalendarLinkMade:
        """A new link with its secret. Raises 404 for a unit that never was, and 409 where there are too many."""
        await self._check(unit, caller)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        async with self.engine.begin() as conn:
            await repository.lock_unit(conn, unit)
            if await repository.count_open(conn, unit) >= MOST_LINKS:
                raise Problem(TOO_MANY_LINKS, extra={"most": MOST_LINKS})
            link = await repository.add(
                conn, unit=unit, name=name, digest=digest_of(secret), at=self.clock.now(), by=caller.sub
            )
        shown = CalendarLinkOut.model_validate(link).model_dump()
        return CalendarLinkMade(**shown, path=f"/v1/units/{unit}/calendar.ics?secret={secret}")

    async def links(self, unit: str, wanted: CalendarLinkQuery, caller: Principal) -> CalendarLinkPage:
        """The links of the unit, newest first, without their secrets."""
        await self._check(unit, caller)
        async with self.reading.connect() as conn:
            found = await repository.page(conn, unit, id_before(wanted.cursor), wanted.limit + 1)
        items = [CalendarLinkOut.model_validate(link) for link in found[: wanted.limit]]
        more = len(found) > wanted.limit
        return CalendarLinkPage(items=items, next_cursor=encode_cursor(items[-1].id) if more else None)

    async def revoke(self, unit: str, link: int, caller: Principal) -> CalendarLinkOut:
        """The link, which opens nothing from now on. Raises 404 where the unit has no such link."""
        await self._check(unit, caller)
        async with self.engine.begin() as conn:
            revoked = await repository.revoke(conn, unit, link, at=self.clock.now(), by=caller.sub)
        if revoked is None:
            raise not_found("đường dẫn lịch này", "this calendar link")
        return CalendarLinkOut.model_validate(revoked)

    async def calendar(self, unit: str, secret: str) -> bytes:
        """The calendar of the unit. Raises the same 404 for every secret that does not open it."""
        now = self.clock.now()
        async with self.reading.connect() as conn:
            if not await repository.opens(conn, unit, digest_of(secret)):
                raise not_found("lịch này", "this calendar")
            tasks = await repository.tasks_of(conn, unit)
            questions = await repository.questions_to(conn, unit, now)
        name = (await self.units.find(unit)).unit.name
        return written(Place(name, self.city.code, self.address), tasks, questions, now)

    async def _check(self, unit: str, caller: Principal) -> None:
        await self.units.find(unit)
        if not caller.has(Role.OPERATOR) and not speaks_for(caller, unit, self.city):
            raise Problem(
                NOT_PERMITTED,
                vi="Đường dẫn lịch do thủ trưởng hoặc người điều phối của đơn vị quản lý.",
                en="Calendar links are for the head and the coordinators of the unit.",
                extra={"by": [Role.COORDINATOR, Role.OPERATOR, Role.UNIT_HEAD]},
            )
