"""Computes a score and its tree from what is known. Pure, exact, and the only place where points add up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Final, NamedTuple

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Provenance
from scoring_worker.index_sets import sentences
from scoring_worker.index_sets.bands import Band, band_of
from scoring_worker.index_sets.columns import Column, Units, column
from scoring_worker.index_sets.domain import Criterion, Elsewhere, Field, IndexSet
from scoring_worker.index_sets.frame import Seats, absence, seats
from scoring_worker.index_sets.indicators import Component, FromEvents, FromSet
from scoring_worker.index_sets.leaf import (
    CACHED,
    SHOWN_PLACES,
    ZERO,
    IndicatorInput,
    Leaf,
    Points,
    State,
    Subject,
    reading,
)
from scoring_worker.index_sets.reading import Reading
from scoring_worker.index_sets.texts import Text

Moved = tuple[str, str] | str
"""What can move a score: a measure with a state, or an indicator that does not come from events."""
Total = Callable[[Sequence[Decimal]], Decimal | None]
_SHARE: Final = Decimal(1).scaleb(-SHOWN_PLACES)
MANY: Final = 50
"""Units from which on it is faster to score them together."""


class FieldPoints(NamedTuple):
    """The result of a field; `score` is None where nothing in it could be scored, and below 0 for a penalty."""

    code: str
    score: Decimal | None
    max: Decimal


class Score(NamedTuple):
    """The score of one unit and period; `percent` is None where nothing could be scored.

    `coverage` is the share of the points that apply which rest on data; None where none apply.
    """

    total: Decimal
    max: Decimal
    percent: Decimal | None
    coverage: Decimal | None
    fields: tuple[FieldPoints, ...]


class _Added(NamedTuple):
    """What a field adds to the whole beside its score: to the maximum, to what applies, and to what of that is known.

    `max` is its maximum as it is shown.
    """

    code: str
    max: Decimal
    counted: Decimal
    applies: Decimal
    covered: Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """A field or criterion in the tree. `counted` is what it adds to the maximum of the whole.

    `max` are its points in the document; what does not apply to a unit may give it others.
    """

    code: str
    name: Text
    max: Decimal
    counted: Decimal
    score: Decimal | None
    state: State
    source: str
    status: Provenance
    """Of the criterion, or else of the set."""
    rule: str | None = None
    sentence: Text | None = None
    """How the points of a criterion with a rule came about."""
    inputs: tuple[IndicatorInput, ...] = ()
    children: tuple["Node", ...] = ()


class Evaluator:
    """Scores subjects by one version of an index set."""

    def __init__(self, index_set: IndexSet) -> None:
        self.index_set = index_set
        places = index_set.places
        self._of_criterion, self._of_field, self._of_total, self._of_percent = (
            Decimal(1).scaleb(-each) for each in (places.criteria, places.fields, places.total, places.percent)
        )
        self._leaves = {leaf.code: Leaf(leaf, index_set) for leaf in index_set.leaves()}
        used = {code for leaf in index_set.leaves() for code in leaf.named.values()}
        used |= {code for gate in index_set.gates.values() for code in gate.inputs.values()}
        indicators = {code: index_set.indicators[code] for code in used}
        self.enters = frozenset(code for code, each in indicators.items() if each.may_be_entered)
        """The indicators that it depends on and whose numbers may be entered."""
        self.reads: frozenset[Moved] = self.enters.union(
            fact for each in indicators.values() if isinstance(each, FromEvents) for fact in each.reads
        )
        """All that a score depends on: nothing else can move it."""
        self.components = frozenset(each.component for each in indicators.values() if isinstance(each, FromSet))
        """What it reads of other sets."""
        self._by_field = [
            (part, [self._leaves[leaf.code] for criterion in part.criteria for leaf in criterion.leaves()])
            for part in index_set.fields
        ]
        self._readers = {
            code: [leaf.code for leaf in index_set.leaves() if code in leaf.named.values()] for code in self.enters
        }
        self._plain: dict[UnitKind | None, Seats] = {}
        """Those of units without exemptions."""
        self._seats: dict[tuple[UnitKind | None, frozenset[tuple[str, Elsewhere | None]]], Seats] = {}

    def finds(self, of: Subject) -> bool:
        """Whether anything is known that a score depends on."""
        return (
            not self.enters.isdisjoint(of.values)
            or not self.components.isdisjoint(of.components)
            or any((measure, state) in self.reads for measure, states in of.counts.items() for state in states)
        )

    def score(self, of: Subject) -> Score:
        """The score by what is known."""
        here = self._seated(of)
        added, scores = [], []
        for part, leaves in self._by_field:
            points = [leaf.points(of, here[leaf.code]) for leaf in leaves]
            added.append(_added(part, points))
            scores.append(self._sum(part, [each.score for each in points if each.score is not None]))
        return self._whole(added, scores)

    def score_all(self, subjects: Sequence[Subject]) -> list[Score]:
        """What `score` gives for each, to the last digit; of many units in a fraction of the time."""
        if len(subjects) < MANY:
            return [self.score(each) for each in subjects]
        units = Units(self._leaves.values(), subjects, [self._seated(each) for each in subjects])
        fields = [self._field_of_all(part, [column(leaf, units) for leaf in leaves]) for part, leaves in self._by_field]
        added, scores = zip(*fields, strict=True)
        return list(map(self._whole, zip(*added, strict=True), zip(*scores, strict=True)))

    def shares(self, of: Subject) -> dict[Component, Reading]:
        """What other sets may read of it: fields that have a score, and the whole where it can be ranked."""
        score, code = self.score(of), self.index_set.code
        found = {
            Component(code, part.code): Reading(min(part.score, part.max), part.max)
            for part in score.fields
            if part.score is not None and part.max
        }
        if self.is_ranked(score):
            found[Component(code, None)] = Reading(min(score.total, score.max), score.max)
        return found

    def points(self, of: Subject) -> dict[str, Points]:
        """The points of every criterion that is scored by a rule, by its code."""
        here = self._seated(of)
        return {code: leaf.points(of, here[code]) for code, leaf in self._leaves.items()}

    def is_ranked(self, score: Score) -> bool:
        """Whether enough is known for a rank and a band."""
        return score.percent is not None and (score.coverage or ZERO) >= self.index_set.rank_from_coverage

    def gates(self, of: Subject) -> dict[str, bool | None]:
        """Which conditions are met; None where that is not known."""
        indicators = self.index_set.indicators
        return {
            code: gate.program().holds(
                {name: reading(given, indicators[given], of) for name, given in gate.inputs.items()}
            )
            for code, gate in self.index_set.gates.items()
        }

    def band(self, score: Score, of: Subject) -> Band | None:
        """The class of the result; None where too little is known."""
        value = score.percent if self.index_set.bands_of == "percent" else score.total
        if value is None or not self.is_ranked(score):
            return None
        return band_of(self.index_set.bands, value, self.gates(of))

    def results(self, of: Subject) -> dict[str, Points]:
        """The points of every criterion with a rule, in the order of the document."""
        here = self._seated(of)
        return {code: leaf.points(of, here[code]) for code, leaf in self._leaves.items()}

    def tree(self, of: Subject) -> tuple[Node, ...]:
        """Where the score comes from: every field down to the inputs of its criteria."""
        here = self._seated(of)
        return tuple(self._field(part, of, here) for part in self.index_set.fields)

    def _seated(self, of: Subject) -> Seats:
        if not self.index_set.exemptions and not of.values and (found := self._plain.get(of.kind)):
            return found
        exempt = self._exempt(of)
        key = of.kind, frozenset(exempt.items())
        found = self._seats.get(key)
        if found is None:
            if len(self._seats) >= CACHED:
                self._seats.clear()
            found = self._seats[key] = seats(self.index_set, of.kind, exempt)
            if not exempt:
                self._plain[of.kind] = found
        return found

    def _exempt(self, of: Subject) -> dict[str, Elsewhere | None]:
        """What does not apply to the subject, whatever its kind."""
        exempt = dict(self.index_set.exempts(of.unit, of.kind, of.period))
        for code in [code for code, value in of.values.items() if not value.applies]:
            exempt.update(dict.fromkeys(self._readers.get(code, ())))
        return exempt

    def _field_of_all(self, part: Field, columns: Sequence[Column]) -> tuple[list[_Added], list[Decimal | None]]:
        """What a field adds for each unit, and its score. Of units that are alike both are reckoned once."""
        kinds = list(zip(*(each.kinds for each in columns), strict=True))
        sums = list(map(sum, zip(*(each.scores for each in columns), strict=True)))
        alike = {}
        for row in set(kinds):
            points = [each.alike[kind] for each, kind in zip(columns, row, strict=True)]
            alike[row] = _added(part, points), any(each.score is not None for each in points)
        scores = {each: self._sum(part, [each * self._of_criterion]) for each in set(sums)}
        return (
            [alike[row][0] for row in kinds],
            [scores[each] if alike[row][1] else None for row, each in zip(kinds, sums, strict=True)],
        )

    def _whole(self, added: Sequence[_Added], scores: Sequence[Decimal | None]) -> Score:
        total = maximum = covered = applying = ZERO
        fields = []
        for (code, most, counted, applies, known), score in zip(added, scores, strict=True):
            fields.append(FieldPoints(code, score, most))
            total += score or ZERO
            maximum += counted
            applying += applies
            covered += known
        total = max(total, ZERO).quantize(self._of_total, ROUND_HALF_UP)
        maximum = _short(maximum)
        percent = (total * 100 / maximum).quantize(self._of_percent, ROUND_HALF_UP) if maximum else None
        coverage = (covered / applying).quantize(_SHARE, ROUND_HALF_UP) if applying else None
        return Score(total, maximum, percent, coverage, tuple(fields))

    def _sum(self, part: Field, scores: Sequence[Decimal]) -> Decimal | None:
        if not scores:
            return None
        total = sum(scores, ZERO).quantize(self._of_field, ROUND_HALF_UP)
        if part.cap is not None:
            total = min(total, part.cap)
        return -total if part.adds == "penalty" else total

    def _field(self, part: Field, of: Subject, here: Seats) -> Node:
        children = [self._node(criterion, of, here) for criterion in part.criteria]
        group = self._group(part, children, partial(self._sum, part))
        return group if part.adds == "points" else replace(group, counted=ZERO)

    def _node(self, criterion: Criterion, of: Subject, here: Seats) -> Node:
        if criterion.criteria:
            return self._group(criterion, [self._node(each, of, here) for each in criterion.criteria], _plain)
        leaf = self._leaves[criterion.code]
        seat = here[leaf.code]
        score, counted, _, state = leaf.points(of, seat)
        return Node(
            leaf.code,
            leaf.name,
            leaf.max,
            _short(counted),
            score,
            state,
            *self._source(criterion),
            rule=leaf.rule.kind,
            sentence=leaf.sentence(of, seat) if seat.applies else self._why_not(leaf.code, of, here, score),
            inputs=leaf.inputs(of),
        )

    def _why_not(self, leaf: str, of: Subject, here: Seats, score: Decimal | None) -> Text:
        """Why a criterion does not apply, and where its points went."""
        found = absence(self.index_set, of.kind, self._exempt(of), here, leaf)
        entered = (code for code, value in of.values.items() if not value.applies)
        code = next((code for code in entered if found.code in self._readers.get(code, ())), None)
        if code is not None:
            because = sentences.by_entry(self.index_set.indicators[code].name)
        elif found.by_kind and of.kind is not None:
            because = sentences.by_kind(of.kind)
        else:
            because = sentences.by_exemption(self.index_set.reason(found.code, of.unit, of.kind, of.period))
        return sentences.not_applicable(because, found.goes, score)

    def _source(self, of: Criterion | Field) -> tuple[str, Provenance]:
        own = (of.source, of.status) if isinstance(of, Criterion) else (None, None)
        return own[0] or self.index_set.source, own[1] or self.index_set.status

    def _group(self, of: Criterion | Field, children: Sequence[Node], total: Total) -> Node:
        """The sum of what could be scored; of children none of which has a score it takes the state."""
        scores = [child.score for child in children if child.score is not None]
        states = {child.state for child in children}
        state: State = "scored" if scores else "missing" if "missing" in states else "not_applicable"
        return Node(
            of.code,
            of.name,
            sum((child.max for child in children), ZERO),
            sum((child.counted for child in children), ZERO),
            total(scores),
            state,
            *self._source(of),
            children=tuple(children),
        )


def _added(part: Field, points: Sequence[Points]) -> _Added:
    counted = applies = covered = ZERO
    if part.adds == "points":
        for _, held, could_be, state in points:
            counted += held
            applies += could_be
            if state == "scored":
                covered += could_be
    return _Added(part.code, _short(counted), counted, applies, covered)


def _short(number: Decimal) -> Decimal:
    return number if int(number.as_tuple().exponent) >= -SHOWN_PLACES else number.quantize(_SHARE, ROUND_HALF_UP)


def _plain(scores: Sequence[Decimal]) -> Decimal | None:
    return sum(scores, ZERO) if scores else None
