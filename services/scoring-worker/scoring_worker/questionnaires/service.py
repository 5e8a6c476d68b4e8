"""Use cases of questionnaires: loaded from files and by request, listed, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.field_errors import FieldError, field_error
from cchc_shared.http.problems import Problem, invalid, not_found
from scoring_worker.index_sets.document import FaultyDocument
from scoring_worker.index_sets.faults import Fault
from scoring_worker.questionnaires import repository
from scoring_worker.questionnaires.document import Document, load
from scoring_worker.questionnaires.problems import QUESTIONNAIRE_TAKEN
from scoring_worker.questionnaires.repository import Stored
from scoring_worker.questionnaires.schemas import QuestionnaireLoaded


@dataclass(frozen=True)
class Questionnaires:
    """Versions are added, never changed. One that is sent again as it stands is known."""

    engine: AsyncEngine
    clock: Clock

    async def load_files(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Load every document. For each file: `loaded`, `known`, or what is wrong with it."""
        results: dict[str, str] = {}
        for name, content in files.items():
            try:
                results[name] = await self._store(load(content.decode()))
            except (FaultyDocument, UnicodeDecodeError, Problem) as error:
                results[name] = f"refused: {error.code if isinstance(error, Problem) else error}"
        return results

    async def all(self) -> list[Stored]:
        """Every version of every questionnaire."""
        async with self.engine.connect() as conn:
            return await repository.all_versions(conn)

    async def get(self, code: str, version: str) -> Stored:
        """One version. Raises a 404 problem."""
        async with self.engine.connect() as conn:
            found = await repository.find(conn, code, version)
        if found is None:
            raise not_found("phiếu khảo sát", "the questionnaire")
        return found

    async def take(self, content: bytes, *, dry_run: bool) -> QuestionnaireLoaded:
        """Load a document that somebody sent. Raises 409 and 422 problems."""
        try:
            document = load(content.decode())
        except UnicodeDecodeError as error:
            raise invalid([FieldError("body", "không phải UTF-8 hợp lệ", "is not valid UTF-8")]) from error
        except FaultyDocument as error:
            raise invalid([_field(fault) for fault in error.faults]) from error
        of = document.questionnaire
        status: Literal["loaded", "known", "sound"] = "sound" if dry_run else await self._store(document)
        return QuestionnaireLoaded(code=of.code, version=of.version, sha256=document.sha256, status=status)

    async def _store(self, document: Document) -> Literal["loaded", "known"]:
        async with self.engine.begin() as conn:
            new = await repository.store(conn, document, self.clock.now())
            if not new and await repository.hash_of(conn, document.questionnaire) != document.sha256:
                raise Problem(QUESTIONNAIRE_TAKEN)
        return "loaded" if new else "known"


def _field(fault: Fault) -> FieldError:
    """A fault with its place in the body."""
    said = FieldError("", fault.vi, fault.en) if fault.found is None else field_error(fault.found)
    return FieldError(f"body.{fault.path}".rstrip("."), said.vi, said.en)
