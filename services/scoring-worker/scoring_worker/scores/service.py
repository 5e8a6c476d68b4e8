"""Reading scores: of now or of any instant, exact whether or not overdue duties have been marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.problems import not_found
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import FactState
from scoring_worker.facts.repository import Place
from scoring_worker.index_sets.domain import Criterion
from scoring_worker.index_sets.evaluation import Node
from scoring_worker.index_sets.indicators import FromEvents, FromSet
from scoring_worker.periods import Period
from scoring_worker.scores import picture
from scoring_worker.scores.picture import Picture, RankedScore
from scoring_worker.sources import Measure
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import counting_months, holder


@dataclass(frozen=True, slots=True)
class ScoresQuery:
    """Which scores are asked for; `as_of` None is now, and `known_at` None by all that is known now."""

    set_code: str
    period: Period
    as_of: datetime | None
    known_at: datetime | None = None


class Explained(NamedTuple):
    """A unit's score, where it comes from, and which conditions of bands are met (None: not known)."""

    edition: Edition
    score: RankedScore
    tree: tuple[Node, ...]
    gates: dict[str, bool | None]


class Scores:
    """The answers. Each is read from one snapshot of the database, so that its numbers belong together."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._clock = clock
        self._catalogue = Catalogue()

    async def all(self, query: ScoresQuery, kind: UnitKind | None) -> tuple[Edition, list[RankedScore]]:
        """The scores of all units that have data in the period, the best first."""
        seen = await self._picture(query)
        return seen.edition, [score for score in seen.ranked() if kind is None or score.kind == kind]

    async def one(self, code: str, query: ScoresQuery) -> Explained:
        """A unit's score with its tree; a unit without data in the period has a score of which nothing is scored."""
        seen = await self._picture(query, code)
        score = seen.of(code)
        if score is None:
            raise not_found("đơn vị", "the unit")
        return Explained(seen.edition, score, seen.tree(code), seen.gates(code))

    async def evidence(
        self, code: str, criterion: str, query: ScoresQuery, state: FactState | None, after: Place, limit: int
    ) -> tuple[Edition, list[dict[str, Any]]]:
        """The facts that a unit's criterion counts in any state, also duties not due yet."""
        async with self._engine.connect() as conn:
            edition = await self._edition(conn, query)
            unit = holder((await units_repository.by_code(conn, [code])).get(code, ()), query.period)
            rows = await facts.evidence(
                conn,
                unit=code,
                months=counting_months(unit, query.period),
                measures=_measures(edition, criterion),
                state=state,
                as_of=query.as_of,
                known_at=query.known_at,
                now=self._clock.now(),
                after=after,
                limit=limit,
            )
        return edition, rows

    async def _picture(self, query: ScoresQuery, unit: str | None = None) -> Picture:
        async with self._engine.connect() as conn:
            edition = await self._edition(conn, query)
            now = self._clock.now()
            return await picture.load(
                conn, edition, query.period, now=now, as_of=query.as_of, known_at=query.known_at, unit=unit
            )

    async def _edition(self, conn: AsyncConnection, query: ScoresQuery) -> Edition:
        await self._catalogue.refresh(conn)
        edition = self._catalogue.find(query.set_code, query.period)
        if edition is None:
            raise not_found("bộ chỉ số", "the index set")
        return edition


def _measures(edition: Edition, code: str) -> set[Measure]:
    """What a criterion counts, with all its sub-criteria. Raises a 404 problem."""
    for part in edition.document.index_set.fields:
        for criterion in part.criteria:
            for found in criterion.all():
                if found.code == code:
                    return _counted(edition, found.leaves())
    raise not_found("tiêu chí", "the criterion")


def _counted(edition: Edition, leaves: Iterable[Criterion]) -> set[Measure]:
    """What some criteria count, by themselves or by other sets that they read."""
    found = set[Measure]()
    indicators = edition.document.index_set.indicators
    for each in (indicators[code] for leaf in leaves for code in leaf.named.values()):
        if isinstance(each, FromEvents):
            found |= set(each.measures)
        elif isinstance(each, FromSet):
            read = [below for below in edition.below if below.code == each.set]
            found |= {
                measure for one in read for measure in _counted(one, one.document.index_set.leaves_of(each.field))
            }
    return found
