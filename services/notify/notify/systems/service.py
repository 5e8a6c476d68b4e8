"""The use cases of connected systems."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.directory.service import FRESH, Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.idempotency import Asked, reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from notify.systems import repository
from notify.systems.domain import System, check_units, subject
from notify.systems.problems import SYSTEM_EXISTS
from notify.systems.schemas import NewSystem, SystemHistory, SystemIn, SystemOut, SystemPage


@dataclass(frozen=True, slots=True)
class Systems:
    """Each change is a new version, in one transaction."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    directory: Directory

    async def page(self, cursor: str | None, limit: int) -> SystemPage:
        """All of them, by code."""
        after = None if cursor is None else decode_cursor(cursor, str)[0]
        async with self.reading.connect() as conn:
            found = await repository.page(conn, after, limit + 1)
        items = [SystemOut.model_validate(each) for each in found[:limit]]
        return SystemPage(items=items, next_cursor=encode_cursor(items[-1].code) if len(found) > limit else None)

    async def get(self, code: str, caller: Principal) -> System:
        """The newest version. Raises a 404 problem, to a system about others too."""
        async with self.reading.connect() as conn:
            found = await repository.get(conn, code)
        if found is None or not (caller.has(Role.OPERATOR) or caller.sub == subject(code)):
            raise _none()
        return found

    async def history(self, code: str) -> SystemHistory:
        """Every version. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            versions = await repository.history(conn, code)
        if not versions:
            raise _none()
        return SystemHistory(items=[SystemOut.model_validate(each) for each in versions])

    async def create(self, given: NewSystem, asked: Asked) -> Reply:
        """A new one. Raises `RuleBroken`, and 409 where the code is taken."""
        await self._check(given)
        now = self.clock.now()
        created = System(**given.model_dump(), version=1, created_at=now, actor=asked.caller.sub, at=now)

        async def work(conn: AsyncConnection) -> Reply:
            if not await repository.add(conn, created):
                raise Problem(SYSTEM_EXISTS)
            return _shown(created, 201, {"Location": f"/v1/systems/{created.code}"})

        return await self._once(asked, work)

    async def change(self, code: str, given: SystemIn, seen: SeenVersion, asked: Asked) -> Reply:
        """All of it is as given from now on. Raises `RuleBroken`, and 404 and 412 problems."""
        await self._check(given)
        return await self._next(code, seen, asked, lambda before: replace(before, **given.model_dump()))

    async def suspend(self, code: str, seen: SeenVersion, asked: Asked, *, suspended: bool) -> Reply:
        """Its keys open nothing, or do so again. Raises 404 and 412 problems."""
        return await self._next(code, seen, asked, lambda before: replace(before, suspended=suspended))

    async def _next(self, code: str, seen: SeenVersion, asked: Asked, change: Callable[[System], System]) -> Reply:
        async def work(conn: AsyncConnection) -> Reply:
            before = await repository.get(conn, code)
            if before is None:
                raise _none()
            if before.version not in seen:
                raise stale(before.version)
            after = _by(asked.caller, self.clock.now(), change(before))
            if not await repository.add(conn, after):  # another transaction was first
                raise stale(after.version)
            return _shown(after, 200)

        return await self._once(asked, work)

    async def _check(self, given: SystemIn) -> None:
        """Raise `RuleBroken` for a scope that says nothing, or names what is no unit."""
        check_units(given.units, whole_city=given.whole_city)
        if not self._exist(given.units):  # perhaps only not known yet
            await self.directory.refresh(FRESH)
        if not self._exist(given.units):
            raise RuleBroken("units", "có mã không phải của đơn vị nào hiện nay", "has a code that no unit has today")

    def _exist(self, units: Sequence[str]) -> bool:
        today = self.calendar.local_date(self.clock.now())
        return all(self.directory.units.exists(each, today) for each in units)

    async def _once(self, asked: Asked, work: Callable[[AsyncConnection], Awaitable[Reply]]) -> Reply:
        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)


def _none() -> Problem:
    return not_found("hệ thống kết nối này", "this connected system")


def _by(caller: Principal, at: datetime, changed: System) -> System:
    return replace(changed, version=changed.version + 1, actor=caller.sub, at=at)


def _shown(found: System, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    return reply(status, SystemOut.model_validate(found), {"ETag": etag(found.version), **(headers or {})})
