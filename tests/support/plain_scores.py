"""Scores by a plain loop in exact fractions: unit by unit, criterion by criterion."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from scoring_worker.index_sets.domain import Criterion, Field, IndexSet
from scoring_worker.index_sets.evaluation import FieldPoints, Score
from scoring_worker.index_sets.frame import FULL, Seat, Seats, seats
from scoring_worker.index_sets.leaf import Subject, reading
from scoring_worker.index_sets.reading import Reading, rounded, shown

NONE = Fraction(0)


class Part(NamedTuple):
    """Of a criterion or field: its score, what it adds to the maximum, what applies, and what of that is known."""

    score: Fraction | None
    counted: Fraction = NONE
    applies: Fraction = NONE
    covered: Fraction = NONE


def looped(index_set: IndexSet, units: Iterable[Subject]) -> list[Score]:
    """The scores of units. The frame of those that nothing is exempt for is looked at once for each kind."""
    frames = {kind: seats(index_set, kind, {}) for kind in (*index_set.kinds, None)}
    found = []
    for of in units:
        exempt = dict(index_set.exempts(of.unit, of.kind, of.period))
        for leaf in index_set.leaves():
            if any(_is_out(index_set, code, of) for code in leaf.named.values()):
                exempt[leaf.code] = None
        plain = None if exempt else frames.get(of.kind)
        found.append(_score(index_set, seats(index_set, of.kind, exempt) if plain is None else plain, of))
    return found


def _is_out(index_set: IndexSet, code: str, of: Subject) -> bool:
    """Whether somebody entered that an indicator does not apply to the unit."""
    return code in of.values and index_set.indicators[code].may_be_entered and not of.values[code].applies


def _score(index_set: IndexSet, here: Seats, of: Subject) -> Score:
    total = maximum = applies = covered = NONE
    fields = []
    for part in index_set.fields:
        one = _field(index_set, part, here, of)
        score = None if one.score is None else shown(one.score, 9)
        fields.append(FieldPoints(part.code, score, _most(one.counted)))
        total += one.score or 0
        maximum += one.counted
        applies += one.applies
        covered += one.covered
    whole = rounded(max(total, NONE), index_set.places.total)
    most = _most(maximum)
    percent = rounded(100 * Fraction(whole) / Fraction(most), index_set.places.percent) if most else None
    coverage = rounded(covered / applies, 4) if applies else None
    return Score(whole, most, percent, coverage, tuple(fields))


def _field(index_set: IndexSet, part: Field, here: Seats, of: Subject) -> Part:
    leaves = [leaf for criterion in part.criteria for leaf in criterion.leaves()]
    found = [_criterion(index_set, leaf, here[leaf.code], of) for leaf in leaves]
    scores = [one.score for one in found if one.score is not None]
    total = Fraction(rounded(sum(scores, NONE), index_set.places.fields)) if scores else None
    if total is not None and part.cap is not None:
        total = min(total, Fraction(part.cap))
    if part.adds != "points":
        return Part(-total if total is not None and part.adds == "penalty" else total)
    counted, applies, covered = (sum(column, NONE) for column in list(zip(*found, strict=True))[1:])
    return Part(total, counted, applies, covered)


def _criterion(index_set: IndexSet, leaf: Criterion, seat: Seat, of: Subject) -> Part:
    assert leaf.max is not None
    assert leaf.rule is not None
    own, places = Fraction(leaf.max), index_set.places.criteria
    if not seat.applies:
        return Part(Fraction(rounded(own, places)), own) if seat == FULL else Part(None)
    held = Fraction(rounded(own * seat.factor, 9)) if seat.factor != 1 else own
    if leaf.code in of.given:
        return Part(Fraction(rounded(of.given[leaf.code], places)), held, held, held)
    read = {name: reading(code, index_set.indicators[code], of) for name, code in leaf.named.items()}
    instead: str = leaf.missing or index_set.missing
    if all(one.n is not None and (one.d is None or one.n <= one.d) for one in read.values()):
        if any(one.d == 0 for one in read.values()):
            nothing = leaf.zero_denominator or index_set.zero_denominator
            instead = instead if nothing == "missing" else nothing
        else:
            given = {name: _rest(one) if leaf.direction == "down" else one for name, one in read.items()}
            points = leaf.rule.points(own, given)
            if points is not None:
                return Part(Fraction(rounded(points * seat.factor, places)), held, held, held)
    if instead == "exclude":
        return Part(None, applies=held)
    return Part(Fraction(rounded(held if instead == "full" else NONE, places)), held, held)


def _rest(share: Reading) -> Reading:
    return Reading((1 if share.d is None else Fraction(share.d)) - Fraction(share.n or 0), share.d)


def _most(number: Fraction) -> Decimal:
    return rounded(number, 4)
