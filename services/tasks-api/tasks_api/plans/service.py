"""Use cases of plans that were imported: read them, answer their doubtful rows, withdraw one, tell its progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.plan import PlanPlaced, PlanRowDecided, PlanState, PlanWithdrawn
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.idempotency import reply
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.city import City
from tasks_api.plans import repository
from tasks_api.plans.amending import Amending, is_untouched
from tasks_api.plans.annex import assigned_to
from tasks_api.plans.domain import Answers, Plan, PlanProgress, PlanRow, PlanVersion, RowState, state_of
from tasks_api.plans.importing import PLAN_WITHDRAWN
from tasks_api.plans.schemas import PlaceIn, PlanOut, PlanRowOut, RowAssignIn, RowDropIn, WithdrawIn
from tasks_api.tasks import access
from tasks_api.tasks import repository as tasks
from tasks_api.tasks.assignment import Occasion, assign
from tasks_api.tasks.domain import TaskDraft
from tasks_api.tasks.progress import Snapshot, progress
from tasks_api.units.domain import UnitIndex, is_within
from tasks_api.units.service import Units

PLAN_UNDER_WAY: Final = kind(
    "plan-under-way",
    409,
    vi="Đã có nhiệm vụ của kế hoạch này được bắt đầu.",
    en="Work on tasks of this plan has begun.",
    mend_vi="Đóng từng nhiệm vụ, hoặc nhập văn bản sửa đổi; các nhiệm vụ đã bắt đầu ghi ở `tasks`.",
    mend_en="Close single tasks, or import a revised document; `tasks` names those that have begun.",
)
_NAMED: Final = 20
"""So many tasks are named in a problem at most."""


@dataclass(frozen=True)
class Plans:
    """Plans, their rows and progress. Each method is one transaction."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    due_soon_days: int
    units: Units
    amending: Amending

    async def page(self, *, document_no: str | None, before: int | None, limit: int) -> Sequence[Plan]:
        """Plans newest first, beginning before an id; at most `limit`."""
        async with self.engine.connect() as conn:
            return await repository.page(conn, document_no=document_no, before=before, limit=limit)

    async def find(self, code: str) -> Plan:
        """Raises a 404 problem."""
        async with self.engine.connect() as conn:
            return await self._find(conn, code)

    async def versions(self, code: str, caller: Principal) -> list[PlanVersion]:
        """The plan's documents, the first one first, with changes of what the caller may read. Raises a 404 problem."""
        async with self.engine.connect() as conn:
            plan = await self._find(conn, code)
            versions, reader = await repository.versions(conn, plan), _reader(caller, plan)
            if reader is None:
                return versions
            own = await repository.readable(conn, plan, reader)
        return [
            replace(each, changes=tuple(change for change in each.changes if own & set(change.tasks)))
            for each in versions
        ]

    async def rows(
        self, code: str, caller: Principal, *, document: int | None, state: RowState | None, after: int, limit: int
    ) -> list[PlanRow]:
        """Rows of a document of the plan (its last when None), beginning after a line. Raises a 404 problem.

        Who neither oversees all units nor issued the plan gets the rows of their own unit's tasks.
        """
        async with self.engine.connect() as conn:
            plan = await self._find(conn, code)
            reader = _reader(caller, plan)
            return await repository.rows(
                conn, plan, document=document, state=state, after=after, limit=limit, reader=reader
            )

    async def progress(self, code: str, as_of: date | None, *, with_children: bool = False) -> PlanProgress:
        """How far the plan is at the end of that local day; today when None. Raises a 404 problem.

        `with_children`: together with the plans that stand under it today.
        """
        day = as_of or self._today()
        async with self.engine.connect() as conn:
            await self._find(conn, code)
            counted = await repository.with_those_under(conn, code) if with_children else [code]
            rows = await tasks.last_states(conn, counted, self.calendar.end_of_day(day))
        found: dict[bool, list[Snapshot]] = {True: [], False: []}
        for row in rows:
            found[row.is_child].append(
                Snapshot(
                    TaskStatus(row.status),
                    row.due_on,
                    completed_on=self._day_of(row.completed_at),
                    reported_on=self._day_of(row.reported_at),
                    late_after=last_day_before(row.late_from, self.calendar.timezone) if row.late_from else None,
                    missed=row.missed,
                )
            )
        return PlanProgress(
            counted, progress(found[False], day, self.due_soon_days), progress(found[True], day, self.due_soon_days)
        )

    async def assign_row(
        self,
        code: str,
        line: int,
        given: RowAssignIn,
        *,
        caller: Principal,
        key: str | None,
        digest: bytes,
        language: str,
    ) -> Reply:
        """Assign a parked row as somebody says it is meant, from now on: its units did not know of it before.

        Raises 404, a 409 problem for a row that does not wait, and `RuleBroken`.
        """

        async def work(conn: AsyncConnection) -> Reply:
            plan, row = await self._waiting(conn, code, line, caller)
            today = self._today()
            unit_index = await self.units.unit_index(conn, today)
            draft = _draft(row, given, unit_index, today)
            if not access.is_citys(caller, self.city) and not caller.has(Role.OPERATOR):
                for lead in given.lead_units:
                    if not is_within(unit_index.get(lead), caller.unit or ""):
                        raise RuleBroken("lead_units", "không thuộc cơ quan này", "are not of the caller's own unit")
            drafts = assigned_to(draft, given.lead_units, unit_index)
            made = await assign(conn, drafts, unit_index, self._occasion(plan, caller), self.calendar)
            changed = replace(row, state=RowState.ASSIGNED, tasks=tuple(task.code for task in made))
            await self._decided(conn, plan, changed, tasks=1)
            if given.remember:
                await self._learn(conn, row, given, caller)
            return reply(200, PlanRowOut.of(changed, language), {})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def drop_row(
        self,
        code: str,
        line: int,
        given: RowDropIn,
        *,
        caller: Principal,
        key: str | None,
        digest: bytes,
        language: str,
    ) -> Reply:
        """Say that a parked row is no task. Raises 404, and a 409 problem for a row that does not wait."""

        async def work(conn: AsyncConnection) -> Reply:
            plan, row = await self._waiting(conn, code, line, caller)
            changed = replace(row, state=RowState.DROPPED)
            await self._decided(conn, plan, changed, tasks=0, note=given.reason)
            return reply(200, PlanRowOut.of(changed, language), {})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def withdraw(
        self, code: str, given: WithdrawIn, seen: SeenVersion, *, caller: Principal, key: str | None, digest: bytes
    ) -> Reply:
        """Withdraw a plan in which nothing was begun: its tasks are closed, its waiting rows dropped.

        A deadline that passed before stays missed. Raises 404, 412, and a 409 problem that names tasks under way.
        """

        async def work(conn: AsyncConnection) -> Reply:
            plan = await self._own(conn, code, caller)
            if plan.version not in seen:
                raise stale(plan.version)
            if plan.withdrawn_at:
                raise Problem(PLAN_WITHDRAWN)
            standing = await tasks.lock_plan(conn, plan.code)
            if begun := [task.code for task in standing if not (task.ended or is_untouched(task))]:
                raise Problem(PLAN_UNDER_WAY, extra={"tasks": begun[:_NAMED]})
            occasion = self._occasion(plan, caller)
            for task in standing:
                if task.parent is None and not task.ended:
                    await self.amending.close(conn, task, occasion, given.reason)
            for row in await repository.rows(conn, plan, state=RowState.PARKED):
                await repository.save_row(conn, plan, replace(row, state=RowState.DROPPED))
            withdrawn = replace(plan, withdrawn_at=occasion.at, parked=0, version=plan.version + 1)
            await repository.save(conn, withdrawn)
            await self._write(conn, withdrawn, state_of(withdrawn, PlanWithdrawn))
            return reply(200, PlanOut.model_validate(withdrawn), {"ETag": etag(withdrawn.version)})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def place_under(
        self, code: str, given: PlaceIn, seen: SeenVersion, *, caller: Principal, key: str | None, digest: bytes
    ) -> Reply:
        """Say which plan this one carries out. Raises `RuleBroken`, and 403, 404 and 412 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            plan = await self._own(conn, code, caller)
            if plan.version not in seen:
                raise stale(plan.version)
            await _check_above(conn, code, given.plan)
            placed = replace(plan, parent=given.plan, version=plan.version + 1)
            await repository.save(conn, placed)
            await self._write(conn, placed, state_of(placed, PlanPlaced, parent=placed.parent))
            return reply(200, PlanOut.model_validate(placed), {"ETag": etag(placed.version)})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def _waiting(self, conn: AsyncConnection, code: str, line: int, caller: Principal) -> tuple[Plan, PlanRow]:
        """The plan, locked, and its row that waits for an answer."""
        plan = await self._own(conn, code, caller)
        row = await repository.row(conn, plan, line)
        if row is None:
            raise not_found("dòng này của kế hoạch", "this row of the plan")
        if row.state is not RowState.PARKED:
            raise Problem(
                WRONG_STATE,
                vi="Dòng này không chờ trả lời.",
                en="This row does not wait for an answer.",
                extra={"state": row.state, "possible": []},
            )
        return plan, row

    async def _own(self, conn: AsyncConnection, code: str, caller: Principal) -> Plan:
        """The plan, locked, if the caller may change it: the city's office, an operator, or the unit that issued it."""
        plan = await self._find(conn, code, lock=True)
        anyones = caller.has(Role.OPERATOR) or access.is_citys(caller, self.city)
        if not anyones and plan.assigning_unit != caller.unit:
            raise Problem(NOT_PERMITTED, extra={"by": [plan.assigning_unit]})
        return plan

    async def _decided(self, conn: AsyncConnection, plan: Plan, row: PlanRow, *, tasks: int, note: str = "") -> None:
        """Store what became of a row that waited, with the event."""
        changed = replace(plan, tasks=plan.tasks + tasks, parked=plan.parked - 1, version=plan.version + 1)
        await repository.save_row(conn, plan, row, note=note)
        await repository.save(conn, changed)
        await self._write(conn, changed, state_of(changed, PlanRowDecided, row=row.line, parked=changed.parked))

    async def _write(self, conn: AsyncConnection, plan: Plan, event: PlanState) -> None:
        now = self.clock.now()
        await outbox.write(
            conn, [new_event(event, subject=plan.code, version=plan.version, occurred_at=now, recorded_at=now)]
        )

    async def _learn(self, conn: AsyncConnection, row: PlanRow, given: RowAssignIn, caller: Principal) -> None:
        """Keep what the row's unclear words for its leads mean, where they are all that was unclear."""
        unclear = [each.wording for each in row.doubts if each.field == "lead_unit" and each.wording]
        if len(unclear) != 1:
            raise RuleBroken(
                "remember",
                "chỉ nhớ được khi dòng có đúng một tên đơn vị chưa rõ",
                "holds only where the row has one unclear name of a unit",
            )
        owner = "" if access.is_citys(caller, self.city) or caller.has(Role.OPERATOR) else caller.unit or ""
        answers = Answers(units={unclear[0]: tuple(given.lead_units)})
        await repository.learn(conn, owner, answers, self.clock.now(), caller.sub)

    def _occasion(self, plan: Plan, caller: Principal) -> Occasion:
        now = self.clock.now()
        role = Role.COORDINATOR if caller.has(Role.COORDINATOR) else Role.OPERATOR
        return Occasion(plan.assigning_unit, caller.sub, role, at=now, recorded_at=now, plan=plan.code)

    async def _find(self, conn: AsyncConnection, code: str, *, lock: bool = False) -> Plan:
        plan = await repository.get(conn, code, lock=lock)
        if plan is None:
            raise not_found("kế hoạch này", "this plan")
        return plan

    def _day_of(self, instant: datetime | None) -> date | None:
        return self.calendar.local_date(instant) if instant else None

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())


def _reader(caller: Principal, plan: Plan) -> str | None:
    """The unit whose rows alone the caller may read; None for all."""
    unit = access.reader(caller)
    return None if unit == plan.assigning_unit else unit


async def _check_above(conn: AsyncConnection, code: str, parent: str | None) -> None:
    """The parent is a plan, and stands not under this one. All above are locked: two placements could make a circle."""
    above = parent
    while above is not None:
        plan = await repository.get(conn, above, lock=True)
        if plan is None:
            raise RuleBroken("plan", "không có kế hoạch này", "is no plan")
        if above == code:
            raise RuleBroken("plan", "nằm dưới chính kế hoạch này", "stands under this very plan")
        above = plan.parent


def _draft(row: PlanRow, given: RowAssignIn, unit_index: UnitIndex, today: date) -> TaskDraft:
    """The task of the row as somebody says it is meant. Raises `RuleBroken`."""
    title = given.title or " ".join(row.title.split())
    if not title:
        raise RuleBroken("title", "cần có", "is needed")
    for field, codes in (("lead_units", given.lead_units), ("coordinating_units", given.coordinating_units)):
        for index, code in enumerate(codes):
            if not unit_index.knows(code):
                raise RuleBroken(
                    f"{field}.{index}",
                    "không phải mã của đơn vị hay nhóm đang hoạt động",
                    "is not the code of a unit or group that exists today",
                )
    if given.due_on and given.due_on < today:
        raise RuleBroken("due_on", "đã qua", "has passed already")
    return TaskDraft(
        title=title[:2000],
        lead_unit="",
        number=row.number,
        written_number=row.written_number,
        section=" › ".join(filter(None, [row.annex, *row.sections]))[:2000],
        coordinating_units=tuple(dict.fromkeys(given.coordinating_units)),
        due_text=" ".join(row.cells.get("due_text", "").split())[:500],
        due_on=given.due_on,
        product=" ".join(row.cells.get("product", "").split())[:2000],
        source=" ".join(row.cells.get("source", "").split())[:2000],
    )
