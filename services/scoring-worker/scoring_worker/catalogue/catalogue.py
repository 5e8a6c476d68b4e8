"""The index sets that a process knows, refreshed from the table."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue import repository
from scoring_worker.index_sets.document import Document, load
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.periods import Period


class Edition(NamedTuple):
    """One version of an index set, ready to score."""

    document: Document
    evaluator: Evaluator


class Catalogue:
    """Every loaded version of every set, each read and compiled once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Edition] = {}
        self._in_force: dict[Period, list[Edition]] = {}

    async def refresh(self, conn: AsyncConnection) -> None:
        """See what was loaded since; cheap when nothing was."""
        for code, version in (await repository.hashes(conn)).keys() - self._known.keys():
            document = load(await repository.text_of(conn, code, version))
            self._known[code, version] = Edition(document, Evaluator(document.index_set))
            self._in_force.clear()

    def in_force(self, period: Period) -> list[Edition]:
        """Of each set the version for a period: the newest in effect on its last day, else the first there ever was."""
        found = self._in_force.get(period)
        if found is None:
            codes = sorted({code for code, _ in self._known})
            found = self._in_force[period] = [self._version(code, period) for code in codes]
        return found

    def _version(self, code: str, period: Period) -> Edition:
        editions = sorted(
            (edition for (known, _), edition in self._known.items() if known == code),
            key=lambda edition: (edition.document.index_set.effective_from, edition.document.index_set.version),
        )
        in_effect = [edition for edition in editions if edition.document.index_set.effective_from <= period.last_day]
        return in_effect[-1] if in_effect else editions[0]
