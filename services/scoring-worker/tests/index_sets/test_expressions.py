"""Expressions: the same as a second evaluator of CEL, and bounded."""

import re
from fractions import Fraction

import celpy
import pytest
from celpy.celtypes import BoolType, DoubleType, MapType, StringType
from hypothesis import given
from hypothesis import strategies as st

from scoring_worker.index_sets.expressions import DEEPEST, LONGEST, compiled
from scoring_worker.index_sets.reading import Reading

NAMES = ("a", "b")
ENVIRONMENT = celpy.Environment()
numbers = st.integers(0, 1000)
readings = st.fixed_dictionaries(
    {name: st.builds(lambda n, d: Reading(n, d), numbers, st.integers(1, 1000)) for name in NAMES}
)
atoms = st.sampled_from([f"{name}.{part}" for name in NAMES for part in ("n", "d", "value")]) | numbers.map(str)
arithmetic = st.recursive(
    atoms,
    lambda inner: (
        st.builds(lambda left, sign, right: f"({left} {sign} {right})", inner, st.sampled_from("+-*/"), inner)
        | st.builds(
            lambda name, left, right: f"{name}({left}, {right})", st.sampled_from(["least", "greatest"]), inner, inner
        )
    ),
    max_leaves=6,
)
conditions = st.builds(
    lambda left, sign, right: f"{left} {sign} {right}",
    arithmetic,
    st.sampled_from(["<", "<=", "==", ">=", ">"]),
    arithmetic,
)


def second(text: str, given: dict[str, Reading]) -> object:
    """The result of another evaluator; None where it has none."""
    functions = {
        "least": lambda left, right: min(left, right),
        "greatest": lambda left, right: max(left, right),
        "_/_": lambda left, right: DoubleType(float(left) / float(right)),  # its own makes 0 / 0 infinite
    }
    fractions = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", text)
    program = ENVIRONMENT.program(ENVIRONMENT.compile(fractions), functions=functions)
    context = {
        name: MapType(
            {
                StringType(part): DoubleType(number)
                for part, number in (("n", reading.n), ("d", reading.d), ("value", float(reading.value)))
            }
        )
        for name, reading in given.items()
    }
    try:
        return program.evaluate(context)
    except Exception:  # noqa: BLE001 - whatever it is, there is no result
        return None


@given(arithmetic, readings)
def test_numbers_are_those_of_a_second_evaluator(text: str, given: dict[str, Reading]) -> None:
    ours, theirs = compiled(text).number(given, Fraction(0)), second(text, given)
    if ours is None:
        assert theirs is None or abs(float(str(theirs))) >= 1e15
    else:
        assert float(ours) == pytest.approx(float(str(theirs)), rel=1e-9, abs=1e-9)


@given(conditions, readings)
def test_conditions_are_those_of_a_second_evaluator(text: str, given: dict[str, Reading]) -> None:
    theirs = second(text, given)
    assert compiled(text).holds(given) == (bool(theirs) if isinstance(theirs, BoolType | bool) else None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2].map(x, x)", "names, numbers"),
        ("'a' == 'b'", "names, numbers"),
        ("a.n" + " + a.n" * 200, str(LONGEST)),
        ("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1), "deep"),
        ("size(a)", "no such function"),
        ("a.__class__", "n, d and value"),
        ("1 +", "not an expression"),
        ("", "not an expression"),
    ],
)
def test_what_is_no_expression_or_could_cost_too_much_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compiled(text)


def test_it_names_what_it_reads() -> None:
    assert compiled("least(max, a.value * 2) + b.n > 0 && true").names == {"a", "b"}


def test_there_is_no_result_where_a_number_is_not_known_or_of_nothing() -> None:
    program = compiled("a.value + b.n")
    assert program.number({"a": Reading(1, 2), "b": Reading(3)}, Fraction(0)) == Fraction("3.5")
    assert program.number({"a": Reading(None), "b": Reading(3)}, Fraction(0)) is None
    assert program.number({"a": Reading(1, 0), "b": Reading(3)}, Fraction(0)) is None
    assert compiled("a.value > 1").holds({"a": Reading(1, 0)}) is None
    for text in (
        "a.n / b.n > 1",
        "a.n / (b.n + b.n) > 1",
        "1 / least(a.n, b.n) > 0",
        "1 / -b.n / 2 < 1",
        "1 / (a.n / b.n) < 1",
        "a.n / b . n > 1",
    ):
        assert compiled(text).holds({"a": Reading(2), "b": Reading(0)}) is None, text
    assert compiled("b.n > 0 && a.n / b.n > 1").holds({"a": Reading(2), "b": Reading(0)}) is False
    assert compiled("12 / a.n / (a.n + 1) * 3").number({"a": Reading(2)}, Fraction(0)) == 6
    assert compiled("a.value").holds({"a": Reading(1)}) is None, "a number is no condition"
