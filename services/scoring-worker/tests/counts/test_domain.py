"""Counts that are moved, and added up."""

from hypothesis import given
from hypothesis import strategies as st

from scoring_worker.counts.domain import Counts, add, total

changes = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(-2, 3)))


def of(moves: list[tuple[str, str, int]]) -> Counts:
    counts: Counts = {}
    for measure, state, n in moves:
        add(counts, measure, state, n)
    return counts


@given(changes)
def test_a_count_is_the_sum_of_its_changes_and_zeros_are_left_out(moves: list[tuple[str, str, int]]) -> None:
    sums = {
        (measure, state): sum(n for m, s, n in moves if (m, s) == (measure, state))
        for measure in "ab"
        for state in "xy"
    }
    counts = of(moves)
    assert {(m, s): n for m, states in counts.items() for s, n in states.items()} == {
        key: n for key, n in sums.items() if n
    }
    assert all(counts.values())


def test_nothing_added_to_nothing_leaves_nothing() -> None:
    assert of([("a", "x", 0)]) == {}


@given(st.lists(changes, max_size=4))
def test_periods_add_up(periods: list[list[tuple[str, str, int]]]) -> None:
    parts = [of(moves) for moves in periods]
    assert total(parts) == of([move for moves in periods for move in moves])
    assert parts == [of(moves) for moves in periods], "the parts stay as they are"
