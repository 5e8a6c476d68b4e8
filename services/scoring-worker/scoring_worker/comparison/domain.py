"""Two scores, criterion by criterion. Pure: live trees and what was published are compared by the same function."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from scoring_worker.index_sets.evaluation import Node
from scoring_worker.index_sets.leaf import SHOWN_PLACES, State
from scoring_worker.index_sets.reading import exact, rounded
from scoring_worker.index_sets.texts import Text
from scoring_worker.ledger.domain import Json


class Side(NamedTuple):
    """A criterion in one of the scores. `points` and `share` are None where it could not be scored."""

    points: Decimal | None
    max: Decimal
    share: Decimal | None
    state: State


class Criterion(NamedTuple):
    """A criterion with a rule in one of the scores; `field` is the code of its field."""

    name: Text
    field: str
    side: Side


Criteria = Mapping[str, Criterion]
"""Those of one score, by code."""


class Pair(NamedTuple):
    """A criterion in both scores, by its code; None in the score that has it not. Differences: first less second."""

    code: str
    name: Text
    field: str
    first: Side | None
    second: Side | None

    @property
    def difference(self) -> Decimal | None:
        return less(self.first and self.first.points, self.second and self.second.points)

    @property
    def share_difference(self) -> Decimal | None:
        return less(self.first and self.first.share, self.second and self.second.share)

    @property
    def only_in(self) -> Literal["first", "second"] | None:
        return "second" if self.first is None else "first" if self.second is None else None


def of_tree(fields: Sequence[Node]) -> dict[str, Criterion]:
    """The criteria with a rule of a live score."""
    return {leaf.code: _of_leaf(field.code, leaf) for field in fields for leaf in _below(field)}


def of_card(rows: Iterable[Json]) -> dict[str, Criterion]:
    """The criteria of a unit's part of a published season."""
    return {
        row["criterion"]: Criterion(
            Text(row["name"], row["name_en"]),
            row["field"],
            _side(None if row["points"] is None else Decimal(row["points"]), Decimal(row["max"]), row["state"]),
        )
        for row in rows
    }


def compared(first: Criteria, second: Criteria) -> list[Pair]:
    """The criteria of two scores: the largest differences of points first, those that have none last.

    The scores may be by two versions of a set: criteria are the same if their codes are.
    """
    pairs = []
    for code in dict.fromkeys((*first, *second)):
        one, other = first.get(code), second.get(code)
        name, field, _ = first[code] if code in first else second[code]
        pairs.append(Pair(code, name, field, one and one.side, other and other.side))
    return sorted(pairs, key=_place)


def less(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    """The difference, where there is one."""
    return None if first is None or second is None else first - second


def _place(pair: Pair) -> tuple[bool, Decimal]:
    difference = pair.difference
    return difference is None, -abs(difference or Decimal(0))


def _below(node: Node) -> Iterator[Node]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _below(child)


def _of_leaf(field: str, leaf: Node) -> Criterion:
    # What is left out of the whole still has the points of the document.
    return Criterion(leaf.name, field, _side(leaf.score, leaf.counted or leaf.max, leaf.state))


def _side(points: Decimal | None, most: Decimal, state: State) -> Side:
    share = None if points is None or not most else rounded(exact(points) / exact(most), SHOWN_PLACES)
    return Side(points, most, share, state)
