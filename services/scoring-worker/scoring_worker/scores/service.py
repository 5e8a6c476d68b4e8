"""Reading scores: of now or of any instant, exact whether or not the maturing has run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.problems import not_found
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import State
from scoring_worker.facts.repository import Place
from scoring_worker.index_sets.domain import Band, IndexSet
from scoring_worker.indicators.domain import Counts
from scoring_worker.periods import Period
from scoring_worker.scores import counting, repository
from scoring_worker.scores.catalogue import Catalogue, Edition
from scoring_worker.scores.evaluation import Node, Score
from scoring_worker.scores.ranking import ranks
from scoring_worker.scores.repository import ScoreRow
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import Unit, counting_months, holder


@dataclass(slots=True)
class UnitScore:
    """One unit's score in a period. The rank is among the units of its kind."""

    code: str
    unit: Unit | None
    score: Score
    band: Band | None
    computed_at: datetime
    rank: int | None = None

    @property
    def kind(self) -> UnitKind | None:
        return self.unit.kind if self.unit else None


@dataclass(frozen=True, slots=True)
class Question:
    """Which scores are asked for; `as_of` None is now."""

    set_code: str
    period: Period
    as_of: datetime | None


class Scores:
    """The answers. Each is read from one snapshot of the database, so that its numbers belong together."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._clock = clock
        self._catalogue = Catalogue()

    async def all(self, question: Question, kind: UnitKind | None) -> tuple[Edition, list[UnitScore]]:
        """The scores of all units that have data in the period, the best first."""
        async with self._engine.connect() as conn:
            edition = await self._edition(conn, question)
            scores = await self._scores(conn, edition, question, await self._read(conn, question))
        return edition, [score for score in scores if kind is None or score.kind == kind]

    async def one(self, code: str, question: Question) -> tuple[Edition, UnitScore, tuple[Node, ...]]:
        """A unit's score with its tree; a unit without data in the period has a score of which nothing is scored."""
        async with self._engine.connect() as conn:
            edition = await self._edition(conn, question)
            unit = await self._unit(conn, code, question.period)
            known = await self._read(conn, question)
            counts = known.counts.get(code)
            if counts is None and question.as_of is None:
                counts = (await counting.of_now(conn, question.period, [code], ())).get(code)
            scores = await self._scores(conn, edition, question, known)
        kind = unit.kind if unit else None
        tree = edition.evaluator.tree(counts or {}, kind)
        found = [score for score in scores if score.code == code]
        if found:
            return edition, found[0], tree
        if unit is None:
            raise not_found("đơn vị", "the unit")
        return edition, UnitScore(code, unit, edition.evaluator.score({}, kind), None, self._clock.now()), tree

    async def evidence(
        self, code: str, criterion_code: str, question: Question, state: State | None, after: Place, limit: int
    ) -> tuple[Edition, list[dict[str, Any]]]:
        """The duties and occurrences that a unit's criterion counts in any state, also those not due yet."""
        async with self._engine.connect() as conn:
            edition = await self._edition(conn, question)
            measures = _measures(edition.document.index_set, criterion_code)
            unit = await self._unit(conn, code, question.period)
            rows = await facts.evidence(
                conn,
                unit=code,
                months=counting_months(unit, question.period),
                measures=measures,
                state=state,
                at=question.as_of or self._clock.now(),
                after=after,
                limit=limit,
            )
        return edition, rows

    async def _edition(self, conn: AsyncConnection, question: Question) -> Edition:
        await self._catalogue.refresh(conn)
        for edition in self._catalogue.in_force(question.period):
            if edition.document.index_set.code == question.set_code:
                return edition
        raise not_found("bộ chỉ số", "the index set")

    async def _unit(self, conn: AsyncConnection, code: str, period: Period) -> Unit | None:
        return holder((await units_repository.by_code(conn, [code])).get(code, ()), period)

    async def _read(self, conn: AsyncConnection, question: Question) -> "_Known":
        if question.as_of is not None:
            return _Known([], await counting.as_of(conn, question.period, question.as_of))
        changes = await counting.ripe(conn, question.period, self._clock.now())
        return _Known(
            await repository.read(conn, question.set_code, question.period.code),
            await counting.of_now(conn, question.period, {unit for unit, *_ in changes}, changes),
        )

    async def _scores(
        self, conn: AsyncConnection, edition: Edition, question: Question, known: "_Known"
    ) -> list[UnitScore]:
        """Ranked scores of the units that the set applies to; those of unknown kind among them."""
        index_set = edition.document.index_set
        units = await units_repository.by_code(conn, known.counts.keys() | {row.unit for row in known.kept})
        holders = {code: holder(held_by, question.period) for code, held_by in units.items()}
        scores = {
            row.unit: _unit_score(index_set, row.unit, holders.get(row.unit), row.score, row.computed_at)
            for row in known.kept
        }
        for code, counts in known.counts.items():
            unit = holders.get(code)
            score = edition.evaluator.score(counts, unit.kind if unit else None)
            scores[code] = _unit_score(index_set, code, unit, score, self._clock.now())
        return _ranked(index_set, [one for one in scores.values() if one.kind is None or one.kind in index_set.kinds])


class _Known(NamedTuple):
    """Kept scores, and the counts of those units whose kept score is not the answer, or of all."""

    kept: list[ScoreRow]
    counts: dict[str, Counts]


def _unit_score(index_set: IndexSet, code: str, unit: Unit | None, score: Score, computed_at: datetime) -> UnitScore:
    band = None if score.percent is None else index_set.band_of(score.percent)
    return UnitScore(code, unit, score, band, computed_at)


def _ranked(index_set: IndexSet, scores: list[UnitScore]) -> list[UnitScore]:
    """The best first, each with its rank among those of its kind; what has no percentage comes last, unranked."""
    by_kind: dict[UnitKind | None, list[UnitScore]] = {}
    for one in scores:
        by_kind.setdefault(one.kind, []).append(one)
    for alike in by_kind.values():
        places = ranks([one.score.percent for one in alike], index_set.ranking)
        for one, place in zip(alike, places, strict=True):
            one.rank = place
    return sorted(scores, key=lambda one: (one.score.percent is None, -(one.score.percent or 0), one.code))


def _measures(index_set: IndexSet, code: str) -> set[str]:
    """What a criterion counts, with all its sub-criteria. Raises a 404 problem."""
    for part in index_set.fields:
        for criterion in part.criteria:
            for found in criterion.all():
                if found.code == code:
                    names = (leaf.indicator for leaf in found.leaves() if leaf.indicator)
                    return {measure for name in names for measure in index_set.indicators[name].measures}
    raise not_found("tiêu chí", "the criterion")
