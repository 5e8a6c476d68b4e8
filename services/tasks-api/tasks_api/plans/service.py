"""Use cases of plans: import one from its document, and tell its progress."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.plan import PlanImported
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.field_errors import FieldError, field_path
from cchc_shared.http.idempotency import reply
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.city import City
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.findings import Finding, Unreadable
from tasks_api.naming.reader import UnitReader
from tasks_api.plans import annex, repository, tables
from tasks_api.plans.domain import Import, Plan, PlanDocument, PlanProgress
from tasks_api.plans.rules import PlanRules
from tasks_api.plans.schemas import ImportOut
from tasks_api.tasks import repository as tasks
from tasks_api.tasks.access import is_citys, is_within
from tasks_api.tasks.assignment import Occasion, assign
from tasks_api.tasks.domain import TaskDraft
from tasks_api.tasks.progress import Snapshot, progress
from tasks_api.units.domain import UnitIndex
from tasks_api.units.service import Units

PLAN_FAULTY: Final = kind(
    "plan-faulty",
    422,
    vi="Bảng nhiệm vụ có ô không thể nhận; chưa nhập gì.",
    en="The table of tasks has cells that cannot be imported; nothing was imported.",
    mend_vi="Sửa các ô ghi ở `errors`, theo dòng `row`; thử trước bằng `dry_run=true`.",
    mend_en="Mend the cells named in `errors` by `row`; try with `dry_run=true` first.",
)
DOCUMENT_NUMBER_TAKEN: Final = kind(
    "document-number-taken",
    409,
    vi="Số văn bản này đã được nhập với nội dung khác.",
    en="This document number was imported with another content.",
    mend_vi="Xem kế hoạch ghi ở `plan`; văn bản khác phải có số khác.",
    mend_en="Look at the plan named in `plan`; another document needs another number.",
)


@dataclass(frozen=True)
class Plans:
    """Import and progress of plans. Each method is one transaction."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    rules: PlanRules
    deadlines: DeadlineReader
    due_soon_days: int
    units: Units

    async def page(self, *, document_no: str | None, before: int | None, limit: int) -> Sequence[Plan]:
        """Plans newest first, beginning before an id; at most `limit`."""
        async with self.engine.connect() as conn:
            return await repository.page(conn, document_no=document_no, before=before, limit=limit)

    async def find(self, code: str) -> Plan:
        """Raises a 404 problem."""
        async with self.engine.connect() as conn:
            return await self._find(conn, code)

    async def progress(self, code: str, as_of: date | None) -> PlanProgress:
        """How far the plan is at the end of that local day; today when None. Raises a 404 problem."""
        day = as_of or self._today()
        async with self.engine.connect() as conn:
            await self._find(conn, code)
            rows = await tasks.last_states(conn, code, self.calendar.end_of_day(day))
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
            progress(found[False], day, self.due_soon_days), progress(found[True], day, self.due_soon_days)
        )

    async def import_(
        self, document: PlanDocument, *, dry_run: bool, caller: Principal, key: str | None, language: str
    ) -> Reply:
        """Import a plan and assign its tasks as of its day of issue; 201 when it is new.

        The same document again changes nothing. A dry run finds the same and writes nothing. Who is not the city's
        imports what their own unit issued, for itself and what stands under it. Raises `RuleBroken`, a 422 problem with
        every fault by row, or a 409 problem when that document number has another content.
        """

        async def work(conn: AsyncConnection) -> Reply:
            role = Role.COORDINATOR if caller.has(Role.COORDINATOR) else Role.OPERATOR
            anyones = caller.has(Role.OPERATOR) or is_citys(caller, self.city)
            own = None if anyones else caller.unit
            done = await self._import(conn, document, actor=caller.sub, role=role, own=own, dry_run=dry_run)
            shown = ImportOut.of(done, document, language)
            headers = {"Location": f"/v1/plans/{done.plan.code}", "ETag": etag(done.plan.version)} if done.plan else {}
            return reply(201 if done.created else 200, shown, headers)

        # Not the request's own digest: two uploads of one file differ in their multipart boundaries.
        digest = hashlib.sha256(document.digest() + bytes([dry_run])).digest()
        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def import_missing(self, document: PlanDocument, actor: str) -> Plan | None:
        """Import a plan whose document number is new; None when it is there already, whatever its content."""
        async with self.engine.begin() as conn:
            if await repository.by_document(conn, document.document_no, document.issued_on.year):
                return None
            return (await self._import(conn, document, actor=actor, role=None, own=None, dry_run=False)).plan

    async def _import(
        self,
        conn: AsyncConnection,
        document: PlanDocument,
        *,
        actor: str,
        role: Role | None,
        own: str | None,
        dry_run: bool,
    ) -> Import:
        if document.issued_on > self._today():
            raise RuleBroken("issued_on", "ở tương lai", "lies in the future")
        unit_index = await self.units.unit_index(conn, document.issued_on)
        unit_reader = UnitReader(
            await self.units.all_periods(conn), self.units.groups, self.units.aliases, document.issued_on
        )
        found = self._read(document, unit_index, unit_reader)
        issuer = unit_index.named(document.issuer)
        assigning_unit = issuer[0].code if len(issuer) == 1 else None
        if own is not None:
            _check_own(own, assigning_unit, found.tasks, unit_index)
        plan, created = await repository.by_document(conn, document.document_no, document.issued_on.year), False
        if plan is None and not dry_run:
            plan, created = await self._add(conn, document, actor, assigning_unit, len(found.tasks))
            if created:
                await self._assign(conn, plan, found.tasks, unit_index, role)
        if plan and plan.digest != document.digest():
            raise _other_content(plan)
        warnings = [*_about_document(document, known_issuer=assigning_unit is not None), *found.warnings]
        return Import(plan, created=created, drafts=found.tasks, warnings=warnings)

    def _read(self, document: PlanDocument, unit_index: UnitIndex, unit_reader: UnitReader) -> annex.Annex:
        columns = self.rules.columns
        try:
            text = tables.decoded(document.content)
            is_csv = document.file_name.lower().endswith(".csv")
            table = tables.from_csv(text, columns) if is_csv else tables.from_text(text, columns)
        except Unreadable as error:
            raise RuleBroken("file", error.message.vi, error.message.en) from error
        found = annex.read(table, unit_index, unit_reader, self.deadlines)
        if found.faults:
            raise Problem(
                PLAN_FAULTY,
                errors=[
                    FieldError(field_path("body", "file", field), message.vi, message.en, row=row)
                    for row, field, message in found.faults
                ],
            )
        return found

    async def _add(
        self, conn: AsyncConnection, document: PlanDocument, actor: str, assigning_unit: str | None, tasks: int
    ) -> tuple[Plan, bool]:
        """The plan of this document, and whether it is new: another transaction may have added it meanwhile."""
        id_ = await repository.new_id(conn)
        plan = Plan(
            id=id_,
            code=f"KH-{document.issued_on.year}-{id_:04d}",
            document_no=document.document_no,
            issued_year=document.issued_on.year,
            issued_on=document.issued_on,
            title=document.title,
            issuer=document.issuer,
            assigning_unit=assigning_unit or self.city.assigning_unit,
            tasks=tasks,
            digest=document.digest(),
            imported_at=self.clock.now(),
            imported_by=actor,
        )
        if await repository.add(conn, plan):
            return plan, True
        return (await repository.by_document(conn, plan.document_no, plan.issued_year)) or plan, False

    async def _assign(
        self, conn: AsyncConnection, plan: Plan, drafts: Sequence[TaskDraft], unit_index: UnitIndex, role: Role | None
    ) -> None:
        imported = PlanImported(
            code=plan.code,
            document_no=plan.document_no,
            issued_on=plan.issued_on,
            issuer=plan.issuer,
            tasks=plan.tasks,
        )
        now = self.clock.now()
        event = new_event(
            imported, subject=plan.code, version=plan.version, occurred_at=plan.imported_at, recorded_at=now
        )
        await outbox.write(conn, [event])
        occasion = Occasion(
            unit=plan.assigning_unit,
            actor=plan.imported_by,
            role=role,
            at=self.calendar.end_of_day(plan.issued_on - timedelta(days=1)),
            recorded_at=now,
            plan=plan.code,
        )
        await assign(conn, drafts, unit_index, occasion, self.calendar)

    async def _find(self, conn: AsyncConnection, code: str) -> Plan:
        plan = await repository.get(conn, code)
        if plan is None:
            raise not_found("kế hoạch này", "this plan")
        return plan

    def _day_of(self, instant: datetime | None) -> date | None:
        return self.calendar.local_date(instant) if instant else None

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())


def _check_own(own: str, issuer: str | None, drafts: Sequence[TaskDraft], unit_index: UnitIndex) -> None:
    if issuer != own:
        raise RuleBroken("issuer", "không phải cơ quan của người nhập", "is not the unit of whoever imports it")
    for draft in drafts:
        if not is_within(unit_index.get(draft.lead_unit), own):
            raise RuleBroken(
                "file",
                f"nhiệm vụ {draft.number}: cơ quan chủ trì không thuộc cơ quan của người nhập",
                f"has task {draft.number} with a lead that is not of the unit of whoever imports it",
            )


def _about_document(document: PlanDocument, *, known_issuer: bool) -> list[Finding]:
    warnings = []
    if not any(character.isdigit() for character in document.document_no):
        warnings.append(Finding(0, "document_no", Text("Số văn bản để trống.", "The document's number is blank.")))
    if not known_issuer:
        message = Text(
            "Không nhận ra cơ quan ban hành: việc trả lại sẽ về cơ quan giao việc mặc định.",
            "The issuer is not known: returned tasks go to the assigning unit of the city.",
        )
        warnings.append(Finding(0, "issuer", message))
    return warnings


def _other_content(known: Plan) -> Problem:
    return Problem(
        DOCUMENT_NUMBER_TAKEN,
        vi=f"Số văn bản này đã được nhập với nội dung khác ({known.code}).",
        en=f"This document number was imported with another content ({known.code}).",
        extra={"plan": known.code},
    )
