"""The use case of a one-stop system or a portal: it says what became of dossiers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.directory.service import FRESH, Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.language import language_of
from cchc_shared.http.problems import Problem, invalid
from cchc_shared.http.schemas import ProblemDocument
from dossiers_api.dossiers import store
from dossiers_api.dossiers.domain import Verdict, Weighed, differing
from dossiers_api.intake.problems import BACKWARDS, DIFFERS
from dossiers_api.intake.reading import Item, Read, Reader
from dossiers_api.intake.schemas import DossierResult, DossierResultStatus

_OUTCOMES: Final = {
    Verdict.NEW: DossierResultStatus.ACCEPTED,
    Verdict.REPEATED: DossierResultStatus.DUPLICATE,
    Verdict.DIFFERENT: DossierResultStatus.REJECTED,
    Verdict.BACKWARDS: DossierResultStatus.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Intake:
    """Each item stands by itself; those that are right take effect together, in one transaction."""

    engine: AsyncEngine
    clock: Clock
    directory: Directory
    reader: Reader

    async def take(self, items: Sequence[Item], caller: Principal, accept_language: str | None) -> list[DossierResult]:
        """A result for each item, in their order."""
        now = self.clock.now()
        read = [self.reader.read(item, self.directory.units, now) for item in items]
        if any(each.names_no_unit for each in read):  # perhaps only not known yet
            units = await self.directory.refresh(FRESH)
            read = [self.reader.read(item, units, now) for item in items]
        said = [each.said for each in read if each.said is not None]
        allowed = self.reader.rules.requests_in_time.value
        async with self.engine.begin() as conn:
            weighed = await store.take(conn, said, requests_in_time=allowed, sent_by=caller.sub, now=now)
        verdicts = iter(weighed)
        language = language_of(accept_language)
        return [
            _refused(index, each, language)
            if each.said is None
            else _weighed(index, each.said, next(verdicts), language)
            for index, each in enumerate(read)
        ]


def _refused(index: int, read: Read, language: str) -> DossierResult:
    problem = _document(invalid(_placed(index, read.errors)), language)
    return DossierResult(index=index, status=DossierResultStatus.REJECTED, dossier=read.dossier, problem=problem)


def _weighed(index: int, said: store.Said, weighed: Weighed, language: str) -> DossierResult:
    problem = None
    if weighed.verdict is Verdict.BACKWARDS:
        problem = Problem(BACKWARDS)
    elif weighed.verdict is Verdict.DIFFERENT and weighed.known is not None:
        names = differing(weighed.known, said.delivery)
        wrong = [FieldError(name, "khác với lần gửi trước", "differs from what was sent before") for name in names]
        problem = Problem(DIFFERS, errors=_placed(index, wrong))
    return DossierResult(
        index=index,
        status=_OUTCOMES[weighed.verdict],
        dossier=said.code,
        problem=None if problem is None else _document(problem, language),
    )


def _placed(index: int, errors: Sequence[FieldError]) -> list[FieldError]:
    """The same errors, by their place in the request."""
    return [replace(each, field=f"body.items.{index}.{each.field}", row=index) for each in errors]


def _document(problem: Problem, language: str) -> ProblemDocument:
    return ProblemDocument.model_validate(msgspec.to_builtins(problem.document(language)))
