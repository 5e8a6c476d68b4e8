"""SQL of index sets."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.index_sets.document import Document

_INSERT = text(
    """INSERT INTO index_set (code, version, sha256, effective_from, document)
       VALUES (:code, :version, :sha256, :effective_from, :document) ON CONFLICT DO NOTHING"""
)
_HASHES = text("SELECT code, version, sha256 FROM index_set")
_DOCUMENT = text("SELECT document FROM index_set WHERE code = :code AND version = :version")


async def insert(conn: AsyncConnection, document: Document) -> bool:
    """Keep the document; False if that code and version is there already."""
    index_set = document.index_set
    result = await conn.execute(
        _INSERT,
        {
            "code": index_set.code,
            "version": index_set.version,
            "sha256": document.sha256,
            "effective_from": index_set.effective_from,
            "document": document.text,
        },
    )
    return result.rowcount == 1


async def hashes(conn: AsyncConnection) -> dict[tuple[str, str], str]:
    """Hash of each code and version."""
    return {(code, version): sha256 for code, version, sha256 in await conn.execute(_HASHES)}


async def text_of(conn: AsyncConnection, code: str, version: str) -> str:
    """The document as it was loaded."""
    return str((await conn.execute(_DOCUMENT, {"code": code, "version": version})).scalar_one())
