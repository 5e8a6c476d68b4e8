"""Rules: what holds of every one, and published or worked examples of each."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scoring_worker.index_sets.reading import Reading, rounded
from scoring_worker.index_sets.rules import (
    Answers,
    Binary,
    Count,
    Deduction,
    Expression,
    Given,
    Ladder,
    Linear,
    LinearThreshold,
    Rule,
    Step,
    ThresholdProportional,
)

maxima = st.decimals("0.01", 100, places=2)
bounds = st.decimals("0.01", 1, places=2)
eaches = st.decimals("0.01", 10, places=2)
steps = st.dictionaries(bounds, bounds, min_size=1, max_size=5).map(
    lambda drawn: tuple(
        Step(share=share, at_least=bound) for bound, share in zip(sorted(drawn), sorted(drawn.values()), strict=True)
    )
)
rules: dict[str, st.SearchStrategy[Any]] = {
    "linear": st.just(Linear("linear")),
    "linear_threshold": bounds.map(lambda bound: LinearThreshold("linear_threshold", bound)),
    "threshold_proportional": bounds.map(lambda bound: ThresholdProportional("threshold_proportional", bound)),
    "binary": bounds.map(lambda bound: Binary("binary", at_least=bound)),
    "ladder": steps.map(lambda drawn: Ladder("ladder", drawn)),
    "count": eaches.map(lambda each: Count("count", each)),
    "given": st.just(Given("given")),
    "deduction": eaches.map(lambda each: Deduction("deduction", each)),
}
SHARES = ("linear", "linear_threshold", "threshold_proportional", "binary", "ladder")
AMOUNTS = ("count", "given", "deduction")
any_rule = st.one_of(*rules.values())
numbers = st.integers(1, 10**9)


@st.composite
def readings(draw: st.DrawFn, rule: str) -> Reading:
    denominator = draw(numbers)
    numerator = draw(st.integers(0, denominator))
    return Reading(numerator, denominator) if rule in SHARES else Reading(Fraction(numerator, 1000))


def points(rule: Rule, maximum: Decimal | int, **given: Reading) -> Fraction | None:
    return rule.points(Fraction(maximum), given)


def test_every_kind_of_rule_is_tried_here() -> None:
    kinds = set(TypeAdapter(Rule).json_schema()["discriminator"]["mapping"])
    assert kinds == {*rules, "answers", "expression"}


@pytest.mark.parametrize("kind", rules)
@given(data=st.data(), maximum=maxima)
def test_points_lie_between_zero_and_the_maximum(kind: str, data: st.DataObject, maximum: Decimal) -> None:
    given = points(data.draw(rules[kind]), maximum, x=data.draw(readings(kind)))
    assert given is not None
    assert 0 <= given <= maximum


@pytest.mark.parametrize("kind", rules)
@given(data=st.data(), maximum=maxima)
def test_more_is_never_worse_and_never_better_for_a_deduction(kind: str, data: st.DataObject, maximum: Decimal) -> None:
    rule, more = data.draw(rules[kind]), data.draw(readings(kind))
    assert more.n is not None
    fewer = Reading(Fraction(more.n) * Fraction(data.draw(st.integers(0, 100)), 100), more.d)
    change = (points(rule, maximum, x=more) or 0) - (points(rule, maximum, x=fewer) or 0)
    assert change <= 0 if kind == "deduction" else change >= 0


@given(any_rule, maxima, st.integers(0, 1000), st.integers(1, 1000), st.integers(2, 9))
def test_a_share_is_the_same_in_larger_numbers(
    rule: Rule, maximum: Decimal, numerator: int, more: int, times: int
) -> None:
    denominator = numerator + more
    if rule.needs != "share":
        return
    once, often = Reading(numerator, denominator), Reading(numerator * times, denominator * times)
    assert points(rule, maximum, x=once) == points(rule, maximum, x=often)


@given(maxima, bounds, numbers, numbers)
def test_full_points_from_the_threshold_on(maximum: Decimal, threshold: Decimal, one: int, other: int) -> None:
    numerator, denominator = sorted((one, other))
    given = points(LinearThreshold("linear_threshold", threshold), maximum, x=Reading(numerator, denominator))
    assert (given == maximum) == (numerator >= threshold * denominator)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.integers(0, 6))
def test_rounding_is_half_up_and_exact(numerator: int, denominator: int, places: int) -> None:
    exact = Fraction(numerator, denominator)
    near = Fraction(rounded(exact, places))
    unit = Fraction(1, 10**places)
    assert near % unit == 0
    assert abs(near - exact) <= unit / 2
    if abs(near - exact) == unit / 2:
        assert abs(near) > abs(exact)


@pytest.mark.parametrize(
    ("number", "places", "expected"),
    [
        # Each is a tie that a binary fraction misses, to one side or the other.
        (Fraction("2.675"), 2, "2.68"),
        (Fraction("1.005"), 2, "1.01"),
        (Fraction("0.285"), 2, "0.29"),
        (Fraction("1.115"), 2, "1.12"),
        (Fraction("0.15"), 1, "0.2"),
        (Fraction("0.25"), 1, "0.3"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(2, 3), 4, "0.6667"),
    ],
)
def test_ties(number: Fraction, places: int, expected: str) -> None:
    assert rounded(number, places) == Decimal(expected)


EXAMPLES: list[tuple[Callable[[], Rule], Decimal | int, Reading, str]] = [
    (lambda: Linear("linear"), 30, Reading(31, 34), "27.35"),
    (lambda: LinearThreshold("linear_threshold", Decimal("0.8")), 10, Reading(3, 5), "7.50"),
    # Decision 766, a commune: 2 · (1543 / 2618) / 0.8
    (lambda: LinearThreshold("linear_threshold", Decimal("0.80")), 2, Reading(1543, 2618), "1.47"),
    (lambda: ThresholdProportional("threshold_proportional", Decimal("0.8")), 2, Reading(4, 5), "1.60"),
    (lambda: ThresholdProportional("threshold_proportional", Decimal("0.8")), 2, Reading(79, 100), "0.00"),
    (lambda: Binary("binary", at_least=Decimal(1)), 2, Reading(1), "2.00"),
    (lambda: Binary("binary", at_least=Decimal(1)), 2, Reading(0), "0.00"),
    # Decision 212 of Hải Phòng, 5.2a: 95 % of the land is cleared, or nothing.
    (lambda: Binary("binary", at_least=Decimal("0.95")), Decimal("2.5"), Reading(95, 100), "2.50"),
    (lambda: Binary("binary", at_least=Decimal("0.95")), Decimal("2.5"), Reading(949, 1000), "0.00"),
    # 5.2g: one task behind schedule, and there are no points.
    (lambda: Binary("binary", at_most=Decimal(0)), Decimal("2.5"), Reading(1), "0.00"),
    (lambda: Binary("binary", at_most=Decimal(0)), Decimal("2.5"), Reading(0), "2.50"),
    # "Each rule book that meets the standard 0.5, 2 at most."
    (lambda: Count("count", Decimal("0.5")), 2, Reading(3), "1.50"),
    (lambda: Count("count", Decimal("0.5")), 2, Reading(5), "2.00"),
    (lambda: Deduction("deduction", Decimal("0.5")), 10, Reading(3), "8.50"),
    (lambda: Deduction("deduction", Decimal("0.5")), 10, Reading(21), "0.00"),
    (lambda: Given("given"), 5, Reading(Decimal("4.25")), "4.25"),
    (lambda: Given("given"), 5, Reading(6), "5.00"),
]


@pytest.mark.parametrize(("rule", "maximum", "reading", "expected"), EXAMPLES)
def test_examples(rule: Callable[[], Rule], maximum: Decimal | int, reading: Reading, expected: str) -> None:
    given = points(rule(), maximum, x=reading)
    assert given is not None
    assert rounded(given, 2) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [(3, "2.00"), (2, "1.50"), (1, "1.00"), (0, "0.00"), (Decimal("1.99"), "1.00")]
)
def test_levels_of_a_ladder(value: int | Decimal, expected: str) -> None:
    """Excellent 100 %, good 75 %, done 50 % of the points."""
    ladder = Ladder(
        "ladder",
        (
            Step(share=Decimal(1), at_least=Decimal(3)),
            Step(share=Decimal("0.75"), at_least=Decimal(2)),
            Step(share=Decimal("0.5"), at_least=Decimal(1)),
        ),
    )
    given = points(ladder, 2, x=Reading(value))
    assert given is not None
    assert rounded(given, 2) == Decimal(expected)


def test_a_step_above_a_bound_leaves_the_bound_out() -> None:
    ladder = Ladder(
        "ladder", (Step(share=Decimal(1), above=Decimal("0.5")), Step(share=Decimal(0), at_least=Decimal(0)))
    )
    assert points(ladder, 2, x=Reading(1, 2)) == 0
    assert points(ladder, 2, x=Reading(51, 100)) == 2


def test_answers_of_a_survey() -> None:
    """A province maps A, B, C, E to 100, 60, 20, 0 %: (10 + 5 · 0.6 + 3 · 0.2 + 2 · 0) / 20 of 4 points."""
    rule = Answers("answers", {"A": Decimal(1), "B": Decimal("0.6"), "C": Decimal("0.2"), "E": Decimal(0)})
    given = {name: Reading(n) for name, n in {"A": 10, "B": 5, "C": 3, "E": 2}.items()}
    assert rule.points(Fraction(4), given) == Fraction("2.72")
    assert rule.points(Fraction(4), dict.fromkeys(given, Reading(0))) is None


def test_an_expression_gives_what_is_left_to_it() -> None:
    """Decision 766, online payment: 6 A + min(2, 2 B / 0.8) + min(2, 2 C / 0.8)."""
    rule = Expression("expression", "6*a.value + least(2, 2*b.value/0.8) + least(2, 2*c.value/0.8)")
    given = {"a": Reading(1, 2), "b": Reading(9, 10), "c": Reading(2, 5)}
    assert rule.points(Fraction(10), given) == 6
    assert rule.points(Fraction(5), given) == 5, "never above the maximum"
    assert rule.points(Fraction(10), given | {"c": Reading(1, 0)}) is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LinearThreshold("linear_threshold", Decimal(0)), "threshold"),
        (lambda: ThresholdProportional("threshold_proportional", Decimal("1.1")), "threshold"),
        (lambda: Deduction("deduction", Decimal(0)), "each"),
        (lambda: Count("count", Decimal(-1)), "each"),
        (lambda: Binary("binary"), "at_least or at_most"),
        (lambda: Binary("binary", Decimal(1), Decimal(1)), "at_least or at_most"),
        (lambda: Ladder("ladder", ()), "steps"),
        (lambda: Step(share=Decimal(2), at_least=Decimal(0)), "share"),
        (lambda: Step(share=Decimal(1)), "at_least or above"),
        (lambda: Answers("answers", {"A": Decimal(2)}), "shares"),
        (lambda: Expression("expression", "a.value +"), "not an expression"),
    ],
)
def test_parameters_without_sense_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
