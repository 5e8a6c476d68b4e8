"""Attachments of reports in the database, for the features that need them: listed, looked for, erased."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, exists, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.files.keys import key_of
from cchc_shared.storage.records import records
from feedback_api.reports.models import DISCARDED, attachments


class Side(StrEnum):
    """Who attached a file, towards the report."""

    SENDER = "sender"
    UNIT = "unit"
    DESK = "desk"


class Purpose(StrEnum):
    """What a file is to show."""

    BEFORE = "before"
    AFTER = "after"
    EVIDENCE = "evidence"
    OTHER = "other"


class Scan(StrEnum):
    """What a scanner for malware said of a file."""

    UNSCANNED = "unscanned"
    CLEAN = "clean"
    INFECTED = "infected"


OFFICIAL: Final = (Side.UNIT, Side.DESK)
PROVING: Final = (Purpose.AFTER, Purpose.EVIDENCE)
"""What shows that work was done."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `feedback_attachment`. `sha256` is of the bytes that are kept and served."""

    id: UUID
    code: str
    number: int
    """Counts the attachments of one report: the name that readers see has it."""
    by: Side
    uploaded_by: str | None
    """The subject of the uploader's token; None for who has the tracking secret alone."""
    uploaded_at: datetime
    purpose: Purpose
    caption: str | None
    media_type: str
    size: int
    """In bytes."""
    sha256: bytes
    source_sha256: bytes
    width: int | None = None
    height: int | None = None
    thumbnail_sha256: bytes | None = None
    scan: Scan
    public: bool = False
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def key(self) -> str | None:
        """Where its bytes are in the storage; None for an infected file, whose bytes are not kept."""
        return None if self.scan is Scan.INFECTED else key_of(self.code, self.sha256)

    @property
    def thumbnail_key(self) -> str | None:
        """Where its thumbnail is, if it has one."""
        return None if self.thumbnail_sha256 is None else key_of(self.code, self.thumbnail_sha256)

    @property
    def keys(self) -> frozenset[str]:
        """Every object that it refers to."""
        return frozenset(key for key in (self.key, self.thumbnail_key) if key is not None)


discard: Final = DISCARDED.add
"""Have objects removed at a time, unless an attachment refers to them by then."""


async def of_reports(conn: AsyncConnection, codes: Collection[str]) -> Sequence[Attachment]:
    """All attachments of these reports, oldest first."""
    query = select(attachments).where(attachments.c.code.in_(codes)).order_by(attachments.c.code, attachments.c.number)
    return records(await conn.execute(query), Attachment)


async def has_evidence(conn: AsyncConnection, code: str, since: datetime | None) -> bool:
    """Whether the unit or the desk has attached something that shows the work done, after it was last reopened: what
    proved the first end proves nothing to whoever said that it is not so."""
    query = exists().where(
        attachments.c.code == code,
        attachments.c.by.in_(OFFICIAL),
        attachments.c.purpose.in_(PROVING),
        attachments.c.scan != Scan.INFECTED,
        true() if since is None else attachments.c.uploaded_at >= since,
    )
    return bool(await conn.scalar(select(query)))


async def erase(conn: AsyncConnection, code: str, now: datetime) -> int:
    """Delete every attachment of a report; returns how many. The worker removes their objects after the commit."""
    erased = delete(attachments).where(attachments.c.code == code).returning(*attachments.c)
    found = records(await conn.execute(erased), Attachment)
    await discard(conn, {key for each in found for key in each.keys}, now)
    return len(found)
