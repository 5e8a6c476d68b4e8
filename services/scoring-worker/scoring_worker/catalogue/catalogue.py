"""The index sets that a process knows, refreshed from the table."""

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue import repository
from scoring_worker.catalogue.edition import Edition, linked
from scoring_worker.index_sets.document import load_again
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.periods import Period


class Catalogue:
    """Every loaded version of every set, each read and compiled once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Edition] = {}
        self._in_force: dict[Period, list[Edition]] = {}
        self._enters: frozenset[str] | None = None

    async def refresh(self, conn: AsyncConnection) -> None:
        """Read what was loaded since the last call; cheap when nothing was."""
        for code, version in await repository.versions(conn) - self._known.keys():
            document = load_again(await repository.text_of(conn, code, version))
            self._known[code, version] = Edition(document, Evaluator(document.index_set))
            self._in_force.clear()
            self._enters = None

    @property
    def enters(self) -> frozenset[str]:
        """The indicators that some set reads and no event brings."""
        if self._enters is None:
            self._enters = frozenset().union(*(edition.evaluator.enters for edition in self._known.values()))
        return self._enters

    def newest(self) -> list[Edition]:
        """The newest version of each set."""
        return [self._versions(code)[-1] for code in sorted({code for code, _ in self._known})]

    def find(self, code: str, period: Period) -> Edition | None:
        """The version of a set that scores a period."""
        found = (each for each in self.in_force(period) if each.document.index_set.code == code)
        return next(found, None)

    def version(self, code: str, version: str, period: Period) -> Edition | None:
        """One version of a set, to score a period with the others as they are in force in it."""
        edition = self._known.get((code, version))
        if edition is None:
            return None
        others = [each for each in self.in_force(period) if each.code != code]
        return linked([edition, *others])[code]

    def in_force(self, period: Period) -> list[Edition]:
        """For each set the version that scores a period: the newest in effect on its last day, else the oldest.

        A set that was given up before the period began scores it no more.
        """
        found = self._in_force.get(period)
        if found is None:
            codes = sorted({code for code, _ in self._known})
            chosen = [self._version(code, period) for code in codes]
            in_force = linked(edition for edition in chosen if not edition.is_over(period))
            found = self._in_force[period] = list(in_force.values())
        return found

    def _version(self, code: str, period: Period) -> Edition:
        editions = self._versions(code)
        in_effect = [edition for edition in editions if edition.document.index_set.effective_from <= period.last_day]
        return in_effect[-1] if in_effect else editions[0]

    def _versions(self, code: str) -> list[Edition]:
        """The versions of a set, by when they take effect."""
        return sorted(
            (edition for (known, _), edition in self._known.items() if known == code),
            key=lambda edition: (edition.document.index_set.effective_from, edition.document.index_set.version),
        )
