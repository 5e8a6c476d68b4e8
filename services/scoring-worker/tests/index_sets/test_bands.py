"""Bands: bounds that are in or out, conditions beside them, and what is not known."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.bands import Band, band_of
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import Reading
from scoring_worker.index_sets.texts import Text

FOLDER = Path(__file__).parents[4] / "data" / "index_sets"
TT01 = Evaluator(load((FOLDER / "tt01-2018.yaml").read_text("utf-8")).index_set)
HP212 = Evaluator(load((FOLDER / "hp212.yaml").read_text("utf-8")).index_set)


def of_dossiers(points: str) -> Reading:
    """A mean of points of dossiers, of 2 that each could have had."""
    return Reading(Decimal(points), 2)


def circular(total: str) -> dict[str, Reading]:
    """Readings of the nine indicators of Circular 01/2018 that come to a total: whole levels first, then means."""
    left = Decimal(total)
    levels = []
    for _ in range(4):
        levels.append(min(left // 1, Decimal(2)))
        left -= levels[-1]
    found = dict(zip(("TT01_5", "TT01_6", "TT01_9"), map(Reading, levels), strict=False))
    for code in ("TT01_1", "TT01_2", "TT01_3", "TT01_4", "TT01_7"):
        found[code] = of_dossiers(str(min(left, Decimal(2))))
        left -= min(left, Decimal(2))
    answered = {0: Reading(0, 1), 1: Reading(9, 10), 2: Reading(1, 1)}[int(levels[3])]
    return found | {"PETITIONS_ANSWERED_ON_TIME": answered, "PETITIONS_DRAWN_OUT": Reading(0)}


@pytest.mark.parametrize(
    ("total", "band"),
    [
        ("18.0", "excellent"), ("15.0", "excellent"), ("14.9", "good"), ("12.0", "good"), ("11.9", "fair"),
        ("9.0", "fair"), ("8.9", "average"), ("6.0", "average"), ("5.9", "weak"), ("0.0", "weak"),
    ],
)  # fmt: skip
def test_bounds_of_circular_01(total: str, band: str) -> None:
    """Exactly 15 is excellent: a known program calls it weak."""
    of = Subject({}, UnitKind.DEPARTMENT, circular(total))
    score = TT01.score(of)
    assert score.total == Decimal(total)
    found = TT01.band(score, of)
    assert found is not None
    assert found.code == band


@pytest.mark.parametrize(
    ("answered", "of", "drawn", "points"),
    [(0, 0, 0, "2.0"), (10, 10, 0, "2.0"), (9, 10, 0, "1.0"), (899, 1000, 0, "0.0"), (10, 10, 1, "0.0")],
)
def test_levels_of_the_eighth_indicator(answered: int, of: int, drawn: int, points: str) -> None:
    values = {"PETITIONS_ANSWERED_ON_TIME": Reading(answered, of), "PETITIONS_DRAWN_OUT": Reading(drawn)}
    (node,) = TT01.tree(Subject({}, UnitKind.DEPARTMENT, values))[7].children
    assert node.score == Decimal(points)


def test_a_mean_of_dossiers_is_rounded_to_one_decimal() -> None:
    for n, d, points in ((45, 60, "1.5"), (43, 60, "1.4"), (1, 40, "0.1"), (1, 41, "0.0")):
        (node,) = TT01.tree(Subject({}, UnitKind.DEPARTMENT, {"TT01_1": Reading(n, d)}))[0].children
        assert node.score == Decimal(points), (n, d)


def test_what_is_not_known_is_not_in_the_sum() -> None:
    score = TT01.score(Subject({}, UnitKind.DEPARTMENT, {"TT01_1": of_dossiers("1.5")}))
    assert score[:2] == (Decimal("1.5"), Decimal(2))


def head(general: str, **changed: Reading) -> dict[str, Reading]:
    """A head of a unit whose every other point is full: 80 and those of the general criteria."""
    full = Reading(10, 10)
    shares = ("PROGRAMME_DONE", "PROGRAMME_GOOD", "PROGRAMME_ON_TIME", "TASKS_DONE", "TASKS_GOOD", "TASKS_ON_TIME")
    yes = ("PAR_INDEX_ABOVE_MEAN", "DDCI_ABOVE_MEAN", "SOCIOECONOMIC_DONE", "INVESTMENT_DISBURSED", "REVENUE_DONE")
    found = dict.fromkeys((*shares, "LAND_CLEARED", "TARGETS_DONE", "UNITS_COMPLETED", "UNITS_GOOD"), full)
    found |= dict.fromkeys((*yes, "PLANNING_DONE"), Reading(1))
    found |= dict.fromkeys(("LAND_VIOLATIONS", "DIGITAL_BEHIND", "DISCIPLINED"), Reading(0))
    found |= {"GENERAL_GROUPS": Reading(Decimal(general)), "LEADING": Reading(5), "GATHERING": Reading(5)}
    return found | {"TARGETS_EXCEEDED": Reading(5, 10)} | changed


def rated(values: dict[str, Reading]) -> tuple[Decimal, str | None]:
    of = Subject({}, UnitKind.DEPARTMENT, values)
    score = HP212.score(of)
    band = HP212.band(score, of)
    return score.total, band.code if band else None


@pytest.mark.parametrize(
    ("general", "changed", "expected"),
    [
        # DDCI has 2 points of which its highest step gives 1: 79 + the general criteria.
        ("20", {}, ("99.00", "excellent")),
        ("11", {}, ("90.00", "good")),  # above 90, not from 90 on
        ("11.01", {}, ("90.01", "excellent")),
        ("1", {}, ("80.00", "completed")),
        ("1.01", {}, ("80.01", "good")),
        # 9 of 10 tasks on time: not all, and 19 of 20 are more than 80 %.
        ("20", {"TASKS_ON_TIME": Reading(9, 10)}, ("98.00", "good")),
        ("20", {"TARGETS_EXCEEDED": Reading(4, 10)}, ("99.00", "good")),
        ("20", {"TARGETS_DONE": Reading(8, 10), "TARGETS_EXCEEDED": Reading(4, 10)}, ("99.00", "completed")),
        ("20", {"DISCIPLINED": Reading(1)}, ("99.00", "not_completed")),
        ("20", {"TASKS_ON_TIME": Reading(0, 10), "PROGRAMME_ON_TIME": Reading(9, 10)}, ("88.50", "not_completed")),
        ("20", {"TARGETS_EXCEEDED": Reading(None)}, ("99.00", None)),  # it decides, and nobody knows
        ("20", {"DISCIPLINED": Reading(None)}, ("99.00", None)),
        ("1", {"TARGETS_EXCEEDED": Reading(None)}, ("80.00", "completed")),  # it decides nothing here
    ],
)
def test_bounds_and_conditions_of_decision_212(
    general: str, changed: dict[str, Reading], expected: tuple[str, str | None]
) -> None:
    assert rated(head(general, **changed)) == (Decimal(expected[0]), expected[1])


def test_too_little_known_is_no_class() -> None:
    known = head("20")
    few = {code: known[code] for code in ("GENERAL_GROUPS", "DISCIPLINED")}
    of = Subject({}, UnitKind.DEPARTMENT, few)
    score = HP212.score(of)
    assert (score.percent, score.coverage) == (Decimal(100), Decimal("0.2"))
    assert not HP212.is_ranked(score)
    assert HP212.band(score, of) is None


values = st.decimals(0, 100, places=2)
gates = st.dictionaries(st.sampled_from("abc"), st.sampled_from([True, False, None]), min_size=3, max_size=3)


@given(values, gates, st.sampled_from("abc"))
def test_learning_what_was_not_known_never_contradicts(
    value: Decimal, known: dict[str, bool | None], gate: str
) -> None:
    name = Text("x", "x")
    bands = [
        Band("high", name, above=Decimal(80), requires=("a", "b")),
        Band("middle", name, at_least=Decimal(50), requires=("b",)),
        Band("low", name, at_least=Decimal(0), forced_by=("c",)),
    ]
    before = band_of(bands, value, known)
    if known[gate] is None and before is not None:
        assert {band_of(bands, value, known | {gate: learned}) for learned in (True, False)} == {before}
