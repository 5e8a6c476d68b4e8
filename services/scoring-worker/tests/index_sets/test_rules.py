from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_worker.index_sets.rules import Deduction, Linear, LinearThreshold, Rule

maxima = st.decimals("0.01", 100, places=2)
thresholds = st.decimals("0.01", 1, places=2)
rules = st.one_of(
    st.just(Linear("linear")),
    thresholds.map(lambda threshold: LinearThreshold("linear_threshold", threshold)),
    st.decimals("0.01", 10, places=2).map(lambda each: Deduction("deduction", each)),
)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    denominator = draw(st.integers(1, 10**6))
    return draw(st.integers(0, denominator)), denominator


@given(rules, maxima, shares())
def test_points_lie_between_zero_and_the_maximum(rule: Rule, maximum: Decimal, share: tuple[int, int]) -> None:
    assert 0 <= rule.points(maximum, *share) <= maximum


@given(rules, maxima, shares(), st.integers(0, 1000))
def test_more_is_never_worse_for_a_share_and_never_better_for_a_deduction(
    rule: Rule, maximum: Decimal, share: tuple[int, int], more: int
) -> None:
    numerator, denominator = share
    fewer = min(numerator, max(0, numerator - more))
    change = rule.points(maximum, numerator, denominator) - rule.points(maximum, fewer, denominator)
    assert change <= 0 if isinstance(rule, Deduction) else change >= 0


@given(maxima, thresholds, shares())
def test_full_points_from_the_threshold_on(maximum: Decimal, threshold: Decimal, share: tuple[int, int]) -> None:
    points = LinearThreshold("linear_threshold", threshold).points(maximum, *share)
    assert (points == maximum) == (share[0] >= threshold * share[1])


def test_worked_examples() -> None:
    assert Linear("linear").points(Decimal(30), 31, 34).quantize(Decimal("0.01")) == Decimal("27.35")
    assert LinearThreshold("linear_threshold", Decimal("0.8")).points(Decimal(10), 3, 5) == Decimal("7.5")
    assert Deduction("deduction", Decimal("0.5")).points(Decimal(10), 3, 0) == Decimal("8.5")
    assert Deduction("deduction", Decimal("0.5")).points(Decimal(10), 21, 0) == 0


def test_parameters_without_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        LinearThreshold("linear_threshold", Decimal(0))
    with pytest.raises(ValueError, match="each"):
        Deduction("deduction", Decimal(0))
