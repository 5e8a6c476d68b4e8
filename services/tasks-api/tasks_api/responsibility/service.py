"""Use cases of the register of responsibility. Nothing of it leaves as an event."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.inspections.access import reader
from tasks_api.responsibility import repository
from tasks_api.responsibility.domain import AccountableHead, Entry
from tasks_api.responsibility.problems import ENTRY_WITHDRAWN
from tasks_api.responsibility.schemas import EntryHistory, EntryIn, EntryOut, EntryPage, EntryQuery
from tasks_api.units.repository import head_of
from tasks_api.units.service import Units


@dataclass(frozen=True, slots=True)
class Keeping:
    """Who writes; `key` and `digest` identify a repeated request."""

    caller: Principal
    key: str | None
    digest: bytes


@dataclass(frozen=True)
class Register:
    """Each entry, correction and withdrawal is a version of its own, in one transaction."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    units: Units

    async def page(self, wanted: EntryQuery) -> EntryPage:
        """Entries that hold, the one made last first."""
        before = decode_cursor(wanted.cursor, UUID)[0] if wanted.cursor else None
        async with self.reading.connect() as conn:
            found = await repository.page(conn, wanted, before)
        items = [EntryOut.of(entry) for entry in found[: wanted.limit]]
        more = len(found) > len(items)
        return EntryPage(items=items, next_cursor=encode_cursor(str(items[-1].id)) if more else None)

    async def get(self, id_: UUID) -> EntryOut:
        """The newest version. Raises a 404 problem."""
        return (await self.history(id_)).items[-1]

    async def history(self, id_: UUID) -> EntryHistory:
        """Every version. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            versions = await _versions(conn, id_)
        return EntryHistory(items=[EntryOut.of(entry) for entry in versions])

    async def enter(self, given: EntryIn, keeping: Keeping) -> Reply:
        """A new entry. Raises `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            entry = await self._entry(conn, uuid7(), 1, given, keeping.caller)
            await repository.add(conn, entry)
            return _answer(entry, 201, {"Location": f"/v1/responsibility/{entry.id}"})

        return await self._once(keeping, work)

    async def correct(self, id_: UUID, given: EntryIn, seen: SeenVersion, keeping: Keeping) -> Reply:
        """All of it is as given from now on. Raises `RuleBroken`, and 404, 409 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            before = await _to_change(conn, id_, seen)
            return await _added(conn, await self._entry(conn, id_, before.version + 1, given, keeping.caller))

        return await self._once(keeping, work)

    async def withdraw(self, id_: UUID, seen: SeenVersion, keeping: Keeping) -> Reply:
        """It holds no more; its versions stay. Raises 404, 409 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            before = await _to_change(conn, id_, seen)
            version, actor = before.version + 1, keeping.caller.sub
            return await _added(
                conn, replace(before, version=version, withdrawn=True, actor=actor, at=self.clock.now())
            )

        return await self._once(keeping, work)

    async def _entry(self, conn: AsyncConnection, id_: UUID, version: int, given: EntryIn, caller: Principal) -> Entry:
        now = self.clock.now()
        for name in ("happened_on", "document_on"):
            day = getattr(given, name)
            if day is not None and day > self.calendar.local_date(now):
                raise RuleBroken(name, "ở tương lai", "lies in the future")
        head = await self._head(conn, given.unit, given.happened_on)
        _check("tasks", given.tasks, await repository.known_tasks(conn, given.tasks))
        known = await repository.known_inspections(conn, given.inspections, reader(caller))
        _check("inspections", given.inspections, known)
        return Entry(
            id=id_,
            version=version,
            head_office=head.office,
            head_name=head.name,
            actor=caller.sub,
            at=now,
            **given.model_dump() | {name: tuple(dict.fromkeys(getattr(given, name))) for name in _LINKS},
        )

    async def _head(self, conn: AsyncConnection, unit: str, day: date) -> AccountableHead:
        """Who answered for the unit on a day. Raises `RuleBroken` if it did not exist then."""
        name = (await self.units.names(conn, day)).get(unit)
        if name is None:
            raise RuleBroken("unit", "ngày đó không có đơn vị này", "was no unit on that day")
        head = await head_of(conn, unit, day)
        return AccountableHead(head.office, head.name) if head else AccountableHead(f"Người đứng đầu {name}")

    async def _once(self, keeping: Keeping, work: Callable[[AsyncConnection], Awaitable[Reply]]) -> Reply:
        return await once(self.engine, caller=keeping.caller.sub, key=keeping.key, digest=keeping.digest, work=work)


_LINKS = "tasks", "reports", "inspections"


def _check(field: str, codes: Collection[str], known: Collection[str]) -> None:
    for index, code in enumerate(codes):
        if code not in known:
            raise RuleBroken(f"{field}.{index}", "không có mã này", "is no such code")


async def _versions(conn: AsyncConnection, id_: UUID) -> list[Entry]:
    versions = list(await repository.versions(conn, id_))
    if not versions:
        raise not_found("mục này của sổ", "this entry of the register")
    return versions


async def _to_change(conn: AsyncConnection, id_: UUID, seen: SeenVersion) -> Entry:
    newest = (await _versions(conn, id_))[-1]
    if newest.version not in seen:
        raise stale(newest.version)
    if newest.withdrawn:
        raise Problem(ENTRY_WITHDRAWN)
    return newest


async def _added(conn: AsyncConnection, entry: Entry) -> Reply:
    if not await repository.add(conn, entry):
        raise stale(entry.version)
    return _answer(entry, 200)


def _answer(entry: Entry, status: int, headers: dict[str, str] | None = None) -> Reply:
    return reply(status, EntryOut.of(entry), {"ETag": etag(entry.version)} | (headers or {}))
