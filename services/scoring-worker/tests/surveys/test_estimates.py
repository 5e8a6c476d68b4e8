"""Shares and their intervals: published tables, and what must hold of any sample."""

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_worker.surveys.estimates import Sums, plain, weighted, wilson


@pytest.mark.parametrize(
    ("satisfied", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_published_examples_of_wilsons_interval(satisfied: int, of: int, low: float, high: float) -> None:
    """Newcombe, *Statistics in Medicine* 17 (1998), table I, method 3."""
    found = plain(Sums.of([(1, 1, satisfied), (1, 0, of - satisfied)]))
    assert found is not None
    assert [round(end, 4) for end in found[1:]] == [low, high]


BALLOTS = st.lists(
    st.integers(0, 4).flatmap(lambda x: st.tuples(st.just(x), st.integers(0, x), st.integers(1, 5))),
    min_size=1,
    max_size=12,
)


@given(BALLOTS, st.randoms())
def test_any_sample_gives_an_interval_around_its_share_in_whatever_order(
    ballots: list[tuple[int, int, int]], order: "st.DataObject"
) -> None:
    found = plain(Sums.of(ballots))
    shuffled = list(ballots)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plain(Sums.of(shuffled)) == found
    if found is None:
        assert all(x == 0 for x, _, _ in ballots)
        return
    share, low, high = found
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    more = plain(Sums.of((x, y, times * 4) for x, y, times in ballots))
    assert more is not None
    assert isclose(more.share, share)
    assert more.high - more.low <= high - low + 1e-12


def test_answers_of_one_ballot_that_are_alike_count_as_one() -> None:
    one = plain(Sums.of([(1, 1, 60), (1, 0, 40)]))
    alike = plain(Sums.of([(5, 5, 60), (5, 0, 40)]))
    apart = plain(Sums.of([(5, 3, 100)]))
    assert one is not None
    assert alike is not None
    assert apart is not None
    assert all(isclose(a, b) for a, b in zip(one, alike, strict=True))  # five answers, no more knowledge
    assert apart == wilson(0.6, 500)  # never better than as many ballots with one answer each


STRATA = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=8), st.integers(9, 90)),
    min_size=1,
    max_size=4,
)


@given(STRATA)
def test_weights_give_the_textbook_estimate_of_a_ratio(strata: list[tuple[list[tuple[int, int]], int]]) -> None:
    drawn = [([(x, min(x, y)) for x, y in ballots], people) for ballots, people in strata]
    found = weighted([(Sums.of((x, y, 1) for x, y in ballots), people) for ballots, people in drawn])
    whole = sum(people / len(ballots) * sum(x for x, _ in ballots) for ballots, people in drawn)
    if not whole:
        assert found is None
        return
    share = sum(people / len(ballots) * sum(y for _, y in ballots) for ballots, people in drawn) / whole
    assert found is not None
    assert isclose(found.share, share, abs_tol=1e-12)
    if not 1e-9 < share < 1 - 1e-9:
        assert found.low < found.high
        return
    variance, number = 0.0, sum(len(ballots) for ballots, _ in drawn)
    for ballots, people in drawn:  # Cochran, Sampling Techniques, 6.12: the residuals of each stratum
        n = len(ballots)
        rest = [people / n * (y - share * x) / whole for x, y in ballots]
        mean = sum(rest) / n
        variance += (1 - n / people) * n / (n - 1) * sum((each - mean) ** 2 for each in rest)
    if variance < 1e-12:
        return
    as_large = share * (1 - share) / variance * number / (number - 1)
    assert all(isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(found, wilson(share, as_large), strict=True))


def test_one_stratum_of_many_people_is_a_plain_sample_and_all_of_them_leave_no_doubt() -> None:
    sums = Sums.of([(1, 1, 30), (1, 0, 70)])
    many, every = weighted([(sums, 10**9)]), weighted([(sums, 100)])
    assert many is not None
    assert all(isclose(a, b, rel_tol=1e-6) for a, b in zip(many, plain(sums) or (), strict=True))
    assert every == (0.3, 0.3, 0.3)
    half = weighted([(sums, 200)])
    assert half is not None
    assert isclose((half.high - half.low) / (many.high - many.low), sqrt(0.5), rel_tol=0.02)


@pytest.mark.parametrize(
    "strata",
    [
        [(Sums.of([(1, 1, 5)]), 50), (Sums.of([(1, 1, 1)]), 50)],  # one ballot says nothing of its spread
        [(Sums.of([(1, 1, 5)]), 50), (Sums(), 50)],
        [(Sums.of([(0, 0, 5)]), 50)],
        [(Sums.of([(1, 1, 5)]), 0)],
    ],
)
def test_a_cell_that_says_too_little_leaves_the_weighted_share_unknown(strata: list[tuple[Sums, int]]) -> None:
    assert weighted(strata) is None
