"""A plan: the document that assigns tasks, what an import of it does, and its progress. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from tasks_api.findings import Finding
from tasks_api.tasks.domain import TaskDraft
from tasks_api.tasks.progress import Progress


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An imported plan. `(document_no, issued_year)` identifies it: numbers begin anew each year."""

    id: int
    code: str
    document_no: str
    issued_year: int
    issued_on: date
    title: str
    issuer: str
    assigning_unit: str
    tasks: int
    digest: bytes
    imported_at: datetime
    imported_by: str
    version: int = 1


class PlanDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A plan's file and what is said about it."""

    document_no: str
    issued_on: date
    title: str
    issuer: str
    file_name: str
    content: bytes

    def digest(self) -> bytes:
        """SHA-256 of what makes two imports the same."""
        said = [self.document_no, self.issued_on.isoformat(), self.title, self.issuer]
        return hashlib.sha256(msgspec.json.encode(said) + self.content).digest()


@dataclass(frozen=True)
class Import:
    """The result of an import; of a dry run, if `plan` is None."""

    plan: Plan | None
    created: bool
    drafts: Sequence[TaskDraft]
    warnings: Sequence[Finding]


@dataclass(frozen=True)
class PlanProgress:
    """Progress of the rows of the annex, and of the children into which they fanned out."""

    rows: Progress
    children: Progress
