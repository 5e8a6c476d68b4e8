"""Use cases of plans: take one over from its document, and say how far it is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events.plan import PlanImported
from cchc_shared.http.problems import FieldError, Problem, invalid, not_found
from cchc_shared.stream import outbox
from tasks_api.findings import Finding, Message, Unreadable
from tasks_api.plans import annex, repository, tables
from tasks_api.plans.repository import Plan
from tasks_api.resources import Resources
from tasks_api.tasks import repository as tasks
from tasks_api.tasks.assignment import Assigning, assign
from tasks_api.tasks.domain import Draft
from tasks_api.tasks.progress import Progress, Standing, progress
from tasks_api.units import repository as units
from tasks_api.units.domain import Directory


@dataclass(frozen=True)
class Document:
    """A plan's file and what is said about it."""

    document_no: str
    issued_on: date
    title: str
    issuer: str
    file_name: str
    content: bytes

    def digest(self) -> bytes:
        """What makes two imports the same."""
        said = [self.document_no, self.issued_on.isoformat(), self.title, self.issuer]
        return hashlib.sha256(msgspec.json.encode(said) + self.content).digest()


@dataclass(frozen=True)
class Import:
    """What an import did, or would do (`plan` is None then)."""

    plan: Plan | None
    created: bool
    drafts: Sequence[Draft]
    warnings: Sequence[Finding]


@dataclass(frozen=True)
class PlanProgress:
    """The rows of the annex, and apart from them the children into which they fanned out."""

    rows: Progress
    children: Progress


async def import_plan(
    here: Resources, conn: AsyncConnection, document: Document, *, actor: str, dry_run: bool
) -> Import:
    """Take over a plan and assign its tasks as of its day of issue. The caller commits.

    The same document again changes nothing. Raises a 422 problem with every fault by row, or a 409 problem when
    another content stands under that number already. A dry run finds the same and writes nothing.
    """
    if document.issued_on > here.today():
        raise invalid([FieldError("body.issued_on", "ở tương lai", "lies in the future")])
    directory = here.profile.directory(await units.valid_on(conn, document.issued_on), document.issued_on)
    found = _read(here, document, directory)
    issuer = directory.named(document.issuer)
    assigning_unit = issuer[0].code if len(issuer) == 1 else None
    plan, created = await repository.by_document(conn, document.document_no, document.issued_on.year), False
    if plan is None and not dry_run:
        plan, created = await _enter(here, conn, document, actor, assigning_unit, len(found.tasks))
        if created:
            await _assign(here, conn, plan, found.tasks, directory)
    if plan and plan.digest != document.digest():
        raise _other_content(plan)
    warnings = [*_about_document(document, known_issuer=assigning_unit is not None), *found.warnings]
    return Import(plan, created=created, drafts=found.tasks, warnings=warnings)


async def find(here: Resources, code: str) -> Plan:
    """The plan. Raises a 404 problem."""
    async with here.engine.connect() as conn:
        plan = await repository.get(conn, code)
    if plan is None:
        raise not_found("kế hoạch này", "this plan")
    return plan


async def progress_of(here: Resources, code: str, as_of: date | None) -> PlanProgress:
    """How far the plan is at the end of that local day; today when none is given."""
    await find(here, code)
    calendar, day = here.profile.calendar, as_of or here.today()
    async with here.engine.connect() as conn:
        rows = await tasks.standings(conn, code, calendar.end_of_day(day))
    found: dict[bool, list[Standing]] = {True: [], False: []}
    for row in rows:
        completed_on = calendar.local_date(row.completed_at) if row.completed_at else None
        found[row.is_child].append(Standing(TaskStatus(row.status), row.due_on, completed_on))
    days = here.profile.rules.due_soon_days.value
    return PlanProgress(progress(found[False], day, days), progress(found[True], day, days))


def _read(here: Resources, document: Document, directory: Directory) -> annex.Annex:
    columns = here.profile.rules.columns
    try:
        text = tables.decoded(document.content)
        is_csv = document.file_name.lower().endswith(".csv")
        table = tables.from_csv(text, columns) if is_csv else tables.from_text(text, columns)
    except Unreadable as error:
        raise invalid([FieldError("body.file", error.message.vi, error.message.en)]) from error
    found = annex.read(table, directory, here.profile.rules.deadline_reader())
    if found.faults:
        faults = [FieldError(fault.field, fault.message.vi, fault.message.en, row=fault.row) for fault in found.faults]
        raise Problem(
            422,
            "plan-faulty",
            vi="Bảng nhiệm vụ có ô không thể nhận; chưa nhập gì.",
            en="The table of tasks has cells that cannot be taken over; nothing was imported.",
            errors=faults,
        )
    return found


async def _enter(
    here: Resources, conn: AsyncConnection, document: Document, actor: str, assigning_unit: str | None, tasks: int
) -> tuple[Plan, bool]:
    """The plan of this document, and whether it is new: somebody else may have been faster."""
    id_ = await repository.new_id(conn)
    plan = Plan(
        id=id_,
        code=f"KH-{document.issued_on.year}-{id_:04d}",
        document_no=document.document_no,
        issued_year=document.issued_on.year,
        issued_on=document.issued_on,
        title=document.title,
        issuer=document.issuer,
        assigning_unit=assigning_unit or here.profile.city.assigning_unit,
        tasks=tasks,
        digest=document.digest(),
        imported_at=here.clock.now(),
        imported_by=actor,
    )
    if await repository.add(conn, plan):
        return plan, True
    return (await repository.by_document(conn, plan.document_no, plan.issued_year)) or plan, False


async def _assign(
    here: Resources, conn: AsyncConnection, plan: Plan, drafts: Sequence[Draft], directory: Directory
) -> None:
    issued_at = here.profile.calendar.end_of_day(plan.issued_on - timedelta(days=1))
    data = PlanImported(
        code=plan.code,
        document_no=plan.document_no,
        issued_on=plan.issued_on,
        issuer=plan.issuer,
        tasks=plan.tasks,
    )
    await outbox.write(conn, [here.event(data, plan.code, plan.version, plan.imported_at)])
    occasion = Assigning(unit=plan.assigning_unit, actor=plan.imported_by, at=issued_at, plan=plan.code)
    await assign(here, conn, drafts, directory, occasion)


def _about_document(document: Document, *, known_issuer: bool) -> list[Finding]:
    warnings = []
    if not any(character.isdigit() for character in document.document_no):
        message = Message("Số văn bản để trống.", "The document's number is blank.")
        warnings.append(Finding(0, "document_no", message))
    if not known_issuer:
        message = Message(
            "Không nhận ra cơ quan ban hành: việc trả lại sẽ về cơ quan giao việc mặc định.",
            "The issuer is not known: returned tasks go to the assigning unit of the city.",
        )
        warnings.append(Finding(0, "issuer", message))
    return warnings


def _other_content(known: Plan) -> Problem:
    return Problem(
        409,
        "document-number-taken",
        vi=f"Số văn bản này đã được nhập với nội dung khác ({known.code}).",
        en=f"This document number was imported with another content ({known.code}).",
        extra={"plan": known.code},
    )
