"""Units that are scored together have the scores that each has alone, to the last digit."""

import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.arrays import GRAINS, LARGEST, Numbers, gathered
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.evaluation import MANY, Evaluator
from scoring_worker.index_sets.frame import ONE
from scoring_worker.index_sets.indicators import FromEvents, FromSet, Imported, Indicator
from scoring_worker.index_sets.leaf import Leaf, Subject, reading
from scoring_worker.index_sets.lines import Line, _room, _scaled, along
from scoring_worker.index_sets.reading import NOT_APPLICABLE, UNKNOWN, Reading, rounded
from scoring_worker.index_sets.texts import Text
from tests.support.plain_scores import looped

from . import drawn

SETS = sorted((Path(__file__).parents[4] / "data" / "index_sets").rglob("*.yaml"))


def assert_together_as_alone(index_set: IndexSet, units: Sequence[Subject]) -> None:
    """With the same exponents too, which `==` of decimals does not look at."""
    alone = Evaluator(index_set)
    assert list(map(repr, Evaluator(index_set).score_all(units))) == [repr(alone.score(each)) for each in units]


@given(drawn.index_sets(), st.lists(drawn.subjects(), min_size=1, max_size=6))
def test_any_units_together_as_alone(index_set: IndexSet, units: list[Subject]) -> None:
    assert_together_as_alone(index_set, enough(units))


def enough(units: list[Subject]) -> list[Subject]:
    """As many as are scored together, the same again and again."""
    return (units * MANY)[:MANY]


@given(drawn.index_sets(), st.lists(drawn.subjects(), min_size=1, max_size=4))
def test_scores_are_those_of_a_plain_loop_in_fractions(index_set: IndexSet, units: list[Subject]) -> None:
    assert Evaluator(index_set).score_all(enough(units))[: len(units)] == looped(index_set, units)


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=5)
def test_shipped_sets(file: Path, seed: int) -> None:
    index_set = load(file.read_text("utf-8")).index_set
    chance = random.Random(seed)  # noqa: S311 - the same every time
    assert_together_as_alone(index_set, [unit(index_set, chance) for _ in range(MANY)])


def unit(index_set: IndexSet, chance: random.Random) -> Subject:
    """A unit with numbers for most of what a set reads."""
    values, components = {}, {}
    counts: dict[str, dict[str, int]] = {}
    for code, each in index_set.indicators.items():
        whole = chance.randint(0, 500)
        read = Reading(chance.randint(0, whole), whole) if each.of == "share" else Reading(Decimal(whole) / 8)
        read = chance.choice([read, read, read, UNKNOWN, NOT_APPLICABLE])
        if each.may_be_entered:
            values[code] = read
        if isinstance(each, FromSet):
            components[each.component] = read
        if isinstance(each, FromEvents) and chance.random() < 0.9:
            for measure, state in each.reads:
                counts.setdefault(measure, {})[state] = chance.randint(0, 30)
    kind = chance.choice([*index_set.kinds, None])
    return Subject(counts, kind, values, f"unit-{chance.randint(0, 3)}", "2026-H1", components=components)


def test_numbers_that_fit_need_no_fractions() -> None:
    """A city is scored in arrays: were everything left to `Leaf.points`, it would be as exact and as slow."""
    index_set = load((SETS[0].parent / "qd766.yaml").read_text("utf-8")).index_set
    units = [
        Subject({}, UnitKind.DEPARTMENT, {code: Reading(number, 90) for code in index_set.indicators}, str(number))
        for number in range(MANY)
    ]
    expected = [Evaluator(index_set).score(each) for each in units]
    with patch.object(Leaf, "points", side_effect=AssertionError("asked for a unit alone")):
        assert Evaluator(index_set).score_all(units) == expected


small = st.fractions(-10, 10, max_denominator=12)
exact = small | st.sampled_from([Fraction(2**63), Fraction(1, 2**64)])


def rising(numbers: st.SearchStrategy[Fraction]) -> st.SearchStrategy[list[Line]]:
    """Lines by where they start."""
    lines = st.builds(Line, numbers, numbers, numbers, st.booleans())
    return st.lists(lines, min_size=1, max_size=3, unique_by=lambda line: line.start).map(
        lambda drawn: sorted(drawn, key=lambda line: line.start)
    )


values = st.lists(
    st.tuples(st.integers(-(2**61), 2**61), st.integers(1, 2**61)) | st.tuples(st.integers(-9, 9), st.integers(1, 9)),
    min_size=1,
)


def follow(lines: Sequence[Line], factor: Fraction, value: Fraction, places: int) -> Decimal:
    """The points for a value in units of the last place, in fractions."""
    reached = [each for each in lines[1:] if (value > each.start if each.above else value >= each.start)]
    line = reached[-1] if reached else lines[0]
    return rounded((line.at + line.slope * value) * factor, places).scaleb(places)


@given(rising(exact), values, st.lists(exact.map(abs), min_size=1, max_size=3), st.integers(0, 6), st.data())
def test_lines_are_followed_exactly_or_not_at_all(
    lines: list[Line], pairs: list[tuple[int, int]], factors: list[Fraction], places: int, data: st.DataObject
) -> None:
    of = data.draw(st.lists(st.integers(0, len(factors) - 1), min_size=len(pairs), max_size=len(pairs)))
    n, d = np.array(pairs, np.int64).T
    points, fits = along(lines, factors, np.array(of), n, d, places)
    for unit, (part, whole) in enumerate(pairs):
        if fits[unit]:
            assert points[unit] == follow(lines, factors[of[unit]], Fraction(part, whole), places)


@given(rising(small), small.map(abs), st.integers(0, 6))
def test_lines_are_followed_exactly_up_to_the_largest_numbers(
    lines: list[Line], factor: Fraction, places: int
) -> None:  # fmt: skip
    room = min(_room(line, _scaled(line, factor, places)) for line in lines)
    pairs = [(room, room), (room, 1), (-room, 1), (1, room), (room, room - 1 or 1)]
    n, d = np.array(pairs, np.int64).T
    points, fits = along(lines, [factor], np.zeros(len(pairs), np.intp), n, d, places)
    assert fits.all()
    assert points.tolist() == [follow(lines, factor, Fraction(*pair), places) for pair in pairs]
    assert not along(lines, [factor], np.zeros(1, np.intp), np.array([1]), np.array([room + 1]), places)[1].any()


def test_there_is_room_for_what_a_city_counts() -> None:
    """Shares of a thousand million, of a criterion that holds points of others too, to four places."""
    threshold = Fraction(4, 5)
    lines = [Line(slope=40 / threshold), Line(Fraction(40), start=threshold)]
    n, d = np.array([3 * 10**8, 9 * 10**8]), np.array([10**9, 10**9])
    points, fits = along(lines, [Fraction(41, 33)], np.array([0, 0]), n, d, 4)
    assert fits.all()
    assert points.tolist() == [186364, 496970]


def test_what_is_too_large_is_left_out_and_changes_nothing_beside_it() -> None:
    lines = [Line(slope=Fraction(40))]
    n, d = np.array([2**61, 1], np.int64), np.array([2**61 + 1, 3], np.int64)
    points, fits = along(lines, [ONE], np.array([0, 0]), n, d, 2)
    assert (fits.tolist(), points[1]) == ([False, True], 1333)


def read(*of: Reading) -> Numbers:
    """What units read to each of whom one of these was entered."""
    indicators: dict[str, Indicator] = {"x": Imported(Text("x", "x"), "imported", "share")}
    return gathered(indicators, [Subject({}, values={"x": each}) for each in of])["x"]


def test_readings_in_whole_numbers() -> None:
    found = read(Reading(3, 4), Reading(Decimal(0)), Reading(0, 0), Reading(2, 1), UNKNOWN, NOT_APPLICABLE)
    assert (found.scale, found.n.tolist(), found.d.tolist()) == (1, [3, 0, 0, 0, 0, 0], [4, 1, 1, 1, 1, 1])
    assert found.outcome.tolist() == [0, 0, 2, 1, 1, 1]
    assert found.fits.all()
    found = read(Reading(3, 4), Reading(Decimal("0.5")))
    assert (found.scale, found.n.tolist(), found.d.tolist()) == (
        GRAINS,
        [3 * GRAINS, GRAINS // 2],
        [4 * GRAINS, GRAINS],
    )


@pytest.mark.parametrize("strange", [Fraction(1, 3), Decimal(1) / (10 * GRAINS), LARGEST // GRAINS + 1, -1])
def test_a_strange_number_has_no_place_and_takes_none_from_others(strange: Fraction | Decimal | int) -> None:
    found = read(Reading(1, 2), Reading(strange), Reading(1, strange), Reading(None, strange))
    assert (found.scale, found.fits.tolist()) == (1, [True, False, False, True])
    assert (found.n[0], found.d[0]) == (1, 2)


@given(st.lists(drawn.subjects(), min_size=1, max_size=5), drawn.index_sets())
def test_arrays_say_what_readings_say(units: list[Subject], index_set: IndexSet) -> None:
    for code, numbers in gathered(index_set.indicators, units).items():
        for place, of in enumerate(units):
            expected = reading(code, index_set.indicators[code], of)
            if numbers.fits[place] and expected.applies:
                is_unknown = expected.n is None or (expected.d is not None and expected.d < expected.n)
                outcome = 1 if is_unknown else 2 if expected.is_of_nothing else 0
                assert numbers.outcome[place] == outcome
                if outcome == 0:
                    n, d = int(numbers.n[place]), int(numbers.d[place])
                    assert (Fraction(n, d), Fraction(n, numbers.scale)) == (expected.value, expected.n)
