"""Two scores, criterion by criterion; and the headings of sheets."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cchc_shared.service.sheets import Sheet, columns_of
from scoring_worker.comparison.domain import Pair, Side, of_card, of_tree
from scoring_worker.comparison.domain import compared as compared_criteria
from scoring_worker.comparison.schemas import ComparedLine, SeasonComparedLine
from scoring_worker.comparison.sheets import COMPARISON, SEASONS
from scoring_worker.index_sets.evaluation import Node
from scoring_worker.index_sets.leaf import State
from scoring_worker.index_sets.texts import Text
from scoring_worker.ledger.domain import Json
from scoring_worker.scores.schemas import ScoreLine
from scoring_worker.scores.sheets import SCORES


def leaf(code: str, score: str | None, most: str = "10", counted: str | None = None) -> Node:
    points = None if score is None else Decimal(score)
    held = Decimal(most if counted is None else counted)
    state: State = "missing" if score is None else "scored"
    return Node(code, Text(code, code), Decimal(most), held, points, state, "", "R", "linear")


def field(code: str, *leaves: Node) -> Node:
    group = Node(f"{code}.0", Text("x", "x"), Decimal(0), Decimal(0), None, "scored", "", "R", children=leaves)
    return Node(code, Text("x", "x"), Decimal(0), Decimal(0), None, "scored", "", "R", children=(group,))


def compared(first: Sequence[Node], second: Sequence[Node]) -> list[Pair]:
    return compared_criteria(of_tree(first), of_tree(second))


def row(code: str, points: str | None, most: str = "10") -> Json:
    """A criterion as a season published it."""
    named = {"criterion": code, "name": code, "name_en": code, "field": "1"}
    return {**named, "points": points, "max": most, "state": "missing" if points is None else "scored"}


def test_the_largest_difference_stands_first_whatever_its_sign() -> None:
    first = [field("1", leaf("a", "3"), leaf("b", "2")), field("2", leaf("c", "5"))]
    second = [field("1", leaf("a", "2"), leaf("b", "9")), field("2", leaf("c", "5"))]
    found = compared(first, second)
    assert [(pair.code, pair.field, pair.difference, pair.share_difference) for pair in found] == [
        ("b", "1", Decimal(-7), Decimal("-0.7")),
        ("a", "1", Decimal(1), Decimal("0.1")),
        ("c", "2", Decimal(0), Decimal(0)),
    ]
    back = {pair.code: pair.difference for pair in compared(second, first)}
    assert all(back[pair.code] == -(pair.difference or 0) for pair in found)
    assert all(pair.only_in is None for pair in found)


def test_what_has_no_partner_says_so_and_what_is_not_known_has_no_difference() -> None:
    first = [field("1", leaf("a", "3"), leaf("gone", "2"), leaf("missing", None, counted="0"))]
    second = [field("1", leaf("new", "4"), leaf("missing", "6"), leaf("a", "3", "6"))]
    found = {pair.code: pair for pair in compared(first, second)}
    assert list(found) == ["a", "gone", "missing", "new"]
    assert {code: pair.only_in for code, pair in found.items()} == {
        "a": None,
        "gone": "first",
        "missing": None,
        "new": "second",
    }
    assert found["a"].share_difference == Decimal("-0.2"), "of other points"
    assert found["gone"].second is None
    assert found["missing"].first == Side(None, Decimal(10), None, "missing")
    assert found["missing"].difference is None


def test_a_criterion_of_no_points_has_no_share() -> None:
    [pair] = compared([field("1", leaf("a", "0", "0"))], [field("1", leaf("a", "0", "0"))])
    assert pair.first == Side(Decimal(0), Decimal(0), None, "scored")
    assert (pair.difference, pair.share_difference) == (Decimal(0), None)


POINTS = st.none() | st.integers(0, 12).map(str)
SCORE = st.dictionaries(st.sampled_from("abcdef"), POINTS)


@given(SCORE, SCORE)
def test_what_was_published_is_compared_as_live_scores_are(
    first: dict[str, str | None], second: dict[str, str | None]
) -> None:
    published = [of_card(row(code, points) for code, points in of.items()) for of in (first, second)]
    live = [
        of_tree([field("1", *(leaf(code, points) for code, points in of.items()))] if of else [])
        for of in (first, second)
    ]
    assert compared_criteria(*published) == compared_criteria(*live)


LINES = [(ScoreLine, SCORES), (ComparedLine, COMPARISON), (SeasonComparedLine, SEASONS)]


@pytest.mark.parametrize(("line", "sheet"), LINES)
def test_every_column_of_a_sheet_is_headed(line: type[BaseModel], sheet: Sheet) -> None:
    assert [column.field for column in columns_of(line, sheet) if column.heading == column.field] == []
