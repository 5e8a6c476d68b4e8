"""Request and response models of plans."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Self

import msgspec
from fastapi import UploadFile
from pydantic import Field, WithJsonSchema

from cchc_shared.http.schemas import Day, In, Out, bounded
from tasks_api.plans.domain import Import, PlanDocument, PlanProgress
from tasks_api.tasks.domain import TaskDraft

DocumentNo = Annotated[str, bounded(100, min_length=1)]


class ImportIn(In):
    """The document of a plan: its published text, or a .csv file of its annex."""

    # In the words that generated clients know files by.
    file: Annotated[UploadFile, WithJsonSchema({"type": "string", "format": "binary"})]
    document_no: DocumentNo
    issued_on: Day
    title: Annotated[str, bounded(2000, min_length=1)]
    issuer: Annotated[str, bounded(300, min_length=1)]

    async def document(self) -> PlanDocument:
        """The document, with the bytes of its file."""
        return PlanDocument(
            document_no=self.document_no,
            issued_on=self.issued_on,
            title=self.title,
            issuer=self.issuer,
            file_name=self.file.filename or "",
            content=await self.file.read(),
        )


class PlanOut(Out):
    code: str
    document_no: str
    issued_on: date
    title: str
    issuer: str
    assigning_unit: str
    tasks: int = Field(description="Number of rows in the annex")
    imported_at: datetime
    version: int


class PlanPage(Out):
    items: list[PlanOut]
    next_cursor: str | None


class ImportedPlan(Out):
    code: str | None = Field(description="Null in a dry run")
    document_no: str
    issued_on: date
    title: str
    issuer: str


class ImportedTask(Out):
    code: str | None = Field(description="Null in a dry run")
    number: int
    title: str
    lead_unit: str
    coordinating_units: list[str]
    due_text: str
    due_on: date | None
    product: str
    source: str
    fan_out: list[str] = Field(description="Codes of the units of a lead that is a group; each gets a child task")


class PlanWarning(Out):
    row: int = Field(description="Row of the table, counted from 1; 0 for the document itself")
    field: str
    message: str


class ImportOut(Out):
    """The plan and tasks that were imported, or that a dry run would import."""

    plan: ImportedPlan
    tasks: list[ImportedTask]
    warnings: list[PlanWarning]

    @classmethod
    def of(cls, done: Import, document: PlanDocument, language: str) -> Self:
        code = done.plan.code if done.plan else None
        return cls(
            plan=ImportedPlan(
                code=code,
                document_no=document.document_no,
                issued_on=document.issued_on,
                title=document.title,
                issuer=document.issuer,
            ),
            tasks=[_imported(draft, code) for draft in done.drafts],
            warnings=[
                PlanWarning(row=found.row, field=found.field, message=getattr(found.message, language))
                for found in done.warnings
            ],
        )


class ProgressCounts(Out):
    """Counts of tasks at the end of a day. The statuses from `not_started` to `closed` add up to `total`."""

    total: int
    not_started: int
    in_progress: int
    reported: int
    extension_requested: int
    close_proposed: int
    completed: int
    closed: int
    completed_late: int = Field(description="Completed tasks that were reported after their last day")
    overdue: int = Field(description="Open tasks whose last day has passed")
    due_soon: int = Field(description="Open tasks whose last day is near")
    no_deadline: int = Field(description="Open tasks without a deadline")
    awaiting_approval: int = Field(description="Open tasks reported in time: neither overdue nor done")
    missed: int = Field(
        description="What units left undone when they passed a task on late, or when it was closed late"
    )


class ProgressOut(ProgressCounts):
    """Progress of a plan. Counts are of rows of the annex; `children` counts the tasks into which rows fanned out."""

    as_of: date
    children: ProgressCounts

    @classmethod
    def of(cls, found: PlanProgress) -> Self:
        return cls.model_validate(asdict(found.rows) | {"children": ProgressCounts.model_validate(found.children)})


def _imported(draft: TaskDraft, plan: str | None) -> ImportedTask:
    return ImportedTask(
        code=f"{plan}.{draft.number}" if plan else None,
        **msgspec.structs.asdict(draft),
    )
