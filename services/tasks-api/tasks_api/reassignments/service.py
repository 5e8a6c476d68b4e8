"""Use cases of reassignments: open work of units that ended moves to their heirs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import OVERSIGHT, Role
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.reassignments import repository
from tasks_api.reassignments.domain import Decisions, Heirs, Item, Outcome, Why, Work, check_rows
from tasks_api.reassignments.problems import RUN_UNFINISHED
from tasks_api.reassignments.repository import Run
from tasks_api.reassignments.schemas import (
    CountOut,
    OutcomeOut,
    OutcomeQuery,
    ReassignmentIn,
    ReassignmentOut,
    WaitingOut,
    WaitingPage,
    WaitingQuery,
    totals,
)
from tasks_api.reassignments.store import Movers, Occasion
from tasks_api.tasks.access import is_citys
from tasks_api.units.service import Units

AT_ONCE: Final = 100
"""Pieces of work that one transaction moves: meanwhile others wait for them."""


@dataclass(frozen=True)
class Reassignments:
    """Moves open work to the heirs of units that ended, by a mapping and otherwise by the directory.

    A run is a row; a worker does it piece by piece, each piece with its history and its event, and a row says what
    became of it. So it goes on after a crash, and nothing is done twice.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    units: Units
    movers: Movers

    async def preview(self, given: ReassignmentIn, wanted: OutcomeQuery, caller: Principal) -> ReassignmentOut:
        """What a run would do now. Raises a 403 problem, and `RuleBroken` for a faulty mapping."""
        self._check(caller)
        now = self.clock.now()
        async with self.reading.connect() as conn:
            heirs = await self._heirs(conn, now)
            check_rows(given.all(), heirs)
            decisions = Decisions(heirs, given.all())
            found = [
                outcome
                for work in Work
                for item in await repository.with_ended_units(conn, work, heirs.until, now)
                for outcome in decisions.of(item)
            ]
        found.sort(key=lambda outcome: outcome.key)
        after = _after(wanted)
        page = [each for each in found if (after is None or each.key > after) and _is_wanted(each, wanted)]
        return _shown(None, given, _counted(found), page[: wanted.limit + 1], wanted)

    async def start(self, given: ReassignmentIn, *, caller: Principal, key: str | None, digest: bytes) -> Reply:
        """Begin a run, which the worker does. Raises what `preview` does, and a 409 problem while another one runs."""
        self._check(caller)

        async def work(conn: AsyncConnection) -> Reply:
            now, rows = self.clock.now(), given.all()
            check_rows(rows, await self._heirs(conn, now))
            values = {
                "document_no": given.document_no,
                "reason": given.reason,
                "started_at": now,
                "started_by": caller.sub,
                "role": caller.acting_as(Role.OPERATOR, Role.COORDINATOR),
            }
            id_ = await repository.begin(conn, values, rows)
            run = await (repository.unfinished(conn) if id_ is None else repository.get(conn, id_))
            if id_ is None or run is None:
                raise Problem(RUN_UNFINISHED, extra={"id": run.id if run else None})
            headers = {"Location": f"/v1/units/reassignments/{run.id}"}
            return reply(202, _shown(run, given, [], [], OutcomeQuery()), headers)

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def run(self, id_: int, wanted: OutcomeQuery, caller: Principal) -> ReassignmentOut:
        """How far a run has come, and a page of what became of the work. Raises a 403 or a 404 problem."""
        self._check(caller)
        async with self.reading.connect() as conn:
            run = await repository.get(conn, id_)
            if run is None:
                raise not_found("lần chuyển giao này", "this reassignment")
            counts = [CountOut.model_validate(row) for row in await repository.counts(conn, id_)]
            page = await repository.outcomes(conn, id_, wanted.outcome, _after(wanted), wanted.limit + 1)
        return _shown(run, run, counts, page, wanted)

    async def waiting(self, wanted: WaitingQuery, caller: Principal) -> WaitingPage:
        """Open work with units that ended, by kind and age: to a unit what it assigned, to oversight all."""
        office = None if self._sees_all(caller) else caller.unit or ""
        after = decode_cursor(wanted.cursor, str, int, str) if wanted.cursor else ("", 0, "")
        now, found = self.clock.now(), list[tuple[Item, WaitingOut]]()
        async with self.reading.connect() as conn:
            heirs = await self._heirs(conn, now)
            decisions = Decisions(heirs, ())
            for work in sorted(Work):
                if work < after[0] or (wanted.work and work is not wanted.work) or len(found) > wanted.limit:
                    continue
                items = await repository.with_ended_units(
                    conn,
                    work,
                    heirs.until,
                    now,
                    office=office,
                    from_unit=wanted.from_unit,
                    since=after[1] if work == after[0] else 0,
                    limit=wanted.limit + 2,
                )
                nobodys = await repository.nobodys(conn, work, [item.code for item in items])
                for item in items:
                    for outcome in decisions.of(item):
                        if (work, item.id, outcome.seat) > after and wanted.from_unit in {None, outcome.from_unit}:
                            found.append((item, _waits(outcome, item, heirs, nobodys)))
        page = found[: wanted.limit]
        last = page[-1] if len(found) > wanted.limit else None
        cursor = encode_cursor(last[1].work, last[0].id, last[1].seat) if last else None
        return WaitingPage(items=[each for _, each in page], next_cursor=cursor)

    async def go_on(self, conn: AsyncConnection, now: datetime) -> int:
        """Do a part of the run that is not done, without commit; how many pieces of work that were."""
        run = await repository.unfinished(conn, lock=True)
        if run is None:
            return 0
        heirs = await self._heirs(conn, now)
        decisions = Decisions(heirs, run.rows)
        for work in Work:
            items = await repository.with_ended_units(
                conn, work, heirs.until, now, run=run.id, limit=AT_ONCE, lock=True
            )
            if items:
                await self._move(conn, items, decisions, Occasion(run, now))
                return len(items)
        for work in Work:
            # Others hold these: it is their turn, and then ours.
            if await repository.with_ended_units(conn, work, heirs.until, now, run=run.id, limit=1):
                return 0
        await repository.finish(conn, run.id, now)
        return 1

    async def _move(self, conn: AsyncConnection, items: Sequence[Item], decisions: Decisions, now: Occasion) -> None:
        for item in items:
            outcomes = decisions.of(item)
            to = {each.seat: each.succession for each in outcomes if each.succession is not None}
            if to:
                await self.movers.move(conn, item, to, now)
            await repository.add_outcomes(conn, now.run.id, outcomes)

    async def _heirs(self, conn: AsyncConnection, now: datetime) -> Heirs:
        return Heirs(await self.units.all_periods(conn), self.calendar.local_date(now), self.calendar)

    def _check(self, caller: Principal) -> None:
        if not (caller.has(Role.OPERATOR) or is_citys(caller, self.city)):
            raise Problem(NOT_PERMITTED, extra={"by": [Role.OPERATOR, Role.COORDINATOR]})

    def _sees_all(self, caller: Principal) -> bool:
        return caller.has(*(role for role in OVERSIGHT if role is not Role.COORDINATOR)) or is_citys(caller, self.city)


def _waits(outcome: Outcome, item: Item, heirs: Heirs, nobodys: set[tuple[str, str]]) -> WaitingOut:
    code, since = item.seats[outcome.seat]
    return WaitingOut(
        work=outcome.work,
        code=outcome.code,
        seat=outcome.seat,
        from_unit=code,
        from_until=outcome.from_until,
        successors=[unit.code for unit in heirs.successors(heirs.holder(code, since))],
        why=Why.NOBODY if (outcome.code, outcome.seat) in nobodys else outcome.why,
    )


def _counted(outcomes: Iterable[Outcome]) -> list[CountOut]:
    counts = Counter((each.work, each.from_unit, each.to_unit, each.why) for each in outcomes)
    return [
        CountOut(work=work, from_unit=from_unit, to_unit=to_unit, why=why, count=count)
        for (work, from_unit, to_unit, why), count in sorted(counts.items(), key=lambda each: tuple(map(str, each[0])))
    ]


def _is_wanted(outcome: Outcome, wanted: OutcomeQuery) -> bool:
    return wanted.outcome is None or (wanted.outcome == "moved") == (outcome.to_unit is not None)


def _after(wanted: OutcomeQuery) -> tuple[str, str, str] | None:
    if wanted.cursor is None:
        return None
    work, code, seat = decode_cursor(wanted.cursor, str, str, str)
    return work, code, seat


def _shown(
    run: Run | None,
    said: ReassignmentIn | Run,
    counts: list[CountOut],
    page: Sequence[Outcome],
    wanted: OutcomeQuery,
) -> ReassignmentOut:
    moved, waiting = totals(counts)
    items, more = page[: wanted.limit], len(page) > wanted.limit
    return ReassignmentOut(
        id=run.id if run else None,
        state="preview" if run is None else "done" if run.finished_at else "running",
        document_no=said.document_no,
        reason=said.reason,
        started_at=run.started_at if run else None,
        finished_at=run.finished_at if run else None,
        moved=moved,
        waiting=waiting,
        counts=counts,
        items=[OutcomeOut.of(each) for each in items],
        next_cursor=encode_cursor(*items[-1].key) if more else None,
    )
