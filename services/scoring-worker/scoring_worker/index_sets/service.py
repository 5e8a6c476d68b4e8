"""Loading index sets."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from scoring_worker.index_sets import repository
from scoring_worker.index_sets.document import Document, FaultyDocument, load
from scoring_worker.scores import settling


class AnotherDocument(ValueError):
    """A version that is in use cannot be given another content: a change is a new version."""


async def keep(engine: AsyncEngine, document: Document, now: datetime) -> bool:
    """Keep a document and score by it; False if it is kept already. Raises `AnotherDocument`."""
    index_set = document.index_set
    async with engine.begin() as conn:
        await settling.begin(conn, redefines=True)
        if await repository.insert(conn, document):
            await settling.rescore(conn, now)
            return True
        known = (await repository.hashes(conn))[index_set.code, index_set.version]
    if known != document.sha256:
        raise AnotherDocument(f"{index_set.code} {index_set.version} is kept with sha256 {known}")
    return False


def files_of(folder: Path) -> dict[str, bytes]:
    """The documents of a folder, by the names of their files."""
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.yaml"))}


async def load_files(engine: AsyncEngine, files: Mapping[str, bytes], now: datetime) -> dict[str, str]:
    """Keep every document. For each file: `loaded`, `known`, or what is wrong with it."""
    results = {}
    for name, content in files.items():
        try:
            results[name] = "loaded" if await keep(engine, load(content.decode()), now) else "known"
        except (FaultyDocument, AnotherDocument, UnicodeDecodeError) as error:
            results[name] = f"refused: {error}"
    return results
