"""Ranks under drawn weights: by matrices as by a plain loop in fractions, and the same whatever reckons them."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.bands import Band
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.domain import Ties
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import rounded as exactly
from scoring_worker.index_sets.texts import Text
from scoring_worker.scores.ranking import ranks
from scoring_worker.sensitivity import domain
from scoring_worker.sensitivity.domain import (
    DRAWS_AT_ONCE,
    GRAIN,
    Bounds,
    Draws,
    Placed,
    Row,
    Table,
    Whole,
    bounds,
    drawn,
    ranked,
    rounded,
    stability,
    table_of,
)
from tests.support.stability import looped

SETS = Path(__file__).parents[4] / "data" / "index_sets"
DRAWS = Draws(Decimal("0.2"), 2 * DRAWS_AT_ONCE + 30, 7, Decimal("0.9"))
SHARES = st.sampled_from([Decimal(share) for share in ("0", "0.125", "0.5", "0.9", "1")])


def own(table: Table) -> Whole:
    """Weights of a table in the whole numbers that are drawn from."""
    return np.array([int(weight * 100) for weight in table.weights], np.int64)


def all_drawn(table: Table, draws: Draws) -> list[list[int]]:
    blocks = range(-(-draws.number // DRAWS_AT_ONCE))
    return [row for block in blocks for row in drawn(own(table), draws, block).tolist()]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Up to eight units against up to five criteria, of which some have no data; most have ties."""
    weights = draw(st.lists(st.decimals(1, 40, places=2), min_size=1, max_size=5))
    places = draw(st.integers(0, 2))
    rows = []
    for number in range(draw(st.integers(1, 8))):
        known = draw(st.lists(st.booleans(), min_size=len(weights), max_size=len(weights)).filter(any))
        shares = [
            draw(st.sampled_from([Decimal(share) for share in ("0", "0.125", "0.5", "0.9", "1")])) for _ in weights
        ]
        counted = [weight if there else Decimal(0) for weight, there in zip(weights, known, strict=True)]
        points = [exactly(most * share, 2) for most, share in zip(counted, shares, strict=True)]
        beside = draw(st.sampled_from([Decimal(0), Decimal("1.5"), Decimal(-3)]))
        limits = draw(st.none() | st.tuples(st.integers(0, 5000), st.integers(5001, 10001)).map(Bounds._make))
        rows.append((points, counted, beside, limits, f"U{number}"))
    values = [
        exactly(Fraction(100 * max(sum(row[0], row[2]), Decimal(0))) / Fraction(sum(row[1])), places) for row in rows
    ]
    ties: Ties = draw(st.sampled_from(["1-2-2-4", "1-2-2-3"]))
    listed = [
        Row(unit, rank or 0, points, counted, beside, limits)
        for rank, (points, counted, beside, limits, unit) in zip(ranks(values, ties), rows, strict=True)
    ]
    listed.sort(key=lambda row: (row.rank, row.unit))
    return Table([Fraction(each) for each in weights], listed, ties, places, draw(st.sampled_from([None, 1])))


@given(table=tables(), seed=st.integers(0, 5))
@settings(max_examples=25)
def test_matrices_find_what_the_plain_loop_finds(table: Table, seed: int) -> None:
    draws = Draws(Decimal("0.3"), 120, seed, Decimal("0.8"))
    assert stability(table, draws) == looped(table, draws, all_drawn(table, draws))


def test_a_draw_keeps_the_points_of_the_whole_and_every_weight_within_the_spread() -> None:
    weights = np.array([3000, 1000, 500, 5500], np.int64)
    found = np.concatenate([drawn(weights, DRAWS, block) for block in range(3)])
    assert len(found) == DRAWS.number
    whole = found @ weights
    assert abs(whole - GRAIN * weights.sum()).max() <= weights.sum()  # each weight is rounded to a ten-thousandth
    assert found.min() >= GRAIN * 0.8 / 1.2 - 1
    assert found.max() <= GRAIN * 1.2 / 0.8 + 1
    assert len(np.unique(found, axis=0)) == DRAWS.number


def test_equal_seeds_give_equal_draws_and_others_others() -> None:
    weights = np.array([40, 60], np.int64)
    assert drawn(weights, DRAWS, 0)[:3].tolist() == KNOWN
    assert (drawn(weights, DRAWS, 1) != drawn(weights, DRAWS, 0)).any()
    assert (drawn(weights, DRAWS._replace(seed=8), 0) != drawn(weights, DRAWS, 0)).any()
    assert (drawn(weights, DRAWS._replace(number=30), 0) == drawn(weights, DRAWS, 0)[:30]).all()


KNOWN = [[8863, 10758], [10428, 9715], [10500, 9667]]
"""What every machine draws: numpy promises it for PCG64, and the answers of the past rest on it."""


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(
        [Fraction(60), Fraction(40)],
        [
            Row("A", 1, [Decimal(60), Decimal(0)], [Decimal(60), Decimal(40)], Decimal(0), Bounds(5000, 7000)),
            Row("B", 2, [Decimal(20), Decimal(39)], [Decimal(60), Decimal(40)], Decimal(0), None),
        ],
        "1-2-2-4",
        2,
    )
    monkeypatch.setattr(domain, "THREADS", threads)
    found = stability(table, DRAWS)
    assert found == looped(table, DRAWS, all_drawn(table, DRAWS))
    assert found.swaps
    assert [unit.in_band is None for unit in found.units] == [False, True]


def test_nobody_has_a_rank() -> None:
    assert stability(Table([Fraction(1)], [], "1-2-2-4", 2), DRAWS) == ([], [])


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 10**12)), min_size=1), st.integers(0, 8))
def test_quotients_are_rounded_as_fractions_are(pairs: list[tuple[int, int]], digits: int) -> None:
    parts, wholes = np.array(pairs, np.int64).T
    assert rounded(parts, wholes, digits).tolist() == [
        int(exactly(Fraction(part, whole), digits).scaleb(digits)) for part, whole in pairs
    ]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=9), st.sampled_from(["1-2-2-4", "1-2-2-3"]))
def test_ranks_are_those_of_the_scores(values: list[int], ties: Ties) -> None:
    assert ranked(np.array([values, values[::-1]], np.int64), ties).tolist() == [
        ranks([Decimal(value) for value in row], ties) for row in (values, values[::-1])
    ]


def test_a_table_is_made_of_what_the_set_gives_each_unit() -> None:
    evaluator = Evaluator(load((SETS / "cchc-city.yaml").read_text()).index_set)
    counts = {"task.completion": {"on_time": 1, "overdue": 1}}
    subject = Subject(counts, UnitKind.DEPARTMENT, unit="A", period="2026-06")
    band = evaluator.band(evaluator.score(subject), subject)
    table = table_of(evaluator, UnitKind.DEPARTMENT, [Placed(subject, 1, band, {})])
    score = evaluator.score(subject)
    [row] = table.rows
    assert (sum(row.points), sum(row.counted), sum(table.weights)) == (score.total, score.max, 100)
    assert (row.unit, row.rank, row.beside) == ("A", 1, Decimal(0))
    assert table.total_places is None


NAME = Text("x", "x")
GOOD, FAIR, LOW = (
    Band("good", NAME, at_least=Decimal(80), requires=("open",)),
    Band("fair", NAME, above=Decimal("49.5")),
    Band("low", NAME, at_least=Decimal(0), forced_by=("forced",)),
)


@pytest.mark.parametrize(
    ("band", "open_", "forced", "found"),
    [
        (FAIR, True, False, (4951, 8000)),
        (FAIR, None, False, (4951, 8000)),  # nobody knows whether it would be good: then it has no band
        (FAIR, False, False, (4951, domain._EVER)),
        (GOOD, True, False, (8000, domain._EVER)),
        (LOW, True, True, (-domain._EVER, domain._EVER)),
    ],
)
def test_a_band_is_kept_within_its_bounds(
    band: Band, open_: bool | None, forced: bool, found: tuple[int, int]
) -> None:  # fmt: skip
    class Bands:
        bands = (GOOD, FAIR, LOW)

    some: Any = Bands
    assert bounds(some, band, {"open": open_, "forced": forced}, 2) == found
