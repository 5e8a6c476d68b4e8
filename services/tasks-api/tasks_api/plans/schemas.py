"""Request and response models of plans."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Final, Self

import msgspec
from pydantic import Field, StrictBool

from cchc_shared.files.forms import FileIn
from cchc_shared.http.declared import FORM
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.annexes.domain import Column, How, Question
from tasks_api.findings import Finding
from tasks_api.plans.domain import (
    Answers,
    Difference,
    Doubt,
    Import,
    PlanDocument,
    PlanProgress,
    PlanRow,
    PlanVersion,
    RowChange,
    RowState,
)
from tasks_api.tasks.domain import MOST_COORDINATING, TaskDraft
from tasks_api.tasks.progress import Rate
from tasks_api.tasks.schemas import ProgressCounts, RateOut

DocumentNo = Annotated[str, bounded(100, min_length=1)]
CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã kế hoạch", en="is not the code of a plan")
_FIRST_WORDS = 12
"""So many words of a row are shown with what is said of it."""


class AnswersIn(In):
    """What a person says of doubts that an import, or its dry run, named. Wordings are those of the doubts."""

    columns: dict[Annotated[str, bounded(500)], Annotated[str, bounded(50)]] = Field(
        default={}, max_length=100, description="The field that a heading stands for; empty for none"
    )
    units: dict[Annotated[str, bounded(2000)], Annotated[list[UnitCode], Field(max_length=MOST_COORDINATING)]] = Field(
        default={}, max_length=500, description="Codes of the units and groups that a wording means; none: leave it out"
    )
    deadlines: dict[Annotated[str, bounded(1000)], Day | None] = Field(
        default={}, max_length=500, description="The last day that a wording means; null: no date"
    )
    remember: StrictBool = Field(
        default=False, description="Keep the answers about columns and units for later documents"
    )

    def answers(self) -> Answers:
        units = {wording: tuple(dict.fromkeys(codes)) for wording, codes in self.units.items()}
        return Answers(columns=self.columns, units=units, deadlines=self.deadlines, remember=self.remember)


class ImportIn(FileIn):
    """The document of a plan: text as pasted, .docx, .xlsx or .csv."""

    document_no: DocumentNo
    issued_on: Day
    title: Annotated[str, bounded(2000, min_length=1)]
    issuer: Annotated[str, bounded(300, min_length=1)]
    answers: Annotated[str, bounded(200_000)] | None = Field(
        default=None,
        description="JSON: what a person says of doubts",
        json_schema_extra={"contentMediaType": "application/json", "contentSchema": AnswersIn.model_json_schema()},
    )
    revises: str | None = Field(
        default=None, max_length=100, pattern=CODE, description="Code of the plan of which this is a revised document"
    )

    async def document(self) -> PlanDocument:
        """The document, with the bytes of its file. Raises `ValidationError` for answers that cannot be read."""
        return PlanDocument(
            document_no=self.document_no,
            issued_on=self.issued_on,
            title=self.title,
            issuer=self.issuer,
            file_name=self.file.filename or "",
            content=await self.file.read(),
            answers=AnswersIn.model_validate_json(self.answers).answers() if self.answers else Answers(),
            revises=self.revises,
        )


FORM_OF_A_PLAN: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {FORM: {"schema": ImportIn.model_json_schema()}}},
    "x-large-body": True,
}
"""The route reads the form itself, once it knows who sends it."""


class PlanOut(Out):
    code: str
    document_no: str
    issued_on: date
    title: str
    issuer: str
    assigning_unit: str
    tasks: int = Field(description="Number of rows of the annex that became tasks")
    parked: int = Field(description="Number of rows that wait for an answer")
    imported_at: datetime
    withdrawn_at: datetime | None
    documents: int = Field(description="The first one and its revisions")
    parent: str | None = Field(description="The plan that it carries out, such as the city's for one of a unit")
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
    document: int = Field(description="Which document of the plan it is: 1 is the first one")


class ImportedTask(Out):
    code: str | None = Field(description="Null in a dry run")
    row: int = Field(description="Row of the table, counted from 1")
    number: int = Field(description="The running number, which the code ends in")
    written_number: str = Field(description="The number as the document has it")
    section: str = Field(description="The headings of the document under which it stands")
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
    number: str = Field(default="", description="The number of the row as the document has it")
    title: str = Field(default="", description="The first words of the row")


class PlanDoubt(Out):
    """What is doubtful in a cell. One that is `blocking` keeps its row waiting."""

    field: str
    message: str
    blocking: bool
    wording: str = Field(description="What was not understood, as answers name it")
    candidates: list[str] = Field(description="Codes of units that it may mean")

    @classmethod
    def of(cls, doubt: Doubt, language: str) -> Self:
        return cls(
            field=doubt.field,
            message=getattr(doubt.message, language),
            blocking=doubt.blocking,
            wording=doubt.wording,
            candidates=list(doubt.candidates),
        )


class PlanRowOut(Out):
    """A row of the annex: what stands in the document, what counts, and what became of it."""

    row: int
    number: int
    written_number: str
    sections: list[str]
    annex: str
    cells: dict[str, str] = Field(description="What counts, by field")
    written: dict[str, str] = Field(description="The wording of the row's own cells, by field")
    inherited: dict[str, How] = Field(
        description="Where what counts came from otherwise: a merged cell, the parent row, an “as above”, the row above"
    )
    state: RowState
    tasks: list[str]
    doubts: list[PlanDoubt]

    @classmethod
    def of(cls, row: PlanRow, language: str) -> Self:
        return cls(
            row=row.line,
            number=row.number,
            written_number=row.written_number,
            sections=list(row.sections),
            annex=row.annex,
            cells=dict(row.cells),
            written=dict(row.written),
            inherited=dict(row.inherited),
            state=row.state,
            tasks=list(row.tasks),
            doubts=[PlanDoubt.of(doubt, language) for doubt in row.doubts],
        )


class PlanRowPage(Out):
    items: list[PlanRowOut]
    next_cursor: str | None


class PlanRowQuery(In):
    """Filters of the rows of a plan; an absent one does not narrow it."""

    state: RowState | None = None
    document: int | None = Field(
        default=None, ge=1, lt=1 << 31, description="Of which document: 1 is the first one; the last if absent"
    )
    cursor: Cursor = None
    limit: Limit = 50


class PlanColumn(Out):
    heading: str
    field: str | None


class PlanQuestion(Out):
    """A column that is not used and looks as if it should be. `answers.columns` says which field it is."""

    heading: str
    looks_like: str
    examples: list[str]
    message: str

    @classmethod
    def of(cls, question: Question, language: str) -> Self:
        return cls(
            heading=question.heading,
            looks_like=question.looks_like,
            examples=list(question.examples),
            message=getattr(question.message, language),
        )


class PlanChange(Out):
    """A row that a revised document adds, changes or drops."""

    difference: Difference
    row: int
    number: str
    title: str
    fields: list[str] = Field(description="Cells that differ")
    tasks: list[str]
    kept: list[str] = Field(description="Tasks that stay as they are, because work on them has begun")

    @classmethod
    def of(cls, change: RowChange) -> Self:
        return cls(
            difference=change.difference,
            row=change.line,
            number=change.written_number,
            title=change.title,
            fields=list(change.fields),
            tasks=list(change.tasks),
            kept=list(change.kept),
        )


class PlanVersionOut(Out):
    document: int = Field(description="1 is the first one")
    document_no: str
    issued_on: date
    title: str
    imported_at: datetime
    changes: list[PlanChange]

    @classmethod
    def of(cls, version: PlanVersion) -> Self:
        return cls(
            document=version.document,
            document_no=version.document_no,
            issued_on=version.issued_on,
            title=version.title,
            imported_at=version.imported_at,
            changes=[PlanChange.of(change) for change in version.changes],
        )


class PlanVersions(Out):
    items: list[PlanVersionOut]


class ImportOut(Out):
    """The plan and tasks that were imported, or that a dry run would import; and what waits for an answer."""

    plan: ImportedPlan
    tasks: list[ImportedTask] = Field(description="Of a revised document those of the rows that it adds or changes")
    warnings: list[PlanWarning] = Field(description="All that is doubtful, of the document and of each row")
    parked: list[PlanRowOut] = Field(description="Rows that became no task yet; the plan keeps them")
    questions: list[PlanQuestion]
    columns: list[PlanColumn]
    passed_over: list[str] = Field(description="Sheets and tables that were not read, and why")
    changes: list[PlanChange] = Field(description="What a revised document changes")

    @classmethod
    def of(cls, done: Import, document: PlanDocument, language: str) -> Self:
        return cls(
            plan=ImportedPlan(
                code=done.plan.code if done.plan else None,
                document_no=document.document_no,
                issued_on=document.issued_on,
                title=document.title,
                issuer=document.issuer,
                document=done.document,
            ),
            tasks=[
                _imported(draft, each.row.line, done.codes.get((each.row.line, draft.part)))
                for each in done.read.rows
                for draft in each.drafts
            ],
            warnings=[*_of_document(done, language), *_of_rows(done, language)],
            parked=[PlanRowOut.of(row, language) for row in done.read.parked],
            questions=[PlanQuestion.of(question, language) for question in done.read.questions],
            columns=[_column(column) for column in done.read.columns],
            passed_over=[getattr(each, language) for each in done.read.passed_over],
            changes=[PlanChange.of(change) for change in done.changes],
        )


class RowAssignIn(In):
    """How a row that waits is meant. What is absent stays as the document has it."""

    lead_units: list[UnitCode] = Field(
        min_length=1, max_length=20, description="Codes of units or groups; one task for each"
    )
    coordinating_units: list[UnitCode] = Field(default=[], max_length=MOST_COORDINATING)
    title: Annotated[str, bounded(2000, min_length=1)] | None = None
    due_on: Day | None = Field(default=None, description="The last day; without one the task has no deadline")
    remember: StrictBool = Field(
        default=False, description="Let the unclear words of this row mean these leads in later documents, too"
    )


class RowDropIn(In):
    reason: Annotated[str, bounded(2000, min_length=1)]


class PlaceIn(In):
    plan: Annotated[str, Field(max_length=100, pattern=CODE)] | None = Field(
        description="Code of the plan that this one carries out; null: of none"
    )


class WithdrawIn(In):
    reason: Annotated[str, bounded(2000, min_length=1)]


class ProgressOut(ProgressCounts):
    """Progress of a plan. Counts are of rows of the annex; `children` counts the tasks into which rows fanned out."""

    as_of: date
    plans: list[str] = Field(description="The plans that are counted: this one, and if asked for those under it")
    rate: RateOut = Field(description="Of the rows, what is completed")
    children: ProgressCounts

    @classmethod
    def of(cls, found: PlanProgress) -> Self:
        rows, children = found.rows, ProgressCounts.model_validate(found.children)
        rate = RateOut.of(Rate(rows.completed, rows.total))
        return cls.model_validate(asdict(rows) | {"plans": found.plans, "rate": rate, "children": children})


def _imported(draft: TaskDraft, row: int, code: str | None) -> ImportedTask:
    return ImportedTask(code=code, row=row, **msgspec.structs.asdict(draft))


def _of_document(done: Import, language: str) -> list[PlanWarning]:
    return [_warning(found, language) for found in done.warnings]


def _warning(found: Finding, language: str) -> PlanWarning:
    return PlanWarning(row=found.row, field=found.field, message=getattr(found.message, language))


def _of_rows(done: Import, language: str) -> list[PlanWarning]:
    return [
        PlanWarning(
            row=each.row.line,
            field=doubt.field,
            message=getattr(doubt.message, language),
            number=each.row.written_number,
            title=" ".join(each.row.title.split()[:_FIRST_WORDS]),
        )
        for each in done.read.rows
        for doubt in each.row.doubts
    ]


def _column(column: Column) -> PlanColumn:
    return PlanColumn(heading=column.heading, field=column.field)
