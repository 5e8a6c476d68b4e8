"""Request and response models of the register of responsibility."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.responsibility.domain import MOST_LINKS, AccountableHead, Entry, EntryKind

EntryId = Annotated[UUID, Path(description="Id of an entry")]
REFERENCE = pattern(r"^[A-Za-z0-9.-]+$", vi="không phải mã của hệ thống này", en="is not a code of this system")
Reference = Annotated[str, Field(max_length=200, pattern=REFERENCE)]
References = Annotated[list[Reference], Field(max_length=MOST_LINKS)]


class EntryIn(In):
    """A unit and its head are called to account, or praised. Words that name others have no place here."""

    kind: EntryKind
    unit: UnitCode
    happened_on: Day = Field(description="The day on which the head answered for it: the entry names who that was")
    cause: Annotated[str, bounded(5000, min_length=1)]
    tasks: References = Field(default=[], description="Codes of tasks that it is about")
    reports: References = Field(default=[], description="Codes of citizens' reports that it is about")
    inspections: References = Field(default=[], description="Codes of inspections that it is about")
    document_no: Annotated[str, bounded(100, min_length=1)] | None = None
    document_on: Day | None = Field(default=None, description="Date of that document")
    outcome: Annotated[str, bounded(5000)] = ""


class AccountableHeadOut(Out):
    office: str
    name: str | None = Field(description="Null where the directory names nobody for that day")


class EntryOut(Out):
    """One version of an entry. Versions never change."""

    id: UUID
    version: int
    kind: EntryKind
    unit: str
    happened_on: date
    head: AccountableHeadOut = Field(description="Who answered for the unit on that day")
    cause: str
    tasks: list[str]
    reports: list[str]
    inspections: list[str]
    document_no: str | None
    document_on: date | None
    outcome: str
    withdrawn: bool
    actor: str = Field(description="Subject of the token of whoever wrote this version")
    at: datetime

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        head = AccountableHead(entry.head_office, entry.head_name)
        return cls.model_validate({name: getattr(entry, name) for name in entry.__struct_fields__} | {"head": head})


class EntryQuery(In):
    """Filters of the list; an absent one does not narrow it."""

    unit: UnitCode | None = None
    kind: EntryKind | None = None
    since: Day | None = Field(default=None, description="First day on which it happened")
    until: Day | None = Field(default=None, description="Last such day")
    cursor: Cursor = None
    limit: Limit = 50


class EntryPage(Out):
    """Entries that hold, the one made last first."""

    items: list[EntryOut]
    next_cursor: str | None


class EntryHistory(Out):
    """All versions, oldest first."""

    items: list[EntryOut]
