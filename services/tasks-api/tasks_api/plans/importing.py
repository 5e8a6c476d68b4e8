"""Use cases of a plan's documents: import one, revise a plan by another, withdraw a plan."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.plan import PlanImported, PlanRevised
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import reply
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.annexes import reading
from tasks_api.annexes.domain import AnnexDocument
from tasks_api.annexes.rules import AnnexRules
from tasks_api.city import City
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.findings import Finding
from tasks_api.naming.reader import UnitReader
from tasks_api.plans import repository
from tasks_api.plans.amending import Amending
from tasks_api.plans.annex import AnnexReader
from tasks_api.plans.domain import (
    Answers,
    Import,
    Plan,
    PlanDocument,
    PlanVersion,
    ReadPlan,
    ReadRow,
    RowChange,
    RowState,
    state_of,
)
from tasks_api.plans.revision import paired
from tasks_api.plans.schemas import ImportOut
from tasks_api.tasks.access import is_citys
from tasks_api.tasks.assignment import Occasion, assign
from tasks_api.units.domain import UnitIndex
from tasks_api.units.service import Units

DOCUMENT_NUMBER_TAKEN: Final = kind(
    "document-number-taken",
    409,
    vi="Số văn bản này của cơ quan này đã được nhập với nội dung khác.",
    en="This document number of this issuer was imported with another content.",
    mend_vi="Văn bản sửa đổi: gửi lại với `revises` là mã kế hoạch ghi ở `plan`. Văn bản khác phải có số khác.",
    mend_en="For a revision send it again with `revises`, the code in `plan`. Another document needs another number.",
)
PLAN_WITHDRAWN: Final = kind(
    "plan-withdrawn",
    409,
    vi="Kế hoạch này đã được rút lại.",
    en="This plan was withdrawn.",
    mend_vi="Nhập văn bản khác với số của nó.",
    mend_en="Import another document with its own number.",
)


@dataclass(frozen=True)
class Directory:
    """What the cells of a document are read by: units of its day, names, and what people answered before."""

    unit_index: UnitIndex
    unit_reader: UnitReader
    learned: Answers


@dataclass(frozen=True)
class Imports:
    """Import of plans. A document is read before anything is written, in a process of its own; each import is one
    transaction."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    rules: AnnexRules
    deadlines: DeadlineReader
    units: Units
    amending: Amending
    places: CapacityLimiter

    async def import_(
        self, document: PlanDocument, *, dry_run: bool, caller: Principal, key: str | None, language: str
    ) -> Reply:
        """Import a plan and assign its tasks as of its day of issue; 201 when it is new, or revised.

        Rows that nobody can be assigned to yet are parked and nothing else is held back by them. The same document
        again changes nothing. A dry run finds the same and writes nothing. Who is not the city's imports what their own
        unit issued, for itself and what stands under it. Raises `RuleBroken`, or a 409 problem when that number of that
        issuer has another content and the document does not say that it revises it.
        """
        role = Role.COORDINATOR if caller.has(Role.COORDINATOR) else Role.OPERATOR
        anyones = caller.has(Role.OPERATOR) or is_citys(caller, self.city)
        own = None if anyones else caller.unit
        directory = await self._directory(document, own or "")
        annex = await self._annex(document, directory)
        assigning_unit = _issuer(document, directory.unit_index)
        if own is not None and assigning_unit != own:
            raise RuleBroken("issuer", "không phải cơ quan của người nhập", "is not the unit of whoever imports it")
        read = await self._read(document, annex, directory, own)

        async def work(conn: AsyncConnection) -> Reply:
            importing = _Importing(document, read, directory.unit_index, assigning_unit, caller.sub, role, own)
            done = await self._import(conn, importing, dry_run=dry_run)
            if document.answers.remember and not dry_run:
                await repository.learn(conn, own or "", document.answers, self.clock.now(), caller.sub)
            shown = ImportOut.of(done, document, language)
            headers = {"Location": f"/v1/plans/{done.plan.code}", "ETag": etag(done.plan.version)} if done.plan else {}
            return reply(201 if done.created else 200, shown, headers)

        # Not the request's own digest: two uploads of one file differ in their multipart boundaries.
        digest = hashlib.sha256(document.digest() + document.said() + bytes([dry_run])).digest()
        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def import_missing(self, document: PlanDocument, actor: str) -> Plan | None:
        """Import a plan whose document number is new; None when it is there already, whatever its content."""
        directory = await self._directory(document, "")
        # The city's own file, of which nothing is to be feared, is read here: a start may wait for it.
        columns = document.answers.with_learned(directory.learned).columns
        annex = await to_thread.run_sync(reading.read, document.content, document.file_name, self.rules, columns)
        assigning_unit = _issuer(document, directory.unit_index)
        async with self.engine.begin() as conn:
            if await repository.by_document(conn, document.identity(assigning_unit), document.digest()):
                return None
            read = await self._read(document, annex, directory, None)
            importing = _Importing(document, read, directory.unit_index, assigning_unit, actor, None, None)
            return (await self._import(conn, importing, dry_run=False)).plan

    async def _directory(self, document: PlanDocument, owner: str) -> Directory:
        """What the document is read by. Raises `RuleBroken`."""
        if document.issued_on > self.calendar.local_date(self.clock.now()):
            raise RuleBroken("issued_on", "ở tương lai", "lies in the future")
        async with self.engine.connect() as conn:
            unit_index = await self.units.unit_index(conn, document.issued_on)
            periods = await self.units.all_periods(conn)
            learned = await repository.learned(conn, owner)
        build = partial(UnitReader, periods, self.units.groups, self.units.aliases, document.issued_on)
        return Directory(unit_index, await to_thread.run_sync(build), learned)

    async def _annex(self, document: PlanDocument, directory: Directory) -> AnnexDocument:
        """The rows of the file. Raises `RuleBroken`, or the problem 503."""
        answers = document.answers.with_learned(directory.learned).columns
        try:
            return await reading.read_apart(document.content, document.file_name, self.rules, answers, self.places)
        except Unreadable as error:
            raise RuleBroken("file", error.message.vi, error.message.en) from error

    async def _read(
        self, document: PlanDocument, annex: AnnexDocument, directory: Directory, own: str | None
    ) -> ReadPlan:
        """The tasks that the rows mean. Raises `RuleBroken` for an answer that names no unit of that day."""
        unit_index = directory.unit_index
        _check_units(document.answers, unit_index)
        answers = document.answers.with_learned(directory.learned.known(unit_index.knows))
        reader = AnnexReader(unit_index, directory.unit_reader, self.deadlines, answers, own)
        # Five thousand rows take seconds: other requests go on meanwhile.
        return await to_thread.run_sync(reader.read, annex)

    async def _import(self, conn: AsyncConnection, importing: "_Importing", *, dry_run: bool) -> Import:
        document = importing.document
        if document.revises is not None:
            return await self._revise(conn, importing, document.revises, dry_run=dry_run)
        known = await repository.by_document(conn, importing.identity, document.digest())
        plan, created = known, False
        if plan is None and not dry_run:
            plan, created = await self._add(conn, importing)
        codes: dict[tuple[int, int], str] = {}
        if created and plan:
            codes = await self._assign(conn, plan, importing)
        elif plan:
            return await self._again(conn, plan, importing)
        return Import(plan, created=created, read=importing.read, codes=codes, warnings=importing.warnings)

    async def _again(self, conn: AsyncConnection, plan: Plan, importing: "_Importing") -> Import:
        """What the same document gave when it was imported. Raises a 409 problem if the plan's was another."""
        number = await repository.number_of(conn, plan, importing.document.digest())
        if number is None:
            raise _other_content(plan)
        stored = {row.line: row for row in await repository.rows(conn, plan, document=number)}
        rows, codes = [], dict[tuple[int, int], str]()
        for each in importing.read.rows:
            row = stored.get(each.row.line, each.row)
            drafts = tuple(replace(draft, number=row.number) for draft in each.drafts)
            rows.append(ReadRow(row=row, drafts=drafts))
            for draft, code in zip(drafts, row.tasks, strict=False):
                codes[row.line, draft.part] = code
        read = replace(importing.read, rows=tuple(rows))
        return Import(plan, created=False, read=read, codes=codes, warnings=importing.warnings, document=number)

    async def _add(self, conn: AsyncConnection, importing: "_Importing") -> tuple[Plan, bool]:
        """The plan of this document, and whether it is new: another transaction may have added it meanwhile."""
        document, read = importing.document, importing.read
        id_ = await repository.new_id(conn)
        plan = Plan(
            id=id_,
            code=f"KH-{document.issued_on.year}-{id_:04d}",
            identity=importing.identity,
            document_no=document.document_no,
            issued_year=document.issued_on.year,
            issued_on=document.issued_on,
            title=document.title,
            issuer=document.issuer,
            assigning_unit=importing.assigning_unit or self.city.assigning_unit,
            tasks=_assigned(read),
            parked=len(read.parked),
            digest=document.digest(),
            imported_at=self.clock.now(),
            imported_by=importing.actor,
        )
        if await repository.add(conn, plan):
            return plan, True
        return (await repository.by_document(conn, plan.identity, plan.digest)) or plan, False

    async def _assign(self, conn: AsyncConnection, plan: Plan, importing: "_Importing") -> dict[tuple[int, int], str]:
        """Assign the tasks of a new plan as of its day of issue, and keep its rows; codes by line and part."""
        now = self.clock.now()
        await outbox.write(conn, [new_event(
            state_of(plan, PlanImported),
            subject=plan.code, version=plan.version, occurred_at=plan.imported_at, recorded_at=now,
        )])  # fmt: skip
        occasion = Occasion(
            unit=plan.assigning_unit,
            actor=importing.actor,
            role=importing.role,
            at=self.calendar.end_of_day(plan.issued_on - timedelta(days=1)),
            recorded_at=now,
            plan=plan.code,
        )
        codes: dict[tuple[int, int], str] = {}
        drafts = importing.read.drafts
        if drafts:
            tasks = iter(await assign(conn, drafts, importing.unit_index, occasion, self.calendar))
            codes = {
                (each.row.line, draft.part): next(tasks).code for each in importing.read.rows for draft in each.drafts
            }
        rows = [
            replace(each.row, tasks=tuple(codes[each.row.line, draft.part] for draft in each.drafts))
            for each in importing.read.rows
        ]
        await repository.add_version(conn, plan, _version(plan, ()), rows)
        return codes

    async def _revise(self, conn: AsyncConnection, importing: "_Importing", code: str, *, dry_run: bool) -> Import:
        """Make the document the plan's next version. Only rows that differ are touched, and no task under way."""
        document = importing.document
        plan = await repository.get(conn, code, lock=True)
        if plan is None or (importing.own is not None and plan.assigning_unit != importing.own):
            raise RuleBroken(
                "revises", "không phải mã kế hoạch của cơ quan này", "is not the code of a plan of this unit"
            )
        if plan.withdrawn_at:
            raise Problem(PLAN_WITHDRAWN)
        if plan.digest == document.digest():
            return await self._again(conn, plan, importing)
        taken = await repository.by_document(conn, importing.identity, document.digest())
        if taken and taken.id != plan.id:
            raise _other_content(taken)
        last = await repository.last_number(conn, plan)
        pairs = paired(await repository.rows(conn, plan), importing.read, last)
        occasion = Occasion(
            unit=plan.assigning_unit,
            actor=importing.actor,
            role=importing.role,
            at=self.clock.now(),
            recorded_at=self.clock.now(),
            plan=plan.code,
        )
        done = await self.amending.apply(conn, pairs, importing.unit_index, occasion, dry_run=dry_run)
        read = replace(importing.read, rows=tuple(pair.after for pair in pairs if pair.after))
        revised = replace(
            plan,
            document_no=document.document_no,
            identity=importing.identity if document.is_numbered else plan.identity,
            issued_on=document.issued_on,
            issued_year=document.issued_on.year,
            title=document.title,
            tasks=sum(1 for row in done.rows if row.tasks),
            parked=sum(1 for row in done.rows if row.state is RowState.PARKED),
            digest=document.digest(),
            imported_at=self.clock.now(),
            imported_by=importing.actor,
            documents=plan.documents + 1,
            version=plan.version + 1,
        )
        if not dry_run:
            await repository.save(conn, revised)
            await repository.add_version(conn, revised, _version(revised, done.changes), done.rows)
            await outbox.write(conn, [new_event(
                state_of(revised, PlanRevised),
                subject=revised.code, version=revised.version, occurred_at=occasion.at, recorded_at=occasion.at,
            )])  # fmt: skip
        return Import(
            None if dry_run else revised,
            created=not dry_run,
            read=read,
            codes=done.codes,
            warnings=importing.warnings,
            document=revised.documents,
            changes=done.changes,
        )


@dataclass(frozen=True)
class _Importing:
    """One import: the document as it was read, and who imports it. `own` is the unit for which alone they may."""

    document: PlanDocument
    read: ReadPlan
    unit_index: UnitIndex
    assigning_unit: str | None
    actor: str
    role: Role | None
    own: str | None

    @property
    def identity(self) -> str:
        return self.document.identity(self.assigning_unit)

    @property
    def warnings(self) -> list[Finding]:
        """What is said of the document, then of its rows."""
        about = _about_document(self.document, known_issuer=self.assigning_unit is not None)
        return [*about, *self.read.findings]


def _issuer(document: PlanDocument, unit_index: UnitIndex) -> str | None:
    found = unit_index.named(document.issuer)
    return found[0].code if len(found) == 1 else None


def _check_units(answers: Answers, unit_index: UnitIndex) -> None:
    for wording, codes in answers.units.items():
        for code in codes:
            if not unit_index.knows(code):
                raise RuleBroken(
                    "answers",
                    f"“{wording}”: `{code}` không phải mã đơn vị hay nhóm vào ngày ban hành",
                    f"“{wording}”: `{code}` is not the code of a unit or group on the day of issue",
                )


def _assigned(read: ReadPlan) -> int:
    return sum(1 for each in read.rows if each.drafts)


def _version(plan: Plan, changes: Sequence[RowChange]) -> PlanVersion:
    return PlanVersion(
        document=plan.documents,
        document_no=plan.document_no,
        issued_on=plan.issued_on,
        title=plan.title,
        digest=plan.digest,
        imported_at=plan.imported_at,
        imported_by=plan.imported_by,
        changes=tuple(changes),
    )


def _about_document(document: PlanDocument, *, known_issuer: bool) -> list[Finding]:
    warnings = []
    if not document.is_numbered:
        message = Text(
            "Số văn bản để trống: kế hoạch được nhận biết theo nội dung.",
            "The document's number is blank: the plan is known by its content.",
        )
        warnings.append(Finding(0, "document_no", message))
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
        vi=f"Số văn bản này của cơ quan này đã được nhập với nội dung khác (`{known.code}`).",
        en=f"This document number of this issuer was imported with another content ({known.code}).",
        extra={"plan": known.code},
    )
