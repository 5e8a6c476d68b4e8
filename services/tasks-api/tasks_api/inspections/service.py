"""Use cases of inspections and of their recommendations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import InspectionStatus
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.history import History, HistoryItem
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.service.workflow import Command, Workflow, entry_of, event_of
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.cursors import id_before
from tasks_api.inspections import access, effects, repository
from tasks_api.inspections.domain import (
    ConclusionDraft,
    Inspection,
    InspectionDraft,
    Recommendation,
    Tree,
    concluded,
    named_units,
)
from tasks_api.inspections.models import inspections, recommendations
from tasks_api.inspections.schemas import (
    ConclusionCounts,
    InspectionActionIn,
    InspectionCancelIn,
    InspectionConcludeIn,
    InspectionCounts,
    InspectionOut,
    InspectionPage,
    InspectionProgress,
    InspectionQuery,
    RecommendationConfirmIn,
    RecommendationCounts,
    RecommendationOut,
    RecommendationPage,
    RecommendationQuery,
    RecommendationReopenIn,
    RecommendationReportIn,
)
from tasks_api.inspections.store import InspectionStore, RecommendationStore
from tasks_api.inspections.transitions import InspectionAction, Party, RecommendationAction
from tasks_api.units.service import Units


@dataclass(frozen=True)
class Inspections:
    """Planning, course and conclusions of inspections. Each method is one transaction.

    To a caller who may not know of an inspection it does not exist: every method answers as if it had never been
    planned. Actions raise what `Workflow.run` does.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    units: Units
    store: InspectionStore
    workflow: Workflow[Inspection, Inspection]

    async def page(self, wanted: InspectionQuery, caller: Principal) -> InspectionPage:
        """Inspections that the caller may know of, newest first."""
        before, limit = id_before(wanted.cursor), wanted.limit
        async with self.reading.connect() as conn:
            found = await repository.page(conn, wanted, access.reader(caller), before)
        return InspectionPage(
            items=[self.store.item(each, caller) for each in found[:limit]],
            next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None,
        )

    async def get(self, code: str, caller: Principal) -> InspectionOut:
        """The inspection with the tree of its conclusions. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return await self.store.show(conn, await self._find(conn, code, caller), caller)

    async def history(self, code: str, caller: Principal) -> History:
        """Every change of the inspection. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            rows = await repository.history_of(conn, (await self._find(conn, code, caller)).id)
        return History(items=[HistoryItem.model_validate(row) for row in rows])

    async def progress(self, as_of: date | None, unit: str | None, caller: Principal) -> InspectionProgress:
        """Counts at the end of that local day, today when None, of what the caller may read now."""
        day = as_of or self.calendar.local_date(self.clock.now())
        before, reader = self.calendar.end_of_day(day), access.reader(caller)
        async with self.reading.connect() as conn:
            by_status = await repository.count_inspections(conn, reader, unit, before)
            tree = await repository.count_tree(conn, reader, unit, before)
        statuses = {
            status.value: sum(row.inspections for row in by_status if row.status == status)
            for status in InspectionStatus
        }
        return InspectionProgress(
            as_of=day,
            unit=unit,
            inspections=InspectionCounts(
                total=sum(row.inspections for row in by_status),
                unannounced=sum(row.inspections for row in by_status if row.unannounced),
                **statuses,
            ),
            conclusions=_counts(tree.conclusions, tree.open_conclusions),
            recommendations=RecommendationCounts(
                **_counts(tree.total, tree.still_open).model_dump(), reported=tree.reported, overdue=tree.overdue
            ),
            recommendations_of_open_conclusions=_counts(tree.total_below_open, tree.still_open_below_open),
        )

    async def plan(self, draft: InspectionDraft, *, caller: Principal, key: str | None, digest: bytes) -> Reply:
        """Plan an inspection. Raises `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            inspection = await self._plan(conn, draft, caller)
            shown = await self.store.show(conn, inspection, caller)
            headers = {"Location": f"/v1/inspections/{inspection.code}", "ETag": etag(inspection.version)}
            return reply(201, shown, headers)

        return await once(self.engine, caller=caller.namespace, key=key, digest=digest, work=work)

    async def announce(self, command: Command, given: InspectionActionIn) -> Reply:
        """Announce the inspection to the unit."""
        return await self._act(command, InspectionAction.ANNOUNCE, effects.announce, given)

    async def start(self, command: Command, given: InspectionActionIn) -> Reply:
        """Start the inspection."""
        return await self._act(command, InspectionAction.START, effects.start, given)

    async def cancel(self, command: Command, given: InspectionCancelIn) -> Reply:
        """End the inspection without a conclusion."""
        return await self._act(command, InspectionAction.CANCEL, effects.cancel, given)

    async def conclude(self, command: Command, given: InspectionConcludeIn) -> Reply:
        """Conclude the inspection, and issue its recommendations. Raises `RuleBroken` at the faulty field."""
        drafts = given.drafts()

        async def apply(conn: AsyncConnection, step: Step[Inspection]) -> Change[Inspection]:
            await self._check_units(conn, dict(named_units(drafts)))
            tree = await self._issue(conn, step, drafts, command.caller)
            change = effects.conclude(step, given.conclusion_no, tree)
            return change._replace(details={"conclusion_no": given.conclusion_no})

        return await self.workflow.run(command, InspectionAction.CONCLUDE, apply)

    async def _act(
        self, command: Command, action: InspectionAction, effect: effects.InspectionEffect, given: InspectionActionIn
    ) -> Reply:
        async def apply(_: AsyncConnection, step: Step[Inspection]) -> Change[Inspection]:
            details = given.model_dump(exclude_none=True)
            return effect(step)._replace(note=given.reason, details=details)

        return await self.workflow.run(command, action, apply)

    async def _plan(self, conn: AsyncConnection, draft: InspectionDraft, caller: Principal) -> Inspection:
        if draft.inspecting_unit == draft.inspected_unit:
            raise RuleBroken("inspected_unit", "không tự kiểm tra mình", "does not inspect itself")
        if draft.inspected_unit == caller.unit:
            raise RuleBroken(
                "inspected_unit",
                "là đơn vị của người lập: phải do người khác lập",
                "is your own: somebody else plans it",
            )
        named = {"inspecting_unit": draft.inspecting_unit, "inspected_unit": draft.inspected_unit}
        await self._check_units(conn, named)
        now = self.clock.now()
        [id_] = await repository.new_ids(conn, inspections, 1)
        code = f"KT-{self.calendar.local_date(now).year}-{id_:04d}"
        inspection = Inspection(**msgspec.structs.asdict(draft), id=id_, code=code, planned_at=now)
        change = effects.plan(inspection)
        role = caller.acting_as(*access.OFFICE)
        entry = entry_of(None, change, action="plan", at=now, recorded_at=now, actor=caller.sub, role=role)
        await repository.add(conn, inspection, entry)
        await outbox.write(conn, [event_of(change, entry)])
        return inspection

    async def _issue(
        self, conn: AsyncConnection, step: Step[Inspection], drafts: Sequence[ConclusionDraft], caller: Principal
    ) -> Tree:
        count = sum(len(each.recommendations) for each in drafts)
        ids = await repository.new_ids(conn, recommendations, count)
        tree = concluded(step.before, drafts, iter(ids), step.at, self.calendar)
        role, recorded_at = access.parties(caller, step.before).get(Party.INSPECTING), self.clock.now()
        changes = [effects.issue(each) for each in tree.recommendations]
        issued = [
            (
                change,
                entry_of(
                    None,
                    change,
                    action="issue",
                    at=step.at,
                    recorded_at=recorded_at,
                    actor=caller.sub,
                    role=role,
                ),
            )
            for change in changes
        ]
        await repository.add_tree(conn, tree.conclusions, issued)
        await outbox.write(conn, [event_of(change, entry) for change, entry in issued])
        return tree

    async def _check_units(self, conn: AsyncConnection, named: dict[str, str]) -> None:
        """Raises `RuleBroken` for the first field that names no unit of today."""
        unit_index = await self.units.unit_index(conn, self.calendar.local_date(self.clock.now()))
        for field, code in named.items():
            if unit_index.get(code) is None:
                raise RuleBroken(
                    field, "không phải mã của đơn vị đang hoạt động", "is not the code of a unit that exists today"
                )

    async def _find(self, conn: AsyncConnection, code: str, caller: Principal) -> Inspection:
        inspection = await repository.get(conn, code, access.reader(caller))
        if inspection is None:
            raise not_found(self.workflow.name.vi, self.workflow.name.en)
        return inspection


@dataclass(frozen=True)
class Recommendations:
    """Carrying out what inspections recommended. Each method is one transaction."""

    reading: AsyncEngine
    clock: Clock
    store: RecommendationStore
    workflow: Workflow[Recommendation, Recommendation]

    async def page(self, wanted: RecommendationQuery, caller: Principal) -> RecommendationPage:
        """Recommendations that the caller may read, newest first."""
        before, limit = id_before(wanted.cursor), wanted.limit
        reader, now = access.reader(caller), self.clock.now()
        async with self.reading.connect() as conn:
            found = await repository.page_of_recommendations(conn, wanted, reader, now, before)
        return RecommendationPage(
            items=[self.store.shown(each, caller) for each in found[:limit]],
            next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None,
        )

    async def get(self, code: str, caller: Principal) -> RecommendationOut:
        """The recommendation. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return self.store.shown(await self._find(conn, code, caller), caller)

    async def history(self, code: str, caller: Principal) -> History:
        """Every change of the recommendation, with its reports. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            rows = await repository.history_of_recommendation(conn, (await self._find(conn, code, caller)).id)
        return History(items=[HistoryItem.model_validate(row) for row in rows])

    async def report(self, command: Command, given: RecommendationReportIn) -> Reply:
        """Report that it is done."""
        return await self._act(command, RecommendationAction.REPORT, effects.report, given)

    async def confirm(self, command: Command, given: RecommendationConfirmIn) -> Reply:
        """Confirm the report."""
        return await self._act(command, RecommendationAction.CONFIRM, effects.confirm, given)

    async def reopen(self, command: Command, given: RecommendationReopenIn) -> Reply:
        """Refuse the report, or take a confirmation back."""
        return await self._act(command, RecommendationAction.REOPEN, effects.reopen, given)

    async def _act(
        self,
        command: Command,
        action: RecommendationAction,
        effect: effects.RecommendationEffect,
        given: RecommendationReportIn | RecommendationConfirmIn | RecommendationReopenIn,
    ) -> Reply:
        async def apply(_: AsyncConnection, step: Step[Recommendation]) -> Change[Recommendation]:
            details = {name: value for name, value in given.model_dump().items() if value}
            return effect(step)._replace(note=details.get("reason"), details=details)

        return await self.workflow.run(command, action, apply)

    async def _find(self, conn: AsyncConnection, code: str, caller: Principal) -> Recommendation:
        recommendation = await repository.get_recommendation(conn, code, access.reader(caller))
        if recommendation is None:
            raise not_found(self.workflow.name.vi, self.workflow.name.en)
        return recommendation


def _counts(total: int, still_open: int) -> ConclusionCounts:
    return ConclusionCounts(total=total, done=total - still_open, open=still_open)
