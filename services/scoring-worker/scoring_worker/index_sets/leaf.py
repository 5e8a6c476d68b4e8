"""A criterion with a rule: its points for a unit, and what they were given for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from cchc_shared.contract.codes import UnitKind
from scoring_worker.counts.domain import Counts
from scoring_worker.index_sets import sentences
from scoring_worker.index_sets.domain import Criterion, IndexSet, Missing, Nothing
from scoring_worker.index_sets.figures import Told
from scoring_worker.index_sets.frame import FULL, ONE, Seat
from scoring_worker.index_sets.indicators import Component, FromEvents, FromSet, Indicator, Source, Term
from scoring_worker.index_sets.reading import UNKNOWN, Exact, Reading, exact, rounded, shown
from scoring_worker.index_sets.texts import Text

ZERO: Final = Decimal(0)
SHOWN_PLACES: Final = 4
"""Shares and amounts are shown to four places; points are given from the exact numbers."""
POINT_PLACES: Final = 9
"""Maxima that are no decimal numbers, such as a third of 4 points, are kept to so many places."""
CACHED: Final = 10_000
"""Points that each criterion holds in memory."""

State = Literal["scored", "missing", "not_applicable"]
Values = Mapping[str, Reading]
"""Numbers of a unit and period that do not come from events, by indicator."""
NO_VALUES: Final[Values] = MappingProxyType({})
Components = Mapping[Component, Reading]
"""What other sets say of a unit and period."""
NO_COMPONENTS: Final[Components] = MappingProxyType({})
Given = Mapping[str, Decimal]
"""Points that somebody gave, by criterion: they stand in place of those of the rule."""
NOTHING_GIVEN: Final[Given] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit in a period, with all that is known of it. A unit whose kind is not known is held to every criterion."""

    counts: Counts
    kind: UnitKind | None = None
    values: Values = field(default_factory=lambda: NO_VALUES)
    unit: str = ""
    period: str = ""
    given: Given = field(default_factory=lambda: NOTHING_GIVEN)
    components: Components = field(default_factory=lambda: NO_COMPONENTS)


class Points(NamedTuple):
    """The result of a criterion: its score, what it adds to the maximum of the whole, and why.

    `applies` are the points that the unit could have had: `counted`, and those of a criterion without data.
    """

    score: Decimal | None
    counted: Decimal
    applies: Decimal
    state: State


NOT_APPLICABLE: Final = Points(None, ZERO, ZERO, "not_applicable")


@dataclass(frozen=True, slots=True)
class IndicatorInput:
    """An indicator as it went into a rule. `states` counts the facts behind it, duties not yet due too.

    `source` is where the numbers are from: an indicator that is counted may also be entered. `component` is the part of
    another set that it reads.
    """

    indicator: str
    numerator: Decimal | int | None
    denominator: Decimal | int | None
    value: Decimal | None
    states: dict[str, int]
    source: Source = "events"
    component: Component | None = None


def reading(code: str, indicator: Indicator, of: Subject) -> Reading:
    """What an indicator says of a subject."""
    if isinstance(indicator, FromSet):
        return of.components.get(indicator.component, UNKNOWN)
    if not isinstance(indicator, FromEvents):
        return of.values.get(code, UNKNOWN)
    if indicator.or_entered and (entered := _entered(code, of)) is not None:
        return entered
    denominator = _sum(indicator.denominator, of.counts) if indicator.denominator else None
    counted = Reading(_sum(indicator.numerator, of.counts), denominator)
    return UNKNOWN if indicator.or_entered and counted.is_of_nothing else counted


def _entered(code: str, of: Subject) -> Reading | None:
    """What was entered of an indicator that is counted; None where that was nothing, or was taken back."""
    found = of.values.get(code)
    return found if found is not None and (found.is_known or not found.applies) else None


class Leaf:
    """A criterion with a rule. It caches points by their numbers: many units have the same."""

    def __init__(self, criterion: Criterion, index_set: IndexSet) -> None:
        assert criterion.rule is not None  # noqa: S101 - a leaf has one
        assert criterion.max is not None  # noqa: S101 - and points
        self.code = criterion.code
        self.rule = criterion.rule
        self.max = criterion.max
        self.name = criterion.name
        self.down = criterion.direction == "down"
        self.indicators = [(name, code, index_set.indicators[code]) for name, code in criterion.named.items()]
        self._missing = criterion.missing or index_set.missing
        self._nothing = criterion.zero_denominator or index_set.zero_denominator
        self.places = index_set.places.criteria
        self.lines = self.rule.lines(exact(self.max))
        self._known: dict[tuple[tuple[int, int], tuple[Reading, ...]], Points] = {}
        self._full = Points(rounded(self.max, self.places), self.max, ZERO, "not_applicable")

    def points(self, of: Subject, seat: Seat) -> Points:
        """The points of a subject that has this seat."""
        if not seat.applies:
            return self._full if seat == FULL else NOT_APPLICABLE
        if of.given and (given := of.given.get(self.code)) is not None:
            held = self._held(seat.factor)
            return Points(rounded(given, self.places), held, held, "scored")
        readings = tuple([reading(code, indicator, of) for _, code, indicator in self.indicators])
        key = seat.factor.as_integer_ratio(), readings  # a fraction takes long to hash
        points = self._known.get(key)
        if points is None:
            if len(self._known) >= CACHED:
                self._known.clear()
            points = self._known[key] = self.give(seat.factor, readings)
        return points

    def inputs(self, of: Subject) -> tuple[IndicatorInput, ...]:
        """The numbers behind the points."""
        return tuple(_input(code, indicator, of) for _, code, indicator in self.indicators)

    def sentence(self, of: Subject, seat: Seat) -> Text:
        """How the points of a subject that has this seat came about; the seat is one that applies."""
        readings = tuple([reading(code, indicator, of) for _, code, indicator in self.indicators])
        found = self._find(readings)
        given = self.give(seat.factor, readings)
        inputs = list(zip(self.indicators, readings, strict=True))
        if found.lacks == "data":
            names = [indicator.name for (_, _, indicator), each in inputs if each.n is None]
            return sentences.without_data(names, self._instead(found), given.score)
        if found.lacks == "sense":
            wrong = [(indicator.name, each) for (_, _, indicator), each in inputs if _contradicts(each)]
            return sentences.without_sense(wrong, self._instead(found), given.score)
        if found.lacks == "denominator":
            names = [indicator.name for (_, _, indicator), each in inputs if each.is_of_nothing]
            return sentences.of_nothing(names, self._instead(found), given.score, as_missing=self._nothing == "missing")
        told = {
            name: Told(indicator.name, indicator.of, _source(code, indicator, of), found.named[name], each)
            for (name, code, indicator), each in inputs
        }
        formula = self.rule.sentence(exact(self.max), told)
        if found.points is None:
            return sentences.without_result(formula, self._instead(found), given.score)
        return sentences.scored(formula, seat.factor, found.points * seat.factor, given.score or ZERO)

    def give(self, factor: Fraction, readings: tuple[Reading, ...]) -> Points:
        alike = factor is ONE
        held = self._held(factor)
        found = self._find(readings)
        if found.points is None:
            return self._without(held, self._instead(found))
        return Points(rounded(found.points if alike else found.points * factor, self.places), held, held, "scored")

    def _find(self, readings: tuple[Reading, ...]) -> "_Found":
        """What the rule gives for these readings, or what they lack."""
        named = {}
        of_nothing = False
        for (name, _, _), each in zip(self.indicators, readings, strict=True):
            if each.n is None:
                return _Found(None, "data", {})
            if _contradicts(each):
                return _Found(None, "sense", {})
            of_nothing = of_nothing or each.d == 0
            named[name] = _rest(each) if self.down else each
        if of_nothing:
            return _Found(None, "denominator", {})
        points = self.rule.points(exact(self.max), named)
        return _Found(points, "result" if points is None else None, named)

    def _instead(self, found: "_Found") -> Missing | Nothing:
        """What a criterion that lacks something has in place of points."""
        is_nothing = found.lacks == "denominator" and self._nothing != "missing"
        return self._nothing if is_nothing else self._missing

    def _held(self, factor: Fraction) -> Decimal:
        return self.max if factor is ONE else rounded(factor * exact(self.max), POINT_PLACES)

    def _without(self, held: Decimal, instead: str) -> Points:
        """Without data: left out, nothing or everything, as the set says."""
        if instead == "exclude":
            return Points(None, ZERO, held, "missing")
        score = ZERO if instead == "zero" else held
        return Points(rounded(score, self.places), held, held, "missing")


class _Found(NamedTuple):
    """What a rule gives; `lacks` says why there is nothing. `named` are the readings that it was given."""

    points: Fraction | None
    lacks: Literal["data", "sense", "denominator", "result"] | None
    named: dict[str, Reading]


def _contradicts(each: Reading) -> bool:
    """Whether it is more than all."""
    return each.n is not None and each.d is not None and each.d < each.n


def _rest(share: Reading) -> Reading:
    """What is left of a share."""
    assert share.n is not None  # noqa: S101 - asked before
    whole: Exact = 1 if share.d is None else share.d
    return Reading(Fraction(whole) - Fraction(share.n), share.d)


def _source(code: str, indicator: Indicator, of: Subject) -> Source:
    """Where the numbers are from: an indicator that is counted may also be entered."""
    is_entered = isinstance(indicator, FromEvents) and indicator.or_entered and _entered(code, of) is not None
    return "imported" if is_entered else indicator.source


def _input(code: str, indicator: Indicator, of: Subject) -> IndicatorInput:
    read = reading(code, indicator, of)
    value = shown(read.value, SHOWN_PLACES) if read.is_known and not read.is_of_nothing else None
    states: dict[str, int] = {}
    source = _source(code, indicator, of)
    if isinstance(indicator, FromEvents) and source == "events":
        for measure in indicator.measures:
            for state, n in of.counts.get(measure, {}).items():
                states[state] = states.get(state, 0) + n
    component = indicator.component if isinstance(indicator, FromSet) else None
    return IndicatorInput(code, _number(read.n), _number(read.d), value, states, source, component)


def _number(number: Exact | None) -> Decimal | int | None:
    return shown(number, POINT_PLACES) if isinstance(number, Fraction) else number


def _sum(terms: tuple[Term, ...], counts: Counts) -> int:
    total = 0
    for term in terms:
        numbers = counts.get(term.measure)
        if numbers is not None:
            for state in term.states:
                total += numbers.get(state, 0)
    return total
