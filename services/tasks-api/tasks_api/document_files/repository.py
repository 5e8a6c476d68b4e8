"""Writes of files of documents. The document must be locked by whoever changes them."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from tasks_api.documents.domain import DocumentFile
from tasks_api.documents.models import document_files, documents

_C: Final = document_files.c


async def add(conn: AsyncConnection, file: DocumentFile) -> None:
    """Insert the row, and make a new version of the document."""
    await conn.execute(insert(document_files).values(msgspec.structs.asdict(file)))
    await _new_version(conn, file.document_id)


async def remove(conn: AsyncConnection, file: DocumentFile, *, at: datetime, by: str) -> None:
    """Mark it as taken back, and make a new version of the document."""
    await conn.execute(update(document_files).where(_C.id == file.id).values(removed_at=at, removed_by=by))
    await _new_version(conn, file.document_id)


async def _new_version(conn: AsyncConnection, document_id: int) -> None:
    c = documents.c
    await conn.execute(update(documents).where(c.id == document_id).values(version=c.version + 1))


async def referred_to(conn: AsyncConnection, keys: Collection[str]) -> set[str]:
    """Those objects that a file refers to."""
    codes = {key.rpartition("/")[0] for key in keys}
    query = select(document_files).where(_C.code.in_(codes), _C.removed_at.is_(None))
    return {key for each in records(await conn.execute(query), DocumentFile) for key in each.keys} & set(keys)
