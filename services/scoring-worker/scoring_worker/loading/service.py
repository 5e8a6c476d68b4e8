"""Loading index sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from anyio import CapacityLimiter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.files.apart import AT_ONCE
from cchc_shared.http.field_errors import FieldError, field_error
from cchc_shared.http.problems import Problem, invalid, not_found
from scoring_worker.catalogue import repository
from scoring_worker.catalogue.repository import Stored
from scoring_worker.index_sets.document import Document, FaultyDocument, load, load_again
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.faults import Fault
from scoring_worker.index_sets.links import clashes, read_by, strays
from scoring_worker.loading.problems import VERSION_TAKEN
from scoring_worker.loading.schemas import SetLoaded
from scoring_worker.scoring import recompute
from scoring_worker.workbooks.draft import cell_of
from scoring_worker.workbooks.reading import read

_WORKBOOK: Final = ".xlsx"


class VersionTaken(ValueError):
    """A version that is in use cannot be given another content: a change is a new version."""


Outcome = bool | VersionTaken | FaultyDocument
"""Whether a document is stored now and was not before; or why it is not stored."""


def files_of(folder: Path) -> dict[str, bytes]:
    """The documents of a folder, by the names of their files."""
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in {".yaml", _WORKBOOK}}


@dataclass(frozen=True)
class IndexSetLoader:
    """Takes in index sets."""

    engine: AsyncEngine
    clock: Clock
    places: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))
    """For workbooks, which are unpacked apart."""

    async def load_files(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Load every sound document, all at once. For each file: `loaded`, `known`, or what is wrong with it."""
        results: dict[str, str] = {}
        sound: dict[str, Document] = {}
        for name, content in files.items():
            try:
                is_workbook = name.endswith(_WORKBOOK)
                sound[name] = await read(content, self.places) if is_workbook else load_again(content.decode())
            except (FaultyDocument, UnicodeDecodeError) as error:
                results[name] = f"refused: {error}"
        outcomes = await self._store_all(list(sound.values()))
        return results | {name: _said(outcome) for name, outcome in zip(sound, outcomes, strict=True)}

    async def all(self) -> list[Stored]:
        """Every version of every set."""
        async with self.engine.connect() as conn:
            return await repository.all_versions(conn)

    async def get(self, code: str, version: str) -> Stored:
        """One version of a set. Raises a 404 problem."""
        async with self.engine.connect() as conn:
            found = await repository.find(conn, code, version)
        if found is None:
            raise not_found("bộ chỉ số", "the index set")
        return found

    async def take(self, content: bytes, *, is_workbook: bool, dry_run: bool) -> SetLoaded:
        """Load a document that somebody sent. Raises 409 and 422 problems."""
        status: Literal["loaded", "known", "sound"] = "sound"
        try:
            document = await self._read(content, is_workbook=is_workbook)
            if dry_run:
                await self._check(document)
            else:
                status = "loaded" if await self.store(document) else "known"
        except UnicodeDecodeError as error:
            raise invalid([FieldError("body", "không phải UTF-8 hợp lệ", "is not valid UTF-8")]) from error
        except FaultyDocument as error:
            raise invalid([_field(fault) for fault in error.faults]) from error
        except VersionTaken as error:
            raise Problem(VERSION_TAKEN) from error
        index_set = document.index_set
        return SetLoaded(code=index_set.code, version=index_set.version, sha256=document.sha256, status=status)

    async def store(self, document: Document) -> bool:
        """Store a document and score by it; False if it is stored already. Raises `VersionTaken`, `FaultyDocument`."""
        (stored,) = await self._store_all([document])
        if isinstance(stored, Exception):
            raise stored
        return stored

    async def _store_all(self, documents: Sequence[Document]) -> list[Outcome]:
        """What became of each document. Scores are made again once."""
        async with self.engine.begin() as conn:
            await recompute.begin(conn, redefines=True)
            outcomes = dict[int, Outcome]()
            for place in _in_order([document.index_set for document in documents]):
                outcomes[place] = await _fits(conn, documents[place])
                if outcomes[place] is True:
                    await repository.store(conn, documents[place])
            if True in outcomes.values():
                await recompute.rescore(conn, self.clock.now())
        return [outcomes[place] for place in range(len(documents))]

    async def _read(self, content: bytes, *, is_workbook: bool) -> Document:
        """Raises `FaultyDocument`, or `UnicodeDecodeError`."""
        return await read(content, self.places) if is_workbook else load(content.decode())

    async def _check(self, document: Document) -> None:
        """Raises what storing it would raise."""
        async with self.engine.connect() as conn:
            outcome = await _fits(conn, document)
        if isinstance(outcome, Exception):
            raise outcome


def _in_order(index_sets: Sequence[IndexSet]) -> Iterator[int]:
    """Their places, sets that others read before these. Of sets that read each other the first finds no other."""
    waiting = dict(enumerate(index_sets))
    while waiting:
        absent = {each.code for each in waiting.values()}
        place = next((place for place, each in waiting.items() if not read_by(each) & absent), min(waiting))
        yield place
        del waiting[place]


async def _fits(conn: AsyncConnection, document: Document) -> Outcome:
    """Whether the document is new, and if it is not stored and cannot be, why."""
    index_set = document.index_set
    known = await repository.find(conn, index_set.code, index_set.version)
    if known is None:
        return _clash(document, await repository.all_versions(conn)) or True
    if known.document.sha256 == document.sha256:
        return False
    return VersionTaken(f"{index_set.code} {index_set.version} is stored with sha256 {known.document.sha256}")


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, Exception):
        return f"refused: {outcome}"
    return "loaded" if outcome else "known"


def _clash(document: Document, others: Iterable[Stored]) -> FaultyDocument | None:
    """What does not go together with other sets."""
    sets = [other.document.index_set for other in others]
    found = [*clashes(document.index_set, sets), *strays(document.index_set, sets)]
    located = [replace(fault, cell=cell_of(fault.path, document.cells) if document.cells else None) for fault in found]
    return FaultyDocument(located) if located else None


def _field(fault: Fault) -> FieldError:
    """A fault with its place in the body, and in a workbook with its cell."""
    said = FieldError("", fault.vi, fault.en) if fault.found is None else field_error(fault.found)
    vi, en = (f"ô `{fault.cell}`: ", f"cell {fault.cell}: ") if fault.cell else ("", "")
    return FieldError(f"body.{fault.path}".rstrip("."), vi + said.vi, en + said.en)
