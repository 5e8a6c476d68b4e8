"""From counts to a score with its contribution tree. Pure, decimal, and the only place where points are given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from cchc_shared.codes import UnitKind
from scoring_worker.index_sets.domain import Criterion, Field, IndexSet, Term, Text
from scoring_worker.indicators.domain import Counts

ZERO = Decimal(0)

NodeState = Literal["scored", "missing", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Input:
    """An indicator as it went into a rule. `states` counts the duties behind it, those not yet due too."""

    indicator: str
    numerator: int
    denominator: int | None
    value: Decimal | None
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A field or criterion with its points. `counted` is what it adds to the maximum of the whole."""

    code: str
    name: Text
    max: Decimal
    counted: Decimal
    score: Decimal | None
    state: NodeState
    rule: str | None = None
    inputs: tuple[Input, ...] = ()
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one unit and period; `percent` is None where nothing could be scored."""

    total: Decimal
    max: Decimal
    percent: Decimal | None
    fields: tuple[Node, ...]


class Evaluator:
    """Scores counts by one version of an index set."""

    def __init__(self, index_set: IndexSet) -> None:
        self.index_set = index_set
        self._place = Decimal(1).scaleb(-index_set.places)

    def score(self, counts: Counts, kind: UnitKind | None) -> Score:
        """The score by these counts. A unit whose kind is not known yet is held to every criterion."""
        fields = tuple(self._field(part, counts, kind) for part in self.index_set.fields)
        total = sum((node.score for node in fields if node.score is not None), ZERO)
        maximum = sum((node.counted for node in fields), ZERO)
        percent = self._round(total * 100 / maximum) if maximum else None
        return Score(total, maximum, percent, fields)

    def _field(self, part: Field, counts: Counts, kind: UnitKind | None) -> Node:
        return _group(part.code, part.name, [self._criterion(child, counts, kind) for child in part.criteria])

    def _criterion(self, criterion: Criterion, counts: Counts, kind: UnitKind | None) -> Node:
        if criterion.criteria:
            children = [self._criterion(child, counts, kind) for child in criterion.criteria]
            return _group(criterion.code, criterion.name, children)
        return self._leaf(criterion, counts, kind)

    def _leaf(self, criterion: Criterion, counts: Counts, kind: UnitKind | None) -> Node:
        rule, maximum, name = criterion.rule, criterion.max, criterion.indicator
        assert rule is not None and maximum is not None and name is not None  # noqa: S101, PT018 - a leaf has them
        given = self._input(name, counts)
        score: Decimal | None = None
        counted = ZERO
        state: NodeState = "not_applicable"
        if kind is None or not criterion.kinds or kind in criterion.kinds:
            if given.denominator == 0:
                state = "missing"
                if (criterion.missing or self.index_set.missing) == "zero":
                    score, counted = ZERO, maximum
            else:
                state = "scored"
                score = self._round(rule.points(maximum, given.numerator, given.denominator or 0))
                counted = maximum
        return Node(criterion.code, criterion.name, maximum, counted, score, state, rule.kind, (given,))

    def _input(self, name: str, counts: Counts) -> Input:
        indicator = self.index_set.indicators[name]
        numerator = _sum(indicator.numerator, counts)
        denominator = _sum(indicator.denominator, counts) if indicator.denominator else None
        value = Decimal(numerator) if denominator is None else None
        if denominator:
            value = (Decimal(numerator) / denominator).quantize(_SHARE, ROUND_HALF_UP)
        states: dict[str, int] = {}
        for measure in indicator.measures:
            for state, n in counts.get(measure, {}).items():
                states[state] = states.get(state, 0) + n
        return Input(name, numerator, denominator, value, states)

    def _round(self, value: Decimal) -> Decimal:
        return value.quantize(self._place, ROUND_HALF_UP)


_SHARE = Decimal("0.0001")


def _sum(terms: Iterable[Term], counts: Counts) -> int:
    return sum(counts.get(term.measure, {}).get(state, 0) for term in terms for state in term.states)


def _group(code: str, name: Text, children: Sequence[Node]) -> Node:
    """The sum of what could be scored; of children that are all alike in having no score it takes the state."""
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
