"""A set that reads others is scored by what they say of the same unit and period."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from cchc_shared.contract.codes import UnitKind
from scoring_worker.catalogue.edition import Edition, linked
from scoring_worker.index_sets.document import load_content
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import Reading
from tests.support.composites import composite, name, plain_set


def edition(content: dict[str, Any]) -> Edition:
    document = load_content(content)
    return Edition(document, Evaluator(document.index_set))


def criterion(code: str, indicator: str, points: int) -> dict[str, Any]:
    return {"code": code, "name": name(), "max": points, "indicator": indicator, "rule": {"kind": "linear"}}


SHARE = {"name": name(), "source": "imported", "of": "share"}
AMOUNT = {"name": name(), "source": "council", "of": "amount"}
LOW = plain_set(
    "LOW",
    rank_from_coverage="0.5",
    indicators={"x": SHARE, "y": SHARE, "more": AMOUNT},
    fields=[
        {"code": "1", "name": name(), "criteria": [criterion("1.1", "x", 30)]},
        {"code": "2", "name": name(), "criteria": [criterion("2.1", "y", 70)]},
        {
            "code": "3",
            "name": name(),
            "adds": "bonus",
            "cap": 5,
            "criteria": [{"code": "3.1", "name": name(), "max": 5, "indicator": "more", "rule": {"kind": "given"}}],
        },
    ],
)
MIDDLE = composite("MIDDLE", {"1": ("LOW", "1", 60), "2": ("LOW", None, 40)})
TOP = composite("TOP", {"1": ("MIDDLE", None, 50), "2": ("LOW", "2", 50)})


def subject(**values: Reading) -> Subject:
    return Subject({}, UnitKind.DEPARTMENT, values, "A", "2026")


def points(sets: dict[str, Edition], code: str, of: Subject) -> str:
    """The total, of the maximum."""
    score = sets[code].score(of)
    return f"{score.total} of {score.max}"


@pytest.mark.parametrize("order", list(permutations([LOW, MIDDLE, TOP])))
def test_each_comes_after_what_it_reads_however_they_are_given(order: tuple[dict[str, Any], ...]) -> None:
    sets = linked([edition(content) for content in order])
    assert list(sets) == [content["code"] for content in order]
    assert [each.code for each in sets["TOP"].below] == ["LOW", "MIDDLE"]
    of = subject(x=Reading(1, 3), y=Reading(6, 7))
    assert points(sets, "LOW", of) == "70.00 of 100"
    assert points(sets, "MIDDLE", of) == "48.00 of 100"  # 60 × 10/30 + 40 × 70/100
    assert points(sets, "TOP", of) == "66.86 of 100"  # 50 × 48/100 + 50 × 60/70 = 24.00 + 42.857…


def test_what_another_set_cannot_say_is_missing() -> None:
    sets = linked([edition(LOW), edition(MIDDLE), edition(TOP)])
    of = subject(x=Reading(1, 3))  # 30 of 100 points rest on data: no rank
    assert not sets["LOW"].evaluator.is_ranked(sets["LOW"].score(of))
    assert points(sets, "MIDDLE", of) == "20.00 of 60", "the field is known, the whole is not"
    alone = linked([edition(TOP)])
    assert points(alone, "TOP", of) == "0.00 of 0", "a set that is given up says nothing"
    assert not alone["TOP"].evaluator.finds(alone["TOP"].complete(of))


def test_a_bonus_makes_nothing_more_than_all() -> None:
    sets = linked([edition(LOW), edition(MIDDLE)])
    of = subject(x=Reading(1, 1), y=Reading(1, 1), more=Reading(5))
    assert points(sets, "LOW", of) == "105.00 of 100"
    assert points(sets, "MIDDLE", of) == "100.00 of 100"


def test_points_that_somebody_gave_are_those_of_one_set() -> None:
    sets = linked([edition(LOW), edition(MIDDLE)])
    known = subject(x=Reading(1, 3), y=Reading(6, 7))
    of = Subject({}, known.kind, known.values, "A", "2026", {"1.1": Decimal(9)})
    assert points(sets, "MIDDLE", of) == "37.00 of 100"  # 9, and 40 × 70/100 as before


def test_it_depends_on_all_that_others_depend_on() -> None:
    sets = linked([edition(LOW), edition(MIDDLE), edition(TOP)])
    assert sets["TOP"].enters == {"x", "y", "more"}
    assert sets["TOP"].reads == sets["LOW"].reads
    assert sets["LOW"].below == ()
