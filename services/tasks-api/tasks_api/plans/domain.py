"""A plan: the document that assigns tasks, the rows of its annex, what an import of it does, and its progress. Pure."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from cchc_shared.contract.events.plan import PlanState
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from tasks_api.annexes.domain import Column, How, Question
from tasks_api.findings import Finding
from tasks_api.tasks.domain import TaskDraft
from tasks_api.tasks.progress import Progress


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An imported plan. `identity` tells it from all others; `documents` counts the first and its revisions."""

    id: int
    code: str
    identity: str
    document_no: str
    issued_year: int
    issued_on: date
    title: str
    issuer: str
    assigning_unit: str
    tasks: int
    parked: int
    digest: bytes
    imported_at: datetime
    imported_by: str
    withdrawn_at: datetime | None = None
    documents: int = 1
    parent: str | None = None
    """The plan that it carries out."""
    version: int = 1


P = TypeVar("P", bound=PlanState)


def state_of(plan: Plan, event: type[P], **more: int | str | None) -> P:
    """The event of a plan, as it is after it."""
    return event(
        code=plan.code,
        document_no=plan.document_no,
        issued_on=plan.issued_on,
        issuer=plan.issuer,
        tasks=plan.tasks,
        **more,
    )


class RowState(StrEnum):
    """What became of a row: tasks, a question to somebody, or nothing."""

    ASSIGNED = "assigned"
    PARKED = "parked"
    DROPPED = "dropped"


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody should know of a cell. One that is `blocking` keeps its row parked until it is answered.

    `wording` is what was not understood; `candidates` are codes of units that it may mean.
    """

    field: str
    vi: str
    en: str
    blocking: bool = False
    wording: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def message(self) -> Text:
        return Text(self.vi, self.en)


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the annex: what stands in the document, what was made of it, and what is doubtful.

    `line` counts the lines of the document's table from 1; `number` is the running number that codes of tasks have,
    `written_number` the one in the document. `written` holds the wording of the row's own cells, `cells` what counts,
    and `inherited` where that came from otherwise. Names of persons stand in neither.
    """

    line: int
    number: int
    written_number: str
    sections: tuple[str, ...]
    annex: str
    cells: Mapping[str, str]
    written: Mapping[str, str]
    inherited: Mapping[str, How]
    state: RowState
    tasks: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def title(self) -> str:
        return self.cells.get("title", "")


class Answers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person said of doubts.

    `columns`: the field of a heading, "" for none. `units`: codes of the units and groups that a wording means, none to
    leave it out. `deadlines`: the last day that a wording means, None for no date. Wordings are the ones in doubts, or
    whole cells. With `remember`, those about columns and units hold for later documents as well.
    """

    columns: dict[str, str] = {}
    units: dict[str, tuple[str, ...]] = {}
    deadlines: dict[str, date | None] = {}
    remember: bool = False

    def units_of(self, wording: str) -> tuple[str, ...] | None:
        """The units that somebody said these words mean; None if nobody did."""
        return _answer(self.units, wording)

    def known(self, is_unit: Callable[[str], bool]) -> "Answers":
        """Those whose units exist on the day of a document: what was learned of another day is asked again."""
        units = {wording: codes for wording, codes in self.units.items() if all(map(is_unit, codes))}
        return msgspec.structs.replace(self, units=units)

    def with_learned(self, learned: "Answers") -> "Answers":
        """These answers, and what others said before where these say nothing."""
        return msgspec.structs.replace(self, columns=learned.columns | self.columns, units=learned.units | self.units)


def _answer(given: Mapping[str, tuple[str, ...]], wording: str) -> tuple[str, ...] | None:
    if wording in given:
        return given[wording]
    sought = key_of(wording)
    return next((codes for each, codes in given.items() if key_of(each) == sought), None)


def key_of(wording: str) -> str:
    """A wording without marks, capitals and doubled blanks."""
    return unmarked(wording)


class PlanDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A plan's file and what is said about it. `revises` is the code of the plan that it makes a new version of."""

    document_no: str
    issued_on: date
    title: str
    issuer: str
    file_name: str
    content: bytes
    answers: Answers = Answers()
    revises: str | None = None

    def digest(self) -> bytes:
        """SHA-256 of what makes two imports the same."""
        said = [self.document_no, self.issued_on.isoformat(), self.title, self.issuer]
        return hashlib.sha256(msgspec.json.encode(said) + self.content).digest()

    def said(self) -> bytes:
        """What the same document may be imported with: answers, and the plan that it revises."""
        return msgspec.json.encode([self.answers, self.revises])

    @property
    def is_numbered(self) -> bool:
        """Whether its number tells it from others: "/KH-UBND" is a form that nobody filled in."""
        return any(character.isdigit() for character in self.document_no)

    def identity(self, assigning_unit: str | None) -> str:
        """Every unit numbers its documents from 1 each year. What has no number is known by its content alone."""
        if not self.is_numbered:
            return self.digest().hex()
        number = re.sub(r"\s+", "", self.document_no).casefold()
        return f"{assigning_unit or '?' + key_of(self.issuer)}|{number}|{self.issued_on.year}"


class ReadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row with the tasks that it means: one for each lead; none if it is parked."""

    row: PlanRow
    drafts: tuple[TaskDraft, ...] = ()


class ReadPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a document: its rows, and what is said of it as a whole."""

    rows: tuple[ReadRow, ...]
    columns: tuple[Column, ...] = ()
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    passed_over: tuple[Text, ...] = ()

    @property
    def drafts(self) -> list[TaskDraft]:
        return [draft for each in self.rows for draft in each.drafts]

    @property
    def parked(self) -> list[PlanRow]:
        return [each.row for each in self.rows if each.row.state is RowState.PARKED]


class Difference(StrEnum):
    """What a revised document says of a row, against the version before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """A row that a revised document adds, changes or drops. `fields` differ; of `kept` tasks nothing was changed,
    because work on them has begun."""

    difference: Difference
    line: int
    written_number: str
    title: str
    fields: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class PlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a plan: number 1, or a revision with what it changed."""

    document: int
    document_no: str
    issued_on: date
    title: str
    digest: bytes
    imported_at: datetime
    imported_by: str
    changes: tuple[RowChange, ...] = ()


@dataclass(frozen=True)
class Import:
    """The result of an import; of a dry run, if `plan` is None. `tasks` are codes by row and lead."""

    plan: Plan | None
    created: bool
    read: ReadPlan
    codes: Mapping[tuple[int, int], str]
    warnings: Sequence[Finding]
    document: int = 1
    changes: Sequence[RowChange] = ()


@dataclass(frozen=True)
class PlanProgress:
    """Progress of the rows of the annex, and of the children into which they fanned out, of all these plans."""

    plans: Sequence[str]
    rows: Progress
    children: Progress
