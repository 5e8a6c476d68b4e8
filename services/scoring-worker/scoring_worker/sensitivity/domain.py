"""Ranks under weights that are drawn. Pure and exact: all numbers of a draw are whole."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.bands import Band
from scoring_worker.index_sets.domain import IndexSet, Ties
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.frame import seats
from scoring_worker.index_sets.leaf import ZERO, Subject
from scoring_worker.index_sets.reading import rounded as half_up

GRAIN: Final = 10_000
"""Weights are drawn, and kept, in ten-thousandths of themselves."""
WIDEST: Final = Decimal("0.5")
DRAWS_AT_ONCE: Final = 100
"""Draws of a block. Each block has a generator of its own, so that blocks may be reckoned in any order."""
THREADS: Final = 4
SWAPS_ABOVE: Final = Fraction(1, 20)
"""Of neighbours that change places in more of the draws than this, a word is said."""
_MOST_PLACES: Final = 9
_EVER: Final = 2**62
_EXACT: Final = 2**50
"""Below it, floating point adds whole numbers exactly, in whatever order a machine adds them; products of a weight and
the whole, which are integers of 64 bits, have room as well."""

Whole = NDArray[np.int64]


class Bounds(NamedTuple):
    """The values with which a unit keeps its band, in units of the last place: from `first` on, below `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """A unit that has a rank: its points by criterion, with what each adds to the maximum; nothing where missing.

    `beside` are its bonus points less its penalties. `bounds` are None where it has no band.
    """

    unit: str
    rank: int
    points: Sequence[Decimal]
    counted: Sequence[Decimal]
    beside: Decimal
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class Table:
    """Units of one kind, the best first, against criteria, whose own points are `weights`."""

    weights: Sequence[Fraction]
    rows: Sequence[Row]
    ties: Ties
    percent_places: int
    total_places: int | None = None
    """Places of the total, where bands are bounds of it and not of the percent."""


class Placed(NamedTuple):
    """A unit that has a rank: what is known of it, its band, and which conditions of bands it meets."""

    subject: Subject
    rank: int
    band: Band | None
    gates: Mapping[str, bool | None]


class Draws(NamedTuple):
    """What is drawn: `number` times, each weight between 1 - `spread` and 1 + `spread` of itself.

    `interval` is the share of its ranks that the interval of a unit holds at least.
    """

    spread: Decimal
    number: int
    seed: int
    interval: Decimal


class Stability(NamedTuple):
    """The ranks of a unit. Shares are of the draws; `in_band` is None where it has no band."""

    median: int
    lowest: int
    highest: int
    first: Fraction
    kept: Fraction
    in_band: Fraction | None


class Swap(NamedTuple):
    """Neighbours, and the share of draws in which the lower one was above the other."""

    upper: str
    lower: str
    share: Fraction


class Found(NamedTuple):
    units: list[Stability]
    """In the order of the table."""
    swaps: list[Swap]
    """The most frequent first."""


def table_of(evaluator: Evaluator, kind: UnitKind, units: Sequence[Placed]) -> Table:
    """The table of the ranked units of a kind, the best first."""
    index_set = evaluator.index_set
    held = seats(index_set, kind, {})
    leaves = [
        leaf
        for part in index_set.fields
        if part.adds == "points"
        for criterion in part.criteria
        for leaf in criterion.leaves()
    ]
    total_places = index_set.places.total if index_set.bands_of == "total" else None
    percent_places = index_set.places.percent
    places = percent_places if total_places is None else total_places
    rows = []
    for unit in units:
        given = evaluator.points(unit.subject)
        points = [given[leaf.code] for leaf in leaves]
        rows.append(
            Row(
                unit.subject.unit,
                unit.rank,
                [each.score or ZERO for each in points],
                [each.counted for each in points],
                _beside(evaluator, unit.subject),
                None if unit.band is None else bounds(index_set, unit.band, unit.gates, places),
            )
        )
    weights = [Fraction(leaf.max or 0) * held[leaf.code].factor for leaf in leaves]
    return Table(weights, rows, index_set.ranking, percent_places, total_places)


def bounds(index_set: IndexSet, band: Band, gates: Mapping[str, bool | None], places: int) -> Bounds:
    """The values with which a unit keeps the band that it has: conditions do not follow from weights."""
    if any(gates[gate] for each in index_set.bands for gate in each.forced_by):
        return Bounds(-_EVER, _EVER)
    above = [
        _first(each, places)
        for each in index_set.bands
        if each.bound > band.bound and all(gates[gate] is not False for gate in each.requires)
    ]
    return Bounds(_first(band, places), min(above, default=_EVER))


def stability(table: Table, draws: Draws) -> Found:
    """The ranks of the units when weights move. Equal draws of an equal table give equal answers on any machine."""
    if not table.rows:
        return Found([], [])
    matrices = _Matrices(table)
    blocks = range(-(-draws.number // DRAWS_AT_ONCE))
    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(lambda block: matrices.block(drawn(matrices.own, draws, block)), blocks))
    ranks = np.sort(np.concatenate([block.ranks for block in found]), axis=0)
    in_band = np.sum([block.in_band for block in found], axis=0)
    swapped = np.sum([block.swapped for block in found], axis=0)
    lowest, median, highest = (_at(ranks, share) for share in _shares(draws.interval))
    units = [
        Stability(
            int(median[place]),
            int(lowest[place]),
            int(highest[place]),
            Fraction(int((ranks[:, place] == 1).sum()), draws.number),
            Fraction(int((ranks[:, place] == row.rank).sum()), draws.number),
            None if row.bounds is None else Fraction(int(in_band[place]), draws.number),
        )
        for place, row in enumerate(table.rows)
    ]
    swaps = [
        Swap(upper.unit, lower.unit, Fraction(int(times), draws.number))
        for (upper, lower), times in zip(pairwise(table.rows), swapped, strict=True)
        if upper.rank != lower.rank
    ]
    return Found(units, sorted((one for one in swaps if one.share > SWAPS_ABOVE), key=lambda one: -one.share))


def drawn(own: Whole, draws: Draws, block: int) -> Whole:
    """The weights of a block (draws x criteria), in ten-thousandths of the criteria's own.

    Each is drawn from an even distribution; then all of a draw are scaled so that the whole keeps its points.
    """
    number = min(DRAWS_AT_ONCE, draws.number - block * DRAWS_AT_ONCE)
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(draws.seed, spawn_key=(block,))))
    low, high = int(GRAIN * (1 - draws.spread)), int(GRAIN * (1 + draws.spread))
    raw = generator.integers(low, high, size=(number, len(own)), endpoint=True)
    whole = (raw @ own)[:, None]
    return np.asarray((2 * GRAIN * own.sum() * raw + whole) // (2 * whole), np.int64)


class _Block(NamedTuple):
    """Of some draws: ranks (draws x units), how often each unit was in its band, how often neighbours changed."""

    ranks: NDArray[np.int32]
    in_band: Whole
    swapped: Whole


class _Matrices:
    """A table in whole numbers: points in units of the last place that leaves every sum exact."""

    def __init__(self, table: Table) -> None:
        self._table = table
        most = max(sum(table.weights), *(sum(row.counted) + abs(row.beside) for row in table.rows), 1)
        # Scaled, a weight is at most (1 + 0.5) / (1 - 0.5) of itself. Some room is left for the rounding of weights.
        fitting = (each for each in range(_MOST_PLACES, -1, -1) if 4 * GRAIN * most * 10**each < _EXACT)
        self._unit = 10 ** next(fitting, 0)
        self.own = self._whole([table.weights])[0]
        self._points = self._whole([row.points for row in table.rows]).T.astype(np.float64)
        self._counted = self._whole([row.counted for row in table.rows]).T.astype(np.float64)
        self._beside = GRAIN * self._whole([[row.beside for row in table.rows]])
        self._bounds = np.array([row.bounds or Bounds(0, 0) for row in table.rows], np.int64).T

    def block(self, weights: Whole) -> _Block:
        """What these weights give."""
        factors = weights.astype(np.float64)
        total = np.maximum((factors @ self._points).astype(np.int64) + self._beside, 0)
        maximum = (factors @ self._counted).astype(np.int64)
        percent = rounded(total, maximum, 2 + self._table.percent_places)
        places = self._table.total_places
        value = percent if places is None else rounded(total, np.full_like(total, GRAIN * self._unit), places)
        first, end = self._bounds
        return _Block(
            ranked(percent, self._table.ties),
            ((first <= value) & (value < end)).sum(axis=0),
            (percent[:, 1:] > percent[:, :-1]).sum(axis=0),
        )

    def _whole(self, numbers: Sequence[Sequence[Decimal | Fraction]]) -> Whole:
        return np.array([[int(half_up(number * self._unit, 0)) for number in row] for row in numbers], np.int64)


def rounded(part: Whole, whole: Whole, digits: int) -> Whole:
    """`part` / `whole` in units of the last of so many decimal digits, halves up: digit by digit, as on paper."""
    result, rest = np.divmod(part, whole)
    for _ in range(digits):
        digit, rest = np.divmod(10 * rest, whole)
        result = 10 * result + digit
    return np.asarray(result + (2 * rest >= whole), np.int64)


def ranked(values: Whole, ties: Ties) -> NDArray[np.int32]:
    """The rank of each value among those of its draw, the highest first."""
    order = np.argsort(-values, axis=1)
    falling = np.take_along_axis(values, order, axis=1)
    new = np.ones(values.shape, np.bool_)
    new[:, 1:] = falling[:, 1:] != falling[:, :-1]
    if ties == "1-2-2-4":
        places = np.maximum.accumulate(np.where(new, np.arange(values.shape[1]), 0), axis=1) + 1
    else:
        places = new.cumsum(axis=1)
    found = np.empty(values.shape, np.int32)
    np.put_along_axis(found, order, places.astype(np.int32), axis=1)
    return found


def _beside(evaluator: Evaluator, of: Subject) -> Decimal:
    """Bonus points less penalties, within their caps."""
    fields = zip(evaluator.index_set.fields, evaluator.score(of).fields, strict=True)
    return sum((found.score or ZERO for part, found in fields if part.adds != "points"), ZERO)


def _first(band: Band, places: int) -> int:
    """The lowest value with which a band is reached, in units of the last place."""
    number, beyond = band.bound
    scaled: Fraction = Fraction(number) * 10**places
    return floor(scaled) + 1 if beyond else ceil(scaled)


def _at(ranks: NDArray[np.int32], share: Fraction) -> NDArray[np.int32]:
    """The lowest rank at or below which at least this share of the sorted ranks of each unit lie."""
    return np.asarray(ranks[max(ceil(share * len(ranks)), 1) - 1], np.int32)


def _shares(interval: Decimal) -> Iterator[Fraction]:
    beyond = (1 - Fraction(interval)) / 2
    return iter((beyond, Fraction(1, 2), 1 - beyond))
