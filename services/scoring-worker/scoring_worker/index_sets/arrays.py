"""What many units read of indicators, in arrays of whole numbers: gathered once, whatever is made of it."""

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Final, NamedTuple

import numpy as np

from scoring_worker.index_sets.indicators import FromEvents, Indicator, Term
from scoring_worker.index_sets.leaf import Subject, reading
from scoring_worker.index_sets.lines import Truth, Whole
from scoring_worker.index_sets.reading import UNKNOWN, Exact, Reading

GRAINS: Final = 10**6
"""Parts of 1 that numbers are counted in: they are entered to six places, and below 10^12."""
LARGEST: Final = 2**62
MOST_FACTS: Final = 10**9
"""Facts of a measure and state that a unit has at most, so that sums of them have room too."""
_NONE: Final = -1
"""In place of a number that is not there."""
_UNFIT: Final = -2
"""In place of a number that has no place in an array."""


class Numbers(NamedTuple):
    """What units read of an indicator: `n` / `d`, which are 0 / 1 where the outcome is not to be scored.

    `outcome` is 0 for what is to be scored, 1 for what is unknown or contradicts itself, 2 for a share of nothing.
    `fits` is false where the numbers have no place in arrays, so that nothing is said of the reading. `scale` is what 1
    is: the numerator alone is `n` / `scale`.
    """

    n: Whole
    d: Whole
    outcome: Whole
    fits: Truth
    scale: int


class _Sides(NamedTuple):
    """Numerators and denominators in grains, indicators x units."""

    n: Whole
    d: Whole


def gathered(indicators: Mapping[str, Indicator], subjects: Sequence[Subject]) -> dict[str, Numbers]:
    """By indicator what each of the subjects reads. It must apply to them: of others nothing is said."""
    counted = {code: each for code, each in indicators.items() if isinstance(each, FromEvents)}
    entered = [code for code, each in indicators.items() if each.may_be_entered]
    others = {code: each for code, each in indicators.items() if not each.may_be_entered and code not in counted}
    readings = list[Reading]()
    for of in subjects:
        readings += map(of.values.get, entered, repeat(UNKNOWN))
        readings += [reading(code, each, of) for code, each in others.items()]
    codes = [*entered, *others]
    found = dict(zip(codes, zip(*_sides(readings, (len(subjects), len(codes))), strict=True), strict=True))
    for code, n, d in zip(counted, *_counted(list(counted.values()), subjects), strict=True):
        found[code] = _or_entered(n, d, *found[code]) if code in found else (n, d)
    if not found:
        return {}
    n, d = (np.array(side) for side in zip(*found.values(), strict=True))
    return dict(zip(found, _numbers(n, d), strict=True))


def _sides(readings: Sequence[Reading], shape: tuple[int, int]) -> _Sides:
    """Of what one unit after the other reads of all indicators: `shape` is units x indicators."""
    grains = _Grains({None: _NONE})
    parts = list(chain.from_iterable(readings))  # of each `n`, `d`, and whether it applies
    return _Sides._make(
        np.fromiter(map(grains.__getitem__, side), np.int64, len(side)).reshape(shape).T
        for side in (parts[0::3], parts[1::3])
    )


class _Grains(dict[Exact | None, int]):
    """Numbers in grains, each reckoned once."""

    def __missing__(self, number: Exact) -> int:
        part, of = number.as_integer_ratio()
        fits = GRAINS % of == 0 and 0 <= part * (GRAINS // of) < LARGEST
        self[number] = found = part * (GRAINS // of) if fits else _UNFIT
        return found


def _counted(indicators: Sequence[FromEvents], subjects: Sequence[Subject]) -> _Sides:
    """All sums of facts are two products of matrices: which facts an indicator counts, and how many there are."""
    facts = list(dict.fromkeys(fact for each in indicators for fact in each.reads))
    table = np.array(
        [[of.counts.get(measure, {}).get(state, 0) for of in subjects] for measure, state in facts], np.int64
    ).reshape(len(facts), len(subjects))
    fits = (table < MOST_FACTS).all(axis=0)
    grains = GRAINS * np.where(fits, table, 0)
    n, d = (
        np.array([[_times(fact, terms) for fact in facts] for terms in side], np.int64).reshape(len(side), len(facts))
        @ grains
        for side in ([each.numerator for each in indicators], [each.denominator for each in indicators])
    )
    is_share = np.array([bool(each.denominator) for each in indicators], np.bool_)[:, None]
    return _Sides(np.where(fits, n, _UNFIT), np.where(is_share, np.where(fits, d, _UNFIT), _NONE))


def _times(fact: tuple[str, str], terms: Sequence[Term]) -> int:
    measure, state = fact
    return sum(term.measure == measure and state in term.states for term in terms)


def _or_entered(counted_n: Whole, counted_d: Whole, n: Whole, d: Whole) -> tuple[Whole, Whole]:
    """What was entered; else what is counted, of which nothing is known where it is a share of nothing."""
    is_known = n != _NONE
    counted_n = np.where(counted_d == 0, _NONE, counted_n)
    return np.where(is_known, n, counted_n), np.where(is_known, d, counted_d)


def _numbers(n: Whole, d: Whole) -> list[Numbers]:
    """Of numerators and denominators in grains, indicators x units."""
    is_unknown, is_share = n == _NONE, d != _NONE
    fits = is_unknown | ((n != _UNFIT) & (d != _UNFIT))
    d = np.where(is_share, d, GRAINS)
    outcome = np.where(is_unknown | (is_share & (d < n)), 1, np.where(d == 0, 2, 0))
    clear = fits & (outcome == 0)
    n, d = np.where(clear, n, 0), np.where(clear, d, GRAINS)
    scale = np.where(((n % GRAINS == 0) & (d % GRAINS == 0)).all(axis=1), 1, GRAINS)
    shorter = (GRAINS // scale)[:, None]
    return list(map(Numbers, n // shorter, d // shorter, outcome, fits, scale.tolist()))
