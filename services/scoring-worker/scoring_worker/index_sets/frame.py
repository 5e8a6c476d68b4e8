"""What a unit can have points for: which criteria apply to it, and how many points each holds then.

Points of a criterion that does not apply go elsewhere, as the set says. So the same criterion may hold more points for
one unit than for another. All of it follows from the kind of the unit and its exemptions, not from its numbers.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.domain import Criterion, Elsewhere, Field, IndexSet

ONE = Fraction(1)


class Seat(NamedTuple):
    """A criterion with a rule, as it is for some units: it holds `factor` times its own points.

    `applies` is false where the rule is not asked; then `factor` is 0, or 1 where the unit is given the points.
    """

    factor: Fraction
    applies: bool


SHRUNK = Seat(Fraction(0), applies=False)
FULL = Seat(ONE, applies=False)
Seats = dict[str, Seat]


class _Held(NamedTuple):
    """The points that the rules of a part of the tree may give."""

    code: str
    own: Fraction
    goes: Elsewhere | None = None
    """Where its points go, when it does not apply."""


def seats(index_set: IndexSet, kind: UnitKind | None, exempt: Mapping[str, Elsewhere | None]) -> Seats:
    """The seat of every criterion with a rule. A unit whose kind is not known yet is held to every criterion."""
    found: Seats = {}
    for part in index_set.fields:
        _of_field(part, index_set, kind, exempt, found)
    return found


class Absence(NamedTuple):
    """Why a criterion has a seat that does not apply: `code` is the first above it, or itself, that does not apply.

    `goes` says where its points went: out of the whole where nobody of its group is left to take them.
    """

    code: str
    by_kind: bool
    goes: Elsewhere


def absence(
    index_set: IndexSet, kind: UnitKind | None, exempt: Mapping[str, Elsewhere | None], found: Seats, leaf: str
) -> Absence:
    """Why a criterion with a rule does not apply, of which `found` says so."""
    part = next(each for each in index_set.fields if any(one.code == leaf for one in _leaves(each.criteria)))
    if part.code in exempt:
        goes = exempt[part.code] or index_set.not_applicable
        return Absence(part.code, by_kind=False, goes="full" if goes == "full" else "shrink")
    group = part.criteria
    while True:
        criterion = next(each for each in group if any(one.code == leaf for one in each.leaves()))
        goes_to = _goes(criterion, index_set, kind, exempt)
        if goes_to is not None:
            takes = any(found[one.code].applies and one.max for one in _leaves(group))
            stays = goes_to in ("shrink", "full") or takes
            return Absence(criterion.code, criterion.code not in exempt, goes_to if stays else "shrink")
        group = criterion.criteria


def _of_field(
    part: Field, index_set: IndexSet, kind: UnitKind | None, exempt: Mapping[str, Elsewhere | None], found: Seats
) -> None:
    if part.code in exempt:
        goes = exempt[part.code] or index_set.not_applicable
        for leaf in _leaves(part.criteria):
            found[leaf.code] = FULL if goes == "full" else SHRUNK
        return
    held = [_of_criterion(each, index_set, kind, exempt, found) for each in part.criteria]
    _share_out(part.criteria, held, found)


def _of_criterion(
    criterion: Criterion,
    index_set: IndexSet,
    kind: UnitKind | None,
    exempt: Mapping[str, Elsewhere | None],
    found: Seats,
) -> _Held:
    goes = _goes(criterion, index_set, kind, exempt)
    if goes is not None:
        for leaf in criterion.leaves():
            found[leaf.code] = FULL if goes == "full" else SHRUNK
        points = sum((Fraction(leaf.max or 0) for leaf in criterion.leaves()), Fraction(0))
        return _Held(criterion.code, points, goes)
    if not criterion.criteria:
        found[criterion.code] = Seat(ONE, applies=True)
        return _Held(criterion.code, Fraction(criterion.max or 0))
    held = [_of_criterion(child, index_set, kind, exempt, found) for child in criterion.criteria]
    left = _share_out(criterion.criteria, held, found)
    return _Held(criterion.code, left, None if left else "shrink")


def _goes(
    criterion: Criterion, index_set: IndexSet, kind: UnitKind | None, exempt: Mapping[str, Elsewhere | None]
) -> Elsewhere | None:
    """Where the points of a criterion go that does not apply; None if it does."""
    if criterion.code in exempt:
        return exempt[criterion.code] or criterion.not_applicable or index_set.not_applicable
    if kind is not None and criterion.kinds and kind not in criterion.kinds:
        return criterion.not_applicable or index_set.not_applicable
    return None


def _share_out(criteria: tuple[Criterion, ...], held: list[_Held], found: Seats) -> Fraction:
    """Give the points of those that do not apply to the others of their group; returns what the group's rules hold."""
    staying = [each for each in held if each.goes is None and each.own]
    before = sum((each.own for each in staying), Fraction(0))
    scaled = sum((each.own for each in held if each.goes == "scale"), Fraction(0))
    shared = sum((each.own for each in held if each.goes == "share"), Fraction(0))
    if not staying:
        return before
    by_code = {criterion.code: criterion for criterion in criteria}
    for each in staying:
        factor = (before + scaled) / before + shared / len(staying) / each.own
        if factor != ONE:
            for leaf in by_code[each.code].leaves():
                seat = found[leaf.code]
                if seat.applies:
                    both = seat.factor * factor
                    found[leaf.code] = Seat(ONE if both == ONE else both, applies=True)
    return before + scaled + shared


def _leaves(criteria: tuple[Criterion, ...]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield from criterion.leaves()
