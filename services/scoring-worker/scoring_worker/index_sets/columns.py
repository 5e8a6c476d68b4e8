"""The points of criteria for many units at once.

What all units read is gathered once, into arrays of whole numbers, and points along lines follow from them in a few
products. Whatever has no such form is left to `Leaf.points`, unit by unit: rules without lines, numbers that are too
fine or too large, points that somebody gave.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np

from scoring_worker.index_sets.arrays import gathered
from scoring_worker.index_sets.frame import Seat, Seats
from scoring_worker.index_sets.leaf import Leaf, Points, Subject
from scoring_worker.index_sets.lines import Truth, Whole, along
from scoring_worker.index_sets.reading import UNKNOWN, Reading

_OUTCOMES: Final = (Reading(0, 1), UNKNOWN, Reading(0, 0))
"""Readings with which a criterion is scored, is without data, and is a share of nothing: `Numbers.outcome` in order."""


class Column(NamedTuple):
    """A criterion for many units: `scores` in units of the last place, 0 where there is none.

    `alike` are points that differ from those of a unit at most in the score; `kinds` says for each unit which.
    """

    scores: list[int]
    kinds: list[int]
    alike: Sequence[Points]


class Units:
    """Units that are scored together, with the seats that each has."""

    def __init__(self, leaves: Iterable[Leaf], subjects: Sequence[Subject], seats: Sequence[Seats]) -> None:
        self.subjects = subjects
        alike = {id(each): each for each in seats}
        self._alike = list(alike.values())
        places = {key: place for place, key in enumerate(alike)}
        self._of = np.array([places[id(each)] for each in seats], np.intp)
        self._given: defaultdict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(subjects):
            for criterion in each.given:
                self._given[criterion].append(place)
        read = {code: each for leaf in leaves if leaf.lines is not None for _, code, each in leaf.indicators}
        self.numbers = gathered(read, subjects)
        """What they read of the indicators that rules with lines are given."""

    def seats(self, criterion: str) -> tuple[list[Seat], Whole]:
        """The seats of a criterion, and which of them each unit has."""
        found: dict[tuple[tuple[int, int], bool], int] = {}
        seats, order = list[Seat](), list[int]()
        for each in self._alike:
            seat = each[criterion]
            key = seat.factor.as_integer_ratio(), seat.applies  # a fraction takes long to hash
            if key not in found:
                found[key] = len(seats)
                seats.append(seat)
            order.append(found[key])
        return seats, np.array(order, np.intp)[self._of]

    def given(self, criterion: str) -> list[int]:
        """The units that somebody gave points for a criterion."""
        return self._given.get(criterion, [])


def column(leaf: Leaf, units: Units) -> Column:
    """The points of a criterion for each of the units."""
    seats, of = units.seats(leaf.code)
    applies = np.array([seat.applies for seat in seats])[of]
    points, outcome, alone = _by_lines(leaf, units, seats, of)
    alone[units.given(leaf.code)] = True
    alike = _Alike()
    fixed = [(place, _fixed(leaf, seat, each)) for place, seat in enumerate(seats) for each in _OUTCOMES]
    row = len(_OUTCOMES) * of + outcome
    kinds = np.array([alike.kind(place, one) for place, one in fixed])[row].tolist()
    own = np.array([_whole(one.score, leaf.places) for _, one in fixed])[row]
    scores = np.where(applies & (outcome == 0), points, own).tolist()
    for unit in np.flatnonzero(applies & alone).tolist():
        place = of[unit]
        one = leaf.points(units.subjects[unit], seats[place])
        scores[unit], kinds[unit] = _whole(one.score, leaf.places), alike.kind(place, one)
    return Column(scores, kinds, alike.points)


def _by_lines(leaf: Leaf, units: Units, seats: Sequence[Seat], of: Whole) -> tuple[Whole, Whole, Truth]:
    """Points of a rule that gives them along lines, what each unit is known by, and of whom neither is said."""
    if leaf.lines is None:
        nothing = np.zeros(len(of), np.int64)
        return nothing, nothing, np.ones(len(of), np.bool_)
    ((_, code, _),) = leaf.indicators
    read = units.numbers[code]
    n = read.d - read.n if leaf.down else read.n
    d = read.d if leaf.rule.over == "value" else np.full_like(read.d, read.scale)
    points, fits = along(leaf.lines, [seat.factor for seat in seats], of, n, d, leaf.places)
    return points, read.outcome, ~(fits & read.fits)


def _fixed(leaf: Leaf, seat: Seat, read: Reading) -> Points:
    if not seat.applies:
        return leaf.points(Subject({}), seat)
    return leaf.give(seat.factor, (read,) * len(leaf.indicators))


class _Alike:
    """Points of a criterion, one of each kind: of one seat and state, with a score or without, all else is the same."""

    def __init__(self) -> None:
        self.points: list[Points] = []
        self._kinds: dict[tuple[int, str, bool], int] = {}

    def kind(self, seat: int, points: Points) -> int:
        key = seat, points.state, points.score is None
        kind = self._kinds.setdefault(key, len(self.points))
        if kind == len(self.points):
            self.points.append(points)
        return kind


def _whole(score: Decimal | None, places: int) -> int:
    return 0 if score is None else int(score.scaleb(places))
