"""Entries of the register of responsibility. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

MOST_LINKS: Final = 50


class EntryKind(StrEnum):
    """What a unit and its head were called to account, or praised, with."""

    REVIEW = "review"
    DISCIPLINE = "discipline"
    PRAISE = "praise"


class AccountableHead(msgspec.Struct, frozen=True):
    """Who answered for the unit on the day: the office, and by name where the directory names somebody."""

    office: str
    name: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an entry. `happened_on` is the day on which the head answered for what is its cause."""

    id: UUID
    version: int
    kind: EntryKind
    unit: str
    happened_on: date
    head_office: str
    head_name: str | None
    cause: str
    tasks: tuple[str, ...]
    reports: tuple[str, ...]
    inspections: tuple[str, ...]
    document_no: str | None
    document_on: date | None
    outcome: str
    withdrawn: bool = False
    actor: str
    at: datetime
