"""Request and response models of plans."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Self

import msgspec
from fastapi import UploadFile
from pydantic import Field, WithJsonSchema

from cchc_shared.http.schemas import Day, In, Out, bounded
from tasks_api.plans.domain import Import, PlanDocument, PlanProgress
from tasks_api.tasks.domain import Draft

DocumentNo = Annotated[str, bounded(100, min_length=1)]


class ImportIn(In):
    """A plan's document: its published text or a .csv file of its annex."""

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
    tasks: int = Field(description="Rows of the annex")
    imported_at: datetime
    version: int


class PlanPage(Out):
    items: list[PlanOut]
    next_cursor: str | None


class ImportedPlan(Out):
    code: str | None = Field(description="null in a dry run")
    document_no: str
    issued_on: date
    title: str
    issuer: str


class ImportedTask(Out):
    code: str | None = Field(description="null in a dry run")
    number: int
    title: str
    lead_unit: str
    coordinating_units: list[str]
    due_text: str
    due_on: date | None
    product: str
    source: str
    fan_out: list[str] = Field(description="Units of a lead that is a group: one child task for each")


class PlanWarning(Out):
    row: int = Field(description="Row of the table from 1; 0: the document itself")
    field: str
    message: str


class ImportOut(Out):
    """What was imported, or in a dry run would be."""

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
    """Counts at the end of a day. The statuses from `not_started` to `closed` add up to `total`."""

    total: int
    not_started: int
    in_progress: int
    reported: int
    extension_requested: int
    close_proposed: int
    completed: int
    closed: int
    completed_late: int = Field(description="Of the completed: those reported after their last day")
    overdue: int = Field(description="Of the open: those whose last day has passed")
    due_soon: int = Field(description="Of the open: those whose last day is near")
    no_deadline: int = Field(description="Of the open: those without a deadline")


class ProgressOut(ProgressCounts):
    """Rows of the annex. The tasks into which they fanned out are counted in `children` instead."""

    as_of: date
    children: ProgressCounts

    @classmethod
    def of(cls, found: PlanProgress) -> Self:
        return cls.model_validate(asdict(found.rows) | {"children": ProgressCounts.model_validate(found.children)})


def _imported(draft: Draft, plan: str | None) -> ImportedTask:
    return ImportedTask(
        code=f"{plan}.{draft.number}" if plan else None,
        **msgspec.structs.asdict(draft),
    )
