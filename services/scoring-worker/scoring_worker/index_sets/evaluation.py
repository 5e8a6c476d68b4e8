"""Computes a score and its contribution tree from counts. Pure, decimal, and the only place where points are given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from cchc_shared.contract.codes import UnitKind
from scoring_worker.counts.domain import Counts
from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.domain import Criterion, IndexSet, Indicator, Term, Text
from scoring_worker.sources import Measure

ZERO = Decimal(0)
SHARE = Decimal("0.0001")
"""Shares are shown to four places; points are given from the exact numbers."""

CACHED = 10_000
"""Points that each criterion holds in memory."""

NodeState = Literal["scored", "missing", "not_applicable"]


class Points(NamedTuple):
    """The result of a criterion: its score, what it adds to the maximum of the whole, and why."""

    score: Decimal | None
    counted: Decimal
    state: NodeState


NOT_APPLICABLE = Points(None, ZERO, "not_applicable")


class FieldPoints(NamedTuple):
    """The result of a field; `score` is None where nothing in it could be scored."""

    code: str
    score: Decimal | None
    max: Decimal


class Score(NamedTuple):
    """The score of one unit and period; `percent` is None where nothing could be scored."""

    total: Decimal
    max: Decimal
    percent: Decimal | None
    fields: tuple[FieldPoints, ...]


@dataclass(frozen=True, slots=True)
class IndicatorInput:
    """An indicator as it went into a rule. `states` counts the facts behind it, duties not yet due too."""

    indicator: str
    numerator: int
    denominator: int | None
    value: Decimal | None
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A field or criterion in the tree. `counted` is what it adds to the maximum of the whole."""

    code: str
    name: Text
    max: Decimal
    counted: Decimal
    score: Decimal | None
    state: NodeState
    rule: str | None = None
    inputs: tuple[IndicatorInput, ...] = ()
    children: tuple["Node", ...] = ()


class Evaluator:
    """Scores counts by one version of an index set."""

    def __init__(self, index_set: IndexSet) -> None:
        self.index_set = index_set
        self._place = Decimal(1).scaleb(-index_set.places)
        self._leaves = {leaf.code: _Leaf(leaf, index_set, self._place) for leaf in index_set.leaves()}
        self.reads = frozenset(fact for leaf in self._leaves.values() for fact in leaf.reads())
        """The measures and states that a score depends on. No other fact can move it."""
        self._by_field = [
            (part.code, [self._leaves[leaf.code] for criterion in part.criteria for leaf in criterion.leaves()])
            for part in index_set.fields
        ]

    def score(self, counts: Counts, kind: UnitKind | None) -> Score:
        """The score by these counts. A unit whose kind is not known yet is held to every criterion."""
        total = maximum = ZERO
        fields = []
        for code, leaves in self._by_field:
            field_score: Decimal | None = None
            field_max = ZERO
            for leaf in leaves:
                score, counted, _ = leaf.points(counts, kind)
                field_max += counted
                if score is not None:
                    field_score = score if field_score is None else field_score + score
            fields.append(FieldPoints(code, field_score, field_max))
            total += field_score or ZERO
            maximum += field_max
        percent = (total * 100 / maximum).quantize(self._place, ROUND_HALF_UP) if maximum else None
        return Score(total, maximum, percent, tuple(fields))

    def tree(self, counts: Counts, kind: UnitKind | None) -> tuple[Node, ...]:
        """Where the score comes from: every field down to the inputs of its criteria."""
        return tuple(
            _group(part.code, part.name, [self._node(criterion, counts, kind) for criterion in part.criteria])
            for part in self.index_set.fields
        )

    def _node(self, criterion: Criterion, counts: Counts, kind: UnitKind | None) -> Node:
        if criterion.criteria:
            children = [self._node(child, counts, kind) for child in criterion.criteria]
            return _group(criterion.code, criterion.name, children)
        return self._leaves[criterion.code].node(counts, kind)


class _Leaf:
    """A criterion with a rule. It caches points by their numbers: many units have the same."""

    def __init__(self, criterion: Criterion, index_set: IndexSet, place: Decimal) -> None:
        assert criterion.rule and criterion.max and criterion.indicator  # noqa: S101, PT018 - a leaf has them
        self._criterion = criterion
        self._rule = criterion.rule
        self._max = criterion.max
        self._name = criterion.indicator
        self._indicator: Indicator = index_set.indicators[criterion.indicator]
        self._missing = criterion.missing or index_set.missing
        self._place = place
        self._known: dict[tuple[int, int | None], Points] = {}

    def reads(self) -> Iterator[tuple[Measure, FactState]]:
        for term in (*self._indicator.numerator, *self._indicator.denominator):
            for state in term.states:
                yield term.measure, state

    def points(self, counts: Counts, kind: UnitKind | None) -> Points:
        if kind is not None and self._criterion.kinds and kind not in self._criterion.kinds:
            return NOT_APPLICABLE
        numbers = self._numbers(counts)
        points = self._known.get(numbers)
        if points is None:
            if len(self._known) >= CACHED:
                self._known.clear()
            points = self._known[numbers] = self._give(*numbers)
        return points

    def node(self, counts: Counts, kind: UnitKind | None) -> Node:
        criterion = self._criterion
        score, counted, state = self.points(counts, kind)
        inputs = (self._input(counts),)
        return Node(criterion.code, criterion.name, self._max, counted, score, state, self._rule.kind, inputs)

    def _numbers(self, counts: Counts) -> tuple[int, int | None]:
        indicator = self._indicator
        denominator = _sum(indicator.denominator, counts) if indicator.denominator else None
        return _sum(indicator.numerator, counts), denominator

    def _give(self, numerator: int, denominator: int | None) -> Points:
        if denominator == 0:
            return Points(ZERO, self._max, "missing") if self._missing == "zero" else Points(None, ZERO, "missing")
        points = self._rule.points(self._max, numerator, denominator or 0)
        return Points(points.quantize(self._place, ROUND_HALF_UP), self._max, "scored")

    def _input(self, counts: Counts) -> IndicatorInput:
        numerator, denominator = self._numbers(counts)
        value = Decimal(numerator) if denominator is None else None
        if denominator:
            value = (Decimal(numerator) / denominator).quantize(SHARE, ROUND_HALF_UP)
        states: dict[str, int] = {}
        for state, n in _states(self._indicator, counts):
            states[state] = states.get(state, 0) + n
        return IndicatorInput(self._name, numerator, denominator, value, states)


def _sum(terms: tuple[Term, ...], counts: Counts) -> int:
    total = 0
    for term in terms:
        numbers = counts.get(term.measure)
        if numbers is not None:
            for state in term.states:
                total += numbers.get(state, 0)
    return total


def _states(indicator: Indicator, counts: Counts) -> Iterator[tuple[str, int]]:
    for measure in indicator.measures:
        yield from counts.get(measure, {}).items()


def _group(code: str, name: Text, children: Sequence[Node]) -> Node:
    """The sum of what could be scored; of children none of which has a score it takes the state."""
    scores = [child.score for child in children if child.score is not None]
    states = {child.state for child in children}
    state: NodeState = "scored" if scores else "missing" if "missing" in states else "not_applicable"
    return Node(
        code,
        name,
        sum((child.max for child in children), ZERO),
        sum((child.counted for child in children), ZERO),
        sum(scores, ZERO) if scores else None,
        state,
        children=tuple(children),
    )
