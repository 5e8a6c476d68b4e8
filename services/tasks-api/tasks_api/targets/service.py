"""Use cases of targets: the office of a plan sets them, the unit that answers for one reports its values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.idempotency import reply
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.periods import Period
from tasks_api.targets import repository
from tasks_api.targets.domain import MOST_TARGETS, Standing, Target, Value, newest, standing
from tasks_api.targets.problems import TARGET_WITHDRAWN, TARGETS_FULL
from tasks_api.targets.schemas import TargetDetail, TargetIn, TargetOut, TargetsOut, ValueIn
from tasks_api.tasks.access import is_citys, speaks_for
from tasks_api.units.service import Units

_OFFICE: Final = ["assigner"]
_RESPONSIBLE: Final = ["responsible"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A change of the targets of a plan. `key` and `digest` identify a repeated request."""

    plan: str
    caller: Principal
    key: str | None
    digest: bytes


@dataclass(frozen=True)
class Targets:
    """Targets of plans. Each change is a new version, in one transaction that holds the plan."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    units: Units

    async def of_plan(self, plan: str) -> TargetsOut:
        """The targets that stand. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            await _plan(conn, plan)
            targets = [each for each in await repository.of_plan(conn, plan) if not each.withdrawn]
            values = await repository.values(conn, [each.id for each in targets])
        items = [self._shown(target, newest(values.get(target.id, ()))) for target in targets]
        met = sum(each.standing is Standing.MET for each in items)
        return TargetsOut(items=items, met=met, total=len(items))

    async def get(self, plan: str, id_: UUID) -> TargetDetail:
        """A target, withdrawn or not, with its history. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            versions = await repository.versions(conn, plan, id_)
            if not versions:
                raise _not_found()
            last = newest((await repository.values(conn, [id_])).get(id_, ()))
            reported = await repository.all_values(conn, id_)
        return TargetDetail.with_history(versions, reported, last, standing(versions[-1], last, self._today()))

    async def set(self, given: TargetIn, wish: Wish) -> Reply:
        """A new target. Raises `RuleBroken`, and 403, 404 and 409 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            await self._hold(conn, wish)
            there = await repository.of_plan(conn, wish.plan)
            if sum(not each.withdrawn for each in there) >= MOST_TARGETS:
                raise Problem(TARGETS_FULL)
            target = await self._version(conn, uuid7(), 1, given, wish)
            await repository.add(conn, target)
            return self._answer(target, None, 201, {"Location": f"/v1/plans/{wish.plan}/targets/{target.id}"})

        return await self._once(wish, work)

    async def change(self, id_: UUID, given: TargetIn, seen: SeenVersion, wish: Wish) -> Reply:
        """All of it is as given from now on. Raises `RuleBroken`, and 403, 404, 409 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            before = await self._to_change(conn, id_, seen, wish)
            return await self._add(conn, await self._version(conn, id_, before.version + 1, given, wish))

        return await self._once(wish, work)

    async def withdraw(self, id_: UUID, seen: SeenVersion, wish: Wish) -> Reply:
        """It counts no more; what was reported of it stays. Raises 403, 404, 409 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            before = await self._to_change(conn, id_, seen, wish)
            version, caller = before.version + 1, wish.caller
            gone = replace(before, version=version, withdrawn=True, actor=caller.sub, at=self.clock.now())
            return await self._add(conn, gone)

        return await self._once(wish, work)

    async def report(self, id_: UUID, given: ValueIn, wish: Wish) -> Reply:
        """Its value in a period; again, that corrects it. Raises `RuleBroken`, and 403, 404 and 409 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            await _plan(conn, wish.plan, lock=True)
            target = await self._find(conn, id_, wish.plan)
            role = wish.caller.acting_as(*UNIT_STAFF)
            if role is None or wish.caller.unit != target.unit:
                raise Problem(NOT_PERMITTED, extra={"by": _RESPONSIBLE})
            period = Period.of(given.period)
            if period.first_day > self._today():
                raise RuleBroken("period", "chưa bắt đầu", "has not begun yet")
            value = Value(
                target=id_,
                period=given.period,
                version=1 + await repository.versions_of_value(conn, id_, given.period),
                value=given.value,
                note=given.note,
                period_end=period.last_day,
                actor=wish.caller.sub,
                role=role,
                at=self.clock.now(),
            )
            await repository.add_value(conn, value)
            known = (await repository.values(conn, [id_]))[id_]
            return self._answer(target, newest(known), 201)

        return await self._once(wish, work)

    async def _hold(self, conn: AsyncConnection, wish: Wish) -> None:
        """Lock the plan for its office. Raises 403 and 404 problems."""
        office = await _plan(conn, wish.plan, lock=True)
        caller = wish.caller
        if not caller.has(Role.COORDINATOR) or not (
            is_citys(caller, self.city) or speaks_for(caller, office, self.city)
        ):
            raise Problem(NOT_PERMITTED, extra={"by": _OFFICE})

    async def _to_change(self, conn: AsyncConnection, id_: UUID, seen: SeenVersion, wish: Wish) -> Target:
        await self._hold(conn, wish)
        return await self._find(conn, id_, wish.plan, seen)

    async def _find(self, conn: AsyncConnection, id_: UUID, plan: str, seen: SeenVersion | None = None) -> Target:
        versions = await repository.versions(conn, plan, id_)
        if not versions:
            raise _not_found()
        target = versions[-1]
        if seen is not None and target.version not in seen:
            raise stale(target.version)
        if target.withdrawn:
            raise Problem(TARGET_WITHDRAWN)
        return target

    async def _version(self, conn: AsyncConnection, id_: UUID, version: int, given: TargetIn, wish: Wish) -> Target:
        if not await self.units.is_active(conn, given.unit):
            raise RuleBroken("unit", "hiện không có đơn vị này", "is no unit today")
        return Target(
            id=id_,
            version=version,
            plan=wish.plan,
            actor=wish.caller.sub,
            role=Role.COORDINATOR,
            at=self.clock.now(),
            **given.model_dump(),
        )

    async def _add(self, conn: AsyncConnection, target: Target) -> Reply:
        await repository.add(conn, target)
        known = await repository.values(conn, [target.id])
        return self._answer(target, newest(known.get(target.id, ())), 200)

    def _answer(self, target: Target, last: Value | None, status: int, headers: dict[str, str] | None = None) -> Reply:
        return reply(status, self._shown(target, last), {"ETag": etag(target.version), **(headers or {})})

    def _shown(self, target: Target, last: Value | None) -> TargetOut:
        return TargetOut.of(target, last, standing(target, last, self._today()))

    async def _once(self, wish: Wish, work: Callable[[AsyncConnection], Awaitable[Reply]]) -> Reply:
        return await once(self.engine, caller=wish.caller.sub, key=wish.key, digest=wish.digest, work=work)

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())


async def _plan(conn: AsyncConnection, code: str, *, lock: bool = False) -> str:
    office = await repository.assigning_unit(conn, code, lock=lock)
    if office is None:
        raise not_found("kế hoạch này", "this plan")
    return office


def _not_found() -> Problem:
    return not_found("chỉ tiêu này", "this target")
