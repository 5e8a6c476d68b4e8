"""Use case of comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.problems import not_found
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.comparison.domain import Pair, compared
from scoring_worker.index_sets.evaluation import Node
from scoring_worker.periods import Period
from scoring_worker.scores import picture
from scoring_worker.scores.picture import RankedScore


class Scored(NamedTuple):
    """A unit in a period, with where its score comes from."""

    edition: Edition
    period: Period
    score: RankedScore
    tree: Sequence[Node]


class Compared(NamedTuple):
    first: Scored
    second: Scored
    pairs: list[Pair]


@dataclass(frozen=True)
class Comparisons:
    """Both scores are read from one snapshot of the database."""

    reading: AsyncEngine
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)

    async def compare(self, set_code: str, first: tuple[str, Period], second: tuple[str, Period]) -> Compared:
        """Two units, each in a period. Raises 404 problems."""
        engine = self.reading.execution_options(isolation_level="REPEATABLE READ")
        async with engine.connect() as conn:
            await self.catalogue.refresh(conn)
            one, other = [await self._scored(conn, set_code, *each) for each in (first, second)]
        return Compared(one, other, compared(one.tree, other.tree))

    async def _scored(self, conn: AsyncConnection, set_code: str, unit: str, period: Period) -> Scored:
        edition = self.catalogue.find(set_code, period)
        if edition is None:
            raise not_found("bộ chỉ số", "the index set")
        now = self.clock.now()
        seen = await picture.load(conn, edition, period, now=now, as_of=None, known_at=None, unit=unit)
        score = seen.of(unit)
        if score is None:
            raise not_found("đơn vị", "the unit")
        return Scored(edition, period, score, seen.tree(unit))
