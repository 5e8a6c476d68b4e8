"""Use cases of the directory of units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import Preconditions, etag
from cchc_shared.http.idempotency import reply
from cchc_shared.http.kinds import Kind, kind
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.units import repository
from tasks_api.units.domain import Head, Unit, UnitIndex, check_heads, successors_on
from tasks_api.units.repository import UnitRow
from tasks_api.units.rules import Aliases, Groups
from tasks_api.units.schemas import UnitOut

UNIT_PERIOD_OVERLAPS: Final = kind(
    "unit-period-overlaps",
    409,
    vi="Mã này thuộc đơn vị khác trong một phần thời gian này.",
    en="The code belongs to another unit for a part of this period.",
    mend_vi="Chọn thời gian không trùng với `valid_from` và `valid_to` trong câu trả lời.",
    mend_en="Choose a period apart from `valid_from` and `valid_to` of the answer.",
)
UNIT_ENDED: Final = kind(
    "unit-ended",
    403,
    vi="Đơn vị của người gọi đã kết thúc, không làm thay đơn vị đó được nữa.",
    en="The caller's unit has ended: nobody acts for it any more.",
    mend_vi="Dùng tài khoản của đơn vị kế tục ghi ở `successors`.",
    mend_en="Use an account of the successor named in `successors`.",
)


class Defined(NamedTuple):
    """A unit as it is after it was defined, and as it was before."""

    row: UnitRow
    before: UnitRow | None


@dataclass(frozen=True)
class Units:
    """The directory of units. Each method is one transaction, except those that are given a connection."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    groups: Groups
    aliases: Aliases

    async def page(
        self, as_of: date | None, *, kind: UnitKind | None, q: str | None, after: str | None, limit: int
    ) -> Sequence[UnitRow]:
        """Units valid on a day (today when None) by code, beginning after a code; at most `limit`."""
        day = as_of or self._today()
        codes = self.aliases.found(q, day) if q else set()
        async with self.engine.connect() as conn:
            return await repository.page(conn, day, kind=kind, q=q, codes=codes, after=after, limit=limit)

    async def find(self, code: str, as_of: date | None = None) -> UnitRow:
        """The unit with the code on that day; without a day, the unit of today, else the last one.

        Raises a 404 problem, which names the successors of a unit that has ended.
        """
        day = as_of or self._today()
        async with self.engine.connect() as conn:
            rows = await repository.with_codes(conn, [code])
            found = [row for row in rows if row.unit.valid_on(day)] or ([] if as_of else rows[-1:])
            if found:
                return found[0]
            ended = [row.unit for row in rows if row.unit.valid_to and row.unit.valid_to < day]
            if not ended:
                raise not_found("đơn vị này", "this unit")
            raise _gone(ended[-1], await self._successors(conn, ended[-1], day))

    async def put(
        self, unit: Unit, asked: Preconditions, *, caller: Principal, key: str | None, digest: bytes
    ) -> Reply:
        """Define one unit: 201 when it is new, 200 when it was changed or was there.

        Raises what `_define` does, and a 412 problem unless what was `asked` of it held before.
        """

        async def work(conn: AsyncConnection) -> Reply:
            [defined] = await self._define(conn, [unit])
            asked.check(defined.before.tag if defined.before else None)
            status = 200 if defined.before else 201
            return reply(status, UnitOut.of(defined.row), {"ETag": etag(defined.row.tag)})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def heads(self, code: str) -> list[Head]:
        """Everyone who headed a unit with this code. Raises a 404 problem if no unit ever had it."""
        async with self.engine.connect() as conn:
            await self._periods(conn, code)
            return await repository.heads_of(conn, code)

    async def put_heads(self, code: str, heads: Sequence[Head], asked: Preconditions) -> list[Head]:
        """Make these all the heads of the code. Raises 404, 412 unless what was `asked` held, and `RuleBroken`."""
        async with self.engine.begin() as conn:
            await repository.lock_directory(conn)
            check_heads(heads, await self._periods(conn, code))
            asked.check(tag_of(await repository.heads_of(conn, code)))
            await repository.replace_heads(conn, code, heads)
            return await repository.heads_of(conn, code)

    async def head(self, code: str, as_of: date | None) -> Head:
        """The accountable head on a day, today when None. Raises a 404 problem where nobody is named for it."""
        async with self.engine.connect() as conn:
            found = await repository.head_of(conn, code, as_of or self._today())
        if found is None:
            raise not_found("người đứng đầu đơn vị vào ngày này", "a head of the unit on this day")
        return found

    async def add_missing(self, units: Sequence[Unit]) -> int:
        """Define those units whose code and first day are not in the directory; how many they were."""
        async with self.engine.begin() as conn:
            known = await repository.with_codes(conn, {unit.code for unit in units})
            present = {(row.unit.code, row.unit.valid_from) for row in known}
            missing = [unit for unit in units if (unit.code, unit.valid_from) not in present]
            if missing:
                await self._define(conn, missing)
        return len(missing)

    async def unit_index(self, conn: AsyncConnection, on: date) -> UnitIndex:
        """The units valid on a day, by the names that documents use."""
        return UnitIndex(await repository.valid_on(conn, on), self.groups, on)

    async def names(self, conn: AsyncConnection, on: date) -> dict[str, str]:
        """The names of the units valid on a day, by code."""
        return await repository.names(conn, on)

    async def by_code(self) -> Mapping[str, str]:
        """The newest name of every code: of units, those that have ended too, and of groups."""
        async with self.engine.connect() as conn:
            names = await repository.names(conn)
        return names | {group.code: group.name.vi for group in self.groups.groups}

    async def all_periods(self, conn: AsyncConnection) -> list[Unit]:
        """The units of all days: whoever reads a document meets names of units that have ended."""
        return await repository.all_periods(conn)

    async def is_active(self, conn: AsyncConnection, code: str) -> bool:
        """Whether a unit has the code today."""
        return any(row.unit.valid_on(self._today()) for row in await repository.with_codes(conn, [code]))

    async def check_acting(self, code: str) -> None:
        """Raises a 403 problem, which names the successors, if the unit with that code has ended.

        From the day after its last one. A code that the directory never had is none of its business.
        """
        day = self._today()
        async with self.engine.connect() as conn:
            periods = [row.unit for row in await repository.with_codes(conn, [code])]
            ended = [unit for unit in periods if unit.valid_to and unit.valid_to < day]
            if ended and not any(unit.valid_on(day) for unit in periods):
                raise _gone(ended[-1], await self._successors(conn, ended[-1], day), UNIT_ENDED)

    async def _define(self, conn: AsyncConnection, units: Sequence[Unit]) -> list[Defined]:
        """Add units, or change those that have the same code and first day; equal ones stay untouched.

        Returns all of them, in order. Raises a 409 problem when two periods of one code would overlap and `RuleBroken`
        for an unknown parent. Writes `unit.defined` for each change.
        """
        await repository.lock_directory(conn)
        codes = {unit.code for unit in units}
        parents = {unit.parent for unit in units if unit.parent}
        known = await repository.with_codes(conn, codes | parents)
        _check_parents(units, codes | {row.unit.code for row in known})
        defined = _compared(units, known)
        changed = [each.row for each in defined if each.row != each.before]
        if changed:
            now = self.clock.now()
            await repository.save(conn, changed, now)
            await outbox.write(
                conn,
                [
                    new_event(
                        UnitDefined(**msgspec.structs.asdict(row.unit)),
                        subject=row.unit.subject,
                        version=row.version,
                        occurred_at=now,
                        recorded_at=now,
                    )
                    for row in changed
                ],
            )
        return defined

    async def _successors(self, conn: AsyncConnection, unit: Unit, day: date) -> list[Unit]:
        """The units of a day that succeeded this one, at any distance."""
        known: list[Unit] = []
        seen, waiting = set[str](), set(unit.successors)
        while waiting:
            seen |= waiting
            rows = [row.unit for row in await repository.with_codes(conn, waiting)]
            known += rows
            there = {each.code for each in rows if each.valid_on(day)}
            waiting = {heir for each in rows if each.code not in there for heir in each.successors} - seen
        return successors_on(unit, known, day)

    async def _periods(self, conn: AsyncConnection, code: str) -> list[Unit]:
        found = [row.unit for row in await repository.with_codes(conn, [code])]
        if not found:
            raise not_found("đơn vị này", "this unit")
        return found

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())


def tag_of(heads: Sequence[Head]) -> str:
    """The entity tag of a list of heads."""
    return sha256(msgspec.json.encode(heads)).hexdigest()[:16]


def _check_parents(units: Sequence[Unit], known: set[str]) -> None:
    for unit in units:
        if unit.parent == unit.code or (unit.parent and unit.parent not in known):
            raise RuleBroken("parent", "không phải mã của đơn vị khác", "is not the code of another unit")


def _compared(units: Sequence[Unit], known: Sequence[UnitRow]) -> list[Defined]:
    """Each unit with the one known under its code and first day; a change makes the next version."""
    codes: dict[str, dict[date | None, UnitRow]] = {}
    for row in known:
        codes.setdefault(row.unit.code, {})[row.unit.valid_from] = row
    defined = []
    for unit in units:
        periods = codes.setdefault(unit.code, {})
        before = periods.pop(unit.valid_from, None)
        _check_periods(unit, periods.values())
        row = before if before and before.unit == unit else UnitRow(unit, before.version + 1 if before else 1)
        periods[unit.valid_from] = row
        defined.append(Defined(row, before))
    return defined


def _check_periods(unit: Unit, others: Iterable[UnitRow]) -> None:
    for other in (row.unit for row in others):
        if other.overlaps(unit):
            raise Problem(
                UNIT_PERIOD_OVERLAPS,
                vi=f"Mã “{unit.code}” thuộc “{other.name}” trong một phần thời gian này.",
                en=f"The code {unit.code} belongs to “{other.name}” for a part of this period.",
                extra={"valid_from": _iso(other.valid_from), "valid_to": _iso(other.valid_to)},
            )


def _gone(unit: Unit, successors: Sequence[Unit], kind: Kind = kinds.NOT_FOUND) -> Problem:
    last = unit.valid_to or date.max
    names = ", ".join(f"{each.name} ({each.code})" for each in successors)
    return Problem(
        kind,
        vi=f"{unit.name} đã kết thúc ngày {last:%d/%m/%Y}" + (f", nay là: {names}." if names else "."),
        en=f"{unit.name} ended on {last.isoformat()}" + (f", succeeded by {names}." if names else "."),
        extra={
            "valid_to": _iso(unit.valid_to),
            "successors": [{"code": each.code, "name": each.name} for each in successors],
        },
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
