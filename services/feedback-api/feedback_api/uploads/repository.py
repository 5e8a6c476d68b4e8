"""Uploads in the database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record, records
from feedback_api.reports.attachments import Purpose, Side
from feedback_api.reports.domain import Erased
from feedback_api.reports.models import feedback
from feedback_api.uploads.models import uploads


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `feedback_upload`. `parts` are objects of the storage, in their order."""

    id: UUID
    code: str
    by: Side
    uploaded_by: str | None
    purpose: Purpose
    caption: str | None
    length: int
    received: int = 0
    parts: tuple[str, ...] = ()
    attachment: UUID | None = None
    expires_at: datetime


async def begin(conn: AsyncConnection, upload: Upload) -> None:
    """Insert the row."""
    await conn.execute(insert(uploads).values(msgspec.structs.asdict(upload)))


async def find(conn: AsyncConnection, upload_id: UUID, now: datetime) -> Upload | None:
    """The upload, unless it has expired."""
    query = select(uploads).where(uploads.c.id == upload_id, uploads.c.expires_at > now)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Upload)


async def unfinished(conn: AsyncConnection, code: str, side: Side, now: datetime) -> int:
    """How many for the report go on, of one side."""
    c = uploads.c
    going_on = select(func.count()).where(c.code == code, c.by == side, c.attachment.is_(None), c.expires_at > now)
    return await conn.scalar(going_on) or 0


async def append(conn: AsyncConnection, before: Upload, part: str, size: int) -> bool:
    """Add a part to it; False if it is not as it was."""
    values = {"received": before.received + size, "parts": [*before.parts, part]}
    return await _change(conn, before, values)


async def finish(conn: AsyncConnection, before: Upload, attachment: UUID) -> bool:
    """All of it has arrived, and became an attachment; False if it is not as it was."""
    return await _change(conn, before, {"received": before.length, "parts": [], "attachment": attachment})


async def _change(conn: AsyncConnection, before: Upload, values: dict[str, object]) -> bool:
    c = uploads.c
    same = c.id == before.id, c.received == before.received, c.attachment.is_(None)
    return (await conn.execute(update(uploads).where(*same).values(values))).rowcount == 1


async def end(conn: AsyncConnection, upload_id: UUID) -> None:
    """Delete the row."""
    await conn.execute(delete(uploads).where(uploads.c.id == upload_id))


async def of_erased(conn: AsyncConnection, limit: int) -> Sequence[Upload]:
    """Delete those for reports whose words are erased."""
    erased = select(uploads.c.id).join(feedback, feedback.c.code == uploads.c.code)
    some = erased.where(feedback.c.erased == Erased.TEXT).limit(limit).with_for_update(of=uploads, skip_locked=True)
    return records(await conn.execute(delete(uploads).where(uploads.c.id.in_(some)).returning(*uploads.c)), Upload)


async def expire(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Upload]:
    """Delete those whose time is over, the oldest first."""
    c = uploads.c
    over = select(c.id).where(c.expires_at <= now).order_by(c.expires_at).limit(limit).with_for_update(skip_locked=True)
    return records(await conn.execute(delete(uploads).where(c.id.in_(over)).returning(*c)), Upload)
