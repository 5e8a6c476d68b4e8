"""Reading and writing index sets."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue.models import index_set
from scoring_worker.index_sets.document import Document, load_again


class Stored(NamedTuple):
    """A loaded version, with when it was loaded."""

    document: Document
    loaded_at: datetime


async def store(conn: AsyncConnection, document: Document) -> bool:
    """Store the document; False if that code and version is there already."""
    result = await conn.execute(
        insert(index_set)
        .values(
            code=document.index_set.code,
            version=document.index_set.version,
            effective_from=document.index_set.effective_from,
            document=document.text,
        )
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def versions(conn: AsyncConnection) -> set[tuple[str, str]]:
    """Each code and version that was loaded."""
    return {(code, version) for code, version in await conn.execute(select(index_set.c.code, index_set.c.version))}


async def text_of(conn: AsyncConnection, code: str, version: str) -> str:
    """The document as it was loaded."""
    statement = select(index_set.c.document).where(index_set.c.code == code, index_set.c.version == version)
    return str((await conn.execute(statement)).scalar_one())


async def all_versions(conn: AsyncConnection) -> list[Stored]:
    """Every version of every set, by code and by when it takes effect."""
    order = index_set.c.code, index_set.c.effective_from, index_set.c.version
    rows = await conn.execute(select(index_set.c.document, index_set.c.loaded_at).order_by(*order))
    return [Stored(load_again(text), at) for text, at in rows]


async def find(conn: AsyncConnection, code: str, version: str) -> Stored | None:
    """One version of a set."""
    query = select(index_set.c.document, index_set.c.loaded_at)
    row = (await conn.execute(query.where(index_set.c.code == code, index_set.c.version == version))).first()
    return None if row is None else Stored(load_again(row[0]), row[1])
