"""How long it takes to score a whole city anew and to try its ranks under a thousand weights, against plain loops.

Plain loops reckon in fractions, unit by unit: the scores by each criterion, and the same draws, of which they are timed
on a few. All are given the same readings, of which no two units need have the same, as the database gives them.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import numpy as np

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.document import load_content
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import Reading
from scoring_worker.scores.ranking import ranks
from scoring_worker.sensitivity.domain import Draws, Placed, Table, drawn, stability, table_of
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support import plain_scores
from tests.support.stability import looped

CRITERIA, FIELDS, UNITS, DRAWS, LOOPED, ROUNDS = 100, 10, 700, 1_000, 2, 3
PERIOD = "2026-H1"
KIND = UnitKind.COMMUNE
AT_LEAST = 20
T = TypeVar("T")


class Round(NamedTuple):
    """Seconds to score all units from nothing, together, one by one and by the plain loop; to try draws, and so too."""

    scored: float
    one_by_one: float
    plainly: float
    tried: float
    looped: float


def measure(_: Stage) -> Iterator[Result]:
    """In this process, by turns; nothing is read from a database."""
    index_set, subjects = _index_set(), list(_subjects())
    rounds = [_round(index_set, subjects, seed) for seed in range(ROUNDS)]
    scored, one_by_one, plainly, tried, plain = (statistics.median(values) for values in zip(*rounds, strict=True))
    yield Result(
        f"plain loop / arrays, {CRITERIA} criteria x {UNITS} units scored from nothing",
        [
            Figure("arrays", scored * 1000, " ms"),
            Figure("one after the other", one_by_one * 1000, " ms"),
            Figure("loop", plainly * 1000, " ms"),
        ],
        statistics.median(one.plainly / one.scored for one in rounds),
        Bound("≥", AT_LEAST),
    )
    yield Result(
        f"plain loop / matrices, {DRAWS:,} draws of {CRITERIA} criteria x {UNITS} units",
        [Figure("matrices", tried * 1000, " ms"), Figure(f"loop, by {LOOPED} draws", plain, " s")],
        statistics.median(one.looped / one.tried for one in rounds),
        Bound("≥", AT_LEAST),
    )
    yield Result(
        f"plain loop / all of it: scored from nothing and {DRAWS:,} draws",
        [Figure("all", (scored + tried) * 1000, " ms")],
        statistics.median((one.plainly + one.looped) / (one.scored + one.tried) for one in rounds),
        Bound("≥", AT_LEAST),
    )


def _round(index_set: IndexSet, subjects: list[Subject], seed: int) -> Round:
    evaluator, caching = Evaluator(index_set), Evaluator(index_set)
    scored, scores = _timed(lambda: evaluator.score_all(subjects))
    one_by_one, found = _timed(lambda: [caching.score(each) for each in subjects])
    plainly, plain = _timed(lambda: plain_scores.looped(index_set, subjects))
    if not scores == found == plain:
        raise RuntimeError("three ways to score find different scores")
    placed = [
        Placed(subject, rank, evaluator.band(score, subject), {})
        for subject, score, rank in zip(
            subjects, scores, ranks([score.percent for score in scores], index_set.ranking), strict=True
        )
        if rank is not None
    ]
    placed.sort(key=lambda one: one.rank)
    draws = Draws(Decimal("0.2"), DRAWS, seed, Decimal("0.9"))
    tried, _ = _timed(lambda: stability(table_of(evaluator, KIND, placed), draws))
    table = table_of(evaluator, KIND, placed)
    return Round(scored, one_by_one, plainly, tried, _looped(table, draws._replace(number=LOOPED)) * DRAWS / LOOPED)


def _looped(table: Table, draws: Draws) -> float:
    """Seconds for these draws. Raises `RuntimeError` unless the matrices find the same."""
    own = np.array([int(weight * 100) for weight in table.weights], np.int64)
    weights = drawn(own, draws, 0).tolist()
    seconds, found = _timed(lambda: looped(table, draws, weights))
    if found != stability(table, draws):
        raise RuntimeError("the plain loop finds other ranks")
    return seconds


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    gc.collect()  # or what was left before is cleared away while this is timed
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _index_set() -> IndexSet:
    name = {"vi": "Tiêu chí", "en": "Criterion"}
    indicators = {f"I{n}": {"name": name, "source": "imported", "of": "share"} for n in range(CRITERIA)}
    rules: list[dict[str, Any]] = [{"kind": "linear"}, {"kind": "linear_threshold", "threshold": "0.9"}]
    fields = [
        {
            "code": f"{field}",
            "name": name,
            "criteria": [
                {"code": f"{field}.{n}", "name": name, "max": 1, "indicator": f"I{n}", "rule": rules[n % len(rules)]}
                for n in range(field, CRITERIA, FIELDS)
            ],
        }
        for field in range(FIELDS)
    ]
    return load_content(
        {
            "code": "BENCH",
            "version": "1",
            "title": name,
            "source": "tests/bench",
            "status": "R",
            "effective_from": "2026-01-01",
            "places": 2,
            "ranking": "1-2-2-4",
            "missing": "exclude",
            "kinds": [KIND.value],
            "indicators": indicators,
            "fields": fields,
            "bands": [{"code": code, "name": name, "at_least": least} for code, least in (("good", 80), ("low", 0))],
        }
    ).index_set


def _subjects() -> Iterator[Subject]:
    chance = random.Random(1)  # noqa: S311 - numbers for a measurement
    for number in range(UNITS):
        values = {}
        for n in range(CRITERIA):
            of = chance.randint(1, 400)
            values[f"I{n}"] = Reading(Decimal(chance.randint(of // 2, of)), Decimal(of))
        yield Subject({}, KIND, values, f"unit-{number}", PERIOD)
