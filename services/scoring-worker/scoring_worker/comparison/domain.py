"""Two trees of points, criterion by criterion. Pure: what was published is compared by the same function."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from scoring_worker.index_sets.evaluation import Node
from scoring_worker.index_sets.leaf import SHOWN_PLACES, State
from scoring_worker.index_sets.reading import exact, rounded
from scoring_worker.index_sets.texts import Text


class Side(NamedTuple):
    """A criterion in one of the trees. `points` and `share` are None where it could not be scored."""

    points: Decimal | None
    max: Decimal
    share: Decimal | None
    state: State


class Pair(NamedTuple):
    """A criterion in both trees, by its code; None in the tree that has it not. Differences: first less second."""

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


def compared(first: Sequence[Node], second: Sequence[Node]) -> list[Pair]:
    """The criteria with a rule of two trees: the largest differences of points first, those that have none last.

    The trees may be of two versions of a set: criteria are the same if their codes are.
    """
    left, right = _leaves(first), _leaves(second)
    pairs = []
    for code in dict.fromkeys((*left, *right)):
        field, node = left.get(code) or right[code]
        pairs.append(Pair(code, node.name, field, _side(left.get(code)), _side(right.get(code))))
    return sorted(pairs, key=_place)


def less(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    """The difference, where there is one."""
    return None if first is None or second is None else first - second


def _place(pair: Pair) -> tuple[bool, Decimal]:
    difference = pair.difference
    return difference is None, -abs(difference or Decimal(0))


def _leaves(fields: Sequence[Node]) -> dict[str, tuple[str, Node]]:
    """Each criterion with a rule, with the code of its field."""
    return {leaf.code: (field.code, leaf) for field in fields for leaf in _below(field)}


def _below(node: Node) -> Iterator[Node]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _below(child)


def _side(found: tuple[str, Node] | None) -> Side | None:
    if found is None:
        return None
    _, node = found
    # What is left out of the whole still has the points of the document.
    most = node.counted or node.max
    share = None if node.score is None or not most else rounded(exact(node.score) / exact(most), SHOWN_PLACES)
    return Side(node.score, most, share, node.state)
