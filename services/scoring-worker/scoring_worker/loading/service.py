"""Loading index sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from scoring_worker.catalogue import repository
from scoring_worker.index_sets.document import Document, FaultyDocument, load
from scoring_worker.scoring import recompute


class VersionTaken(ValueError):
    """A version that is in use cannot be given another content: a change is a new version."""


def files_of(folder: Path) -> dict[str, bytes]:
    """The documents of a folder, by the names of their files."""
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.yaml"))}


@dataclass(frozen=True)
class IndexSetLoader:
    """Takes in index sets, each in a transaction of its own."""

    engine: AsyncEngine
    clock: Clock

    async def load_files(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Load every document. For each file: `loaded`, `known`, or what is wrong with it."""
        results = {}
        for name, content in files.items():
            try:
                results[name] = "loaded" if await self.store(load(content.decode())) else "known"
            except (FaultyDocument, VersionTaken, UnicodeDecodeError) as error:
                results[name] = f"refused: {error}"
        return results

    async def store(self, document: Document) -> bool:
        """Store a document and score by it; False if it is stored already. Raises `VersionTaken`."""
        index_set = document.index_set
        async with self.engine.begin() as conn:
            await recompute.begin(conn, redefines=True)
            if await repository.store(conn, document):
                await recompute.rescore(conn, self.clock.now())
                return True
            known = (await repository.hashes(conn))[index_set.code, index_set.version]
        if known != document.sha256:
            raise VersionTaken(f"{index_set.code} {index_set.version} is stored with sha256 {known}")
        return False
