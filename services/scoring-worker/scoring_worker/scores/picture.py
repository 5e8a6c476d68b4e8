"""All that is known of a period at an instant: read once, then asked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from scoring_worker.catalogue.edition import Edition
from scoring_worker.counts import repository as counts_repository
from scoring_worker.counts.domain import Counts, add, in_period
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import EVER, DutyState
from scoring_worker.facts.repository import Counted
from scoring_worker.index_sets.bands import Band
from scoring_worker.index_sets.evaluation import Node, Score
from scoring_worker.index_sets.leaf import NO_VALUES, NOTHING_GIVEN, Given, Subject, Values
from scoring_worker.periods import Period
from scoring_worker.scores.ranking import ranks
from scoring_worker.scoring import repository as scores_repository
from scoring_worker.scoring.repository import ScoreRow
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import Unit, counting_months, holder
from scoring_worker.values import repository as values_repository

Change = Counted
"""How many more facts there are of a kind."""


@dataclass(slots=True)
class RankedScore:
    """One unit's score in a period. The rank is among the units of its kind; None where too little is known."""

    code: str
    unit: Unit | None
    score: Score
    band: Band | None
    computed_at: datetime | None
    """When something last moved it; None where nothing ever did."""
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
    period: Period
    now: datetime
    holders: Mapping[str, Unit | None]
    """By code: whom the period is scored for. All units that the set is for, and others of which something is known."""
    stored: Mapping[str, ScoreRow]
    counts: Mapping[str, Counts]
    values: Mapping[str, Values]
    changed: Collection[str]
    given: Mapping[str, Given] = field(default_factory=dict)
    """Points that somebody gave, by unit."""

    def ranked(self) -> list[RankedScore]:
        """The units that the set is for and those of unknown kind, the best first; unranked ones come last."""
        kinds = self.edition.document.index_set.kinds
        known = self.stored.keys() | self.values.keys() | set(self.changed)
        codes = [code for code, unit in self.holders.items() if (code in known if unit is None else unit.kind in kinds)]
        new = [code for code in codes if code in self.changed or code not in self.stored]
        evaluated = dict(zip(new, self.edition.evaluator.score_all([self.subject(code) for code in new]), strict=True))
        scores = [self._score(code, evaluated.get(code)) for code in codes]
        self._rank(scores)
        return sorted(scores, key=_place)

    def of(self, code: str) -> RankedScore | None:
        """A unit's score, of which nothing is scored if it has no data; None if nothing is known of the unit."""
        found = next((one for one in self.ranked() if one.code == code), None)
        if found is not None or self.holders.get(code) is None:
            return found
        score = self.edition.evaluator.score(self.subject(code))
        return RankedScore(code, self.holders[code], score, None, None)

    def tree(self, code: str) -> tuple[Node, ...]:
        """Where a unit's score comes from."""
        return self.edition.evaluator.tree(self.subject(code))

    def gates(self, code: str) -> dict[str, bool | None]:
        """Which conditions of bands a unit meets."""
        return self.edition.evaluator.gates(self.subject(code))

    def _score(self, code: str, evaluated: Score | None) -> RankedScore:
        """By the score that was evaluated, else by the one that is stored."""
        moved = code in self.changed or code in self.values
        score, computed_at = evaluated, self.now if moved else None
        if score is None:
            score, computed_at = self.stored[code].score, self.stored[code].computed_at
        # Only conditions of bands ask for more than the score.
        band = self.edition.evaluator.band(score, self.subject(code) if self._has_gates else self._bare(code))
        return RankedScore(code, self.holders[code], score, band, computed_at)

    @property
    def _has_gates(self) -> bool:
        return bool(self.edition.document.index_set.gates)

    def subject(self, code: str) -> Subject:
        """All that is known of a unit, by other sets too."""
        return self.edition.complete(self._bare(code))

    def _bare(self, code: str) -> Subject:
        unit = self.holders[code]
        counts, values = self.counts.get(code, {}), self.values.get(code, NO_VALUES)
        given = self.given.get(code, NOTHING_GIVEN)
        return Subject(counts, unit.kind if unit else None, values, code, self.period.code, given)

    def _rank(self, scores: Iterable[RankedScore]) -> None:
        by_kind: dict[UnitKind | None, list[RankedScore]] = {}
        for one in scores:
            if self.edition.evaluator.is_ranked(one.score):
                by_kind.setdefault(one.kind, []).append(one)
        for alike in by_kind.values():
            places = ranks([one.score.percent for one in alike], self.edition.document.index_set.ranking)
            for one, place in zip(alike, places, strict=True):
                one.rank = place


def _place(one: RankedScore) -> tuple[bool, bool, object, str]:
    """Ranked ones first, then those of which too little is known, then those of which nothing is."""
    return one.rank is None, one.score.percent is None, -(one.score.percent or 0), one.code


def moved(
    counts: Mapping[str, Counts], changes: Iterable[Change], period: Period, holders: Mapping[str, Unit | None]
) -> dict[str, Counts]:
    """Counts as they would be after these changes; those that are given stay as they are."""
    copies = {code: {measure: dict(states) for measure, states in each.items()} for code, each in counts.items()}
    _apply(changes, copies, period, holders)
    return copies


async def load(
    conn: AsyncConnection,
    edition: Edition,
    period: Period,
    *,
    now: datetime,
    as_of: datetime | None,
    known_at: datetime | None,
    unit: str | None = None,
    whole: bool = False,
) -> Picture:
    """The picture of now, or of an instant as it is known, or was; with the counts of `unit`, changed or not.

    `whole`: with the counts of every unit.

    Of now, only units with duties that became overdue unmarked are counted again. Of an instant, all facts are.
    """
    index_set = edition.document.index_set
    codes = set() if unit is None else {unit}
    stored: dict[str, ScoreRow] = {}
    counts: dict[str, Counts] = {}
    if as_of is None:
        changes = await _newly_overdue(conn, period, now)
        rows = await scores_repository.read(conn, index_set.code, period.code)
        stored = {row.unit: row for row in rows}
        counted = codes | {code for code, *_ in changes} | (stored.keys() if whole or index_set.gates else set())
        counts = await counts_repository.read(conn, period.code, counted)
    else:
        changes = await facts.count_at(conn, period.months, as_of, known_at or EVER)
    # What is entered for a period has no time of its own but that at which it was entered.
    entered = min(as_of or EVER, known_at or EVER)
    values = await values_repository.readings_at(conn, period.code, entered, edition.enters)
    codes |= stored.keys() | values.keys() | {code for code, *_ in changes}
    codes |= await units_repository.there(conn, index_set.kinds, period.first_day, period.last_day)
    held_by = await units_repository.by_code(conn, codes)
    holders = {code: holder(held_by.get(code, ()), period) for code in sorted(codes)}
    changed = _apply(changes, counts, period, holders)
    return Picture(edition, period, now, holders, stored, counts, values, changed)


async def _newly_overdue(conn: AsyncConnection, period: Period, now: datetime) -> list[Change]:
    """What time has changed and the stored counts do not show yet."""
    return [
        (unit, month, due_month, measure, state, n * sign)
        for unit, month, due_month, measure, n in await facts.count_newly_overdue(conn, period.months, now)
        for state, sign in ((DutyState.PENDING, -1), (DutyState.OVERDUE, 1))
    ]


def _apply(
    changes: Iterable[Change], counts: dict[str, Counts], period: Period, holders: Mapping[str, Unit | None]
) -> set[str]:
    """Add the changes in months that count for their unit; returns the units whose counts they changed."""
    months = {code: frozenset(counting_months(unit, period)) for code, unit in holders.items()}
    changed = set()
    for code, month, due_month, measure, state, n in changes:
        if month in months[code]:
            add(counts.setdefault(code, {}), measure, in_period(state, due_month, period), n)
            changed.add(code)
    return changed
