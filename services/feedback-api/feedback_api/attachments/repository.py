"""Attachments in the database."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record
from feedback_api.reports.attachments import Attachment, Side, of_reports
from feedback_api.reports.models import attachments


async def find(conn: AsyncConnection, code: str, attachment_id: UUID) -> Attachment | None:
    """That attachment of that report."""
    query = select(attachments).where(attachments.c.code == code, attachments.c.id == attachment_id)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Attachment)


async def same(conn: AsyncConnection, code: str, side: Side, source_sha256: bytes) -> Attachment | None:
    """What the same side has made of the same bytes before."""
    c = attachments.c
    query = select(attachments).where(c.code == code, c.by == side, c.source_sha256 == source_sha256)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Attachment)


async def count(conn: AsyncConnection, code: str, side: Side) -> int:
    """How many the report has of one side."""
    c = attachments.c
    return await conn.scalar(select(func.count()).where(c.code == code, c.by == side)) or 0


async def next_number(conn: AsyncConnection, code: str) -> int:
    """The number of the report's next one. The report must be locked."""
    return (
        await conn.scalar(
            select(func.coalesce(func.max(attachments.c.number), 0) + 1).where(attachments.c.code == code)
        )
        or 1
    )


async def add(conn: AsyncConnection, attachment: Attachment) -> None:
    """Insert the row."""
    await conn.execute(insert(attachments).values(msgspec.structs.asdict(attachment)))


async def decide(conn: AsyncConnection, attachment_id: UUID, *, public: bool, by: str, at: datetime) -> None:
    """Publish or hide it."""
    values = {"public": public, "decided_by": by, "decided_at": at}
    await conn.execute(update(attachments).where(attachments.c.id == attachment_id).values(values))


async def referred_to(conn: AsyncConnection, keys: Collection[str]) -> set[str]:
    """Those that an attachment refers to."""
    of = await of_reports(conn, {key.partition("/")[0] for key in keys})
    return {key for attachment in of for key in attachment.keys} & set(keys)
