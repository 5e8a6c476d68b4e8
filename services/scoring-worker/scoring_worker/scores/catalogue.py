"""The index sets that a process knows, kept in step with the table."""

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.index_sets import repository
from scoring_worker.index_sets.document import Document, load
from scoring_worker.periods import Period
from scoring_worker.scores.evaluation import Evaluator


class Catalogue:
    """Every loaded version of every set, each read and compiled once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Document, Evaluator]] = {}

    async def refresh(self, conn: AsyncConnection) -> None:
        """See what was loaded since; cheap when nothing was."""
        for code, version in (await repository.hashes(conn)).keys() - self._known.keys():
            document = load(await repository.text_of(conn, code, version))
            self._known[code, version] = (document, Evaluator(document.index_set))

    @property
    def codes(self) -> set[str]:
        return {code for code, _ in self._known}

    def in_force(self, code: str, period: Period) -> tuple[Document, Evaluator] | None:
        """The version for a period: the newest in effect on its last day, else the first there ever was."""
        versions = sorted(
            (known for (known_code, _), known in self._known.items() if known_code == code),
            key=lambda known: (known[0].index_set.effective_from, known[0].index_set.version),
        )
        in_effect = [known for known in versions if known[0].index_set.effective_from <= period.last_day]
        return in_effect[-1] if in_effect else next(iter(versions), None)
