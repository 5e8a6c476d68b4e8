"""All that is known of a period at an instant: read once, then asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from scoring_worker.catalogue.catalogue import Edition
from scoring_worker.counts import repository as counts_repository
from scoring_worker.counts.domain import Counts, add
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import DutyState
from scoring_worker.index_sets.domain import Band
from scoring_worker.index_sets.evaluation import Node, Score
from scoring_worker.periods import Period
from scoring_worker.scores.ranking import ranks
from scoring_worker.scoring import repository as scores_repository
from scoring_worker.scoring.repository import ScoreRow
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import Unit, counting_months, holder

Change = tuple[str, date, str, str, int]
"""Unit, month, measure, state, how many more."""


@dataclass(slots=True)
class RankedScore:
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
class Picture:
    """A period of one index set.

    `changed` units are scored from their counts; the score of the others is the one that is stored.
    """

    edition: Edition
    now: datetime
    holders: dict[str, Unit | None]
    """By code: whom the period is scored for."""
    stored: dict[str, ScoreRow]
    counts: dict[str, Counts]
    changed: set[str]

    def ranked(self) -> list[RankedScore]:
        """The units that the set applies to and those of unknown kind, the best first; unranked ones come last."""
        kinds = self.edition.document.index_set.kinds
        scores = [self._score(code) for code in self.stored.keys() | self.changed]
        found = [one for one in scores if one.kind is None or one.kind in kinds]
        self._rank(found)
        return sorted(found, key=lambda one: (one.score.percent is None, -(one.score.percent or 0), one.code))

    def of(self, code: str) -> RankedScore | None:
        """A unit's score, of which nothing is scored if it has no data; None if nothing is known of the unit."""
        found = next((one for one in self.ranked() if one.code == code), None)
        if found is not None or self.holders[code] is None:
            return found
        return RankedScore(code, self.holders[code], self._evaluate(code, {}), None, self.now)

    def tree(self, code: str) -> tuple[Node, ...]:
        """Where a unit's score comes from."""
        return self.edition.evaluator.tree(self.counts.get(code, {}), self._kind(code))

    def _score(self, code: str) -> RankedScore:
        if code in self.changed:
            score, computed_at = self._evaluate(code, self.counts[code]), self.now
        else:
            score, computed_at = self.stored[code].score, self.stored[code].computed_at
        band = None if score.percent is None else self.edition.document.index_set.band_of(score.percent)
        return RankedScore(code, self.holders[code], score, band, computed_at)

    def _evaluate(self, code: str, counts: Counts) -> Score:
        return self.edition.evaluator.score(counts, self._kind(code))

    def _kind(self, code: str) -> UnitKind | None:
        unit = self.holders[code]
        return unit.kind if unit else None

    def _rank(self, scores: Iterable[RankedScore]) -> None:
        by_kind: dict[UnitKind | None, list[RankedScore]] = {}
        for one in scores:
            by_kind.setdefault(one.kind, []).append(one)
        for alike in by_kind.values():
            places = ranks([one.score.percent for one in alike], self.edition.document.index_set.ranking)
            for one, place in zip(alike, places, strict=True):
                one.rank = place


async def load(
    conn: AsyncConnection,
    edition: Edition,
    period: Period,
    *,
    now: datetime,
    as_of: datetime | None,
    unit: str | None = None,
) -> Picture:
    """The picture of now, or of an instant; with the counts of `unit`, whether or not they changed.

    Of now, only units with duties that became overdue unmarked are counted again. Of an instant, all facts are.
    """
    codes = set() if unit is None else {unit}
    stored: dict[str, ScoreRow] = {}
    counts: dict[str, Counts] = {}
    if as_of is None:
        changes = await _newly_overdue(conn, period, now)
        rows = await scores_repository.read(conn, edition.document.index_set.code, period.code)
        stored = {row.unit: row for row in rows}
        counts = await counts_repository.read(conn, period.code, codes | {code for code, *_ in changes})
    else:
        changes = await facts.count_at(conn, period.months, as_of)
    codes |= stored.keys() | {code for code, *_ in changes}
    held_by = await units_repository.by_code(conn, codes)
    holders = {code: holder(held_by.get(code, ()), period) for code in codes}
    changed = _apply(changes, counts, period, holders)
    return Picture(edition, now, holders, stored, counts, changed)


async def _newly_overdue(conn: AsyncConnection, period: Period, now: datetime) -> list[Change]:
    """What time has changed and the stored counts do not show yet."""
    return [
        (unit, month, measure, state, n * sign)
        for unit, month, measure, n in await facts.count_newly_overdue(conn, period.months, now)
        for state, sign in ((DutyState.PENDING, -1), (DutyState.OVERDUE, 1))
    ]


def _apply(
    changes: Iterable[Change], counts: dict[str, Counts], period: Period, holders: dict[str, Unit | None]
) -> set[str]:
    """Add the changes in months that count for their unit; returns the units whose counts they changed."""
    months = {code: frozenset(counting_months(unit, period)) for code, unit in holders.items()}
    changed = set()
    for code, month, measure, state, n in changes:
        if month in months[code]:
            add(counts.setdefault(code, {}), measure, state, n)
            changed.add(code)
    return changed
