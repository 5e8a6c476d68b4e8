"""The template of the city for six kinds of units: 70 points appraised, 30 surveyed; 40 and 20 for central agencies."""

from decimal import Decimal
from pathlib import Path

import pytest

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.evaluation import Evaluator
from scoring_worker.index_sets.indicators import FromEvents
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import Reading

CITY = load((Path(__file__).parents[4] / "data/index_sets/cchc-city-2027.1.yaml").read_text()).index_set
EVALUATOR = Evaluator(CITY)
BEST = {"reform_plan_issued": 1, "initiatives": 0, "staff_disciplined": 0, "violations": 0}
COUNTS = {
    "task.completion": {"on_time": 9},
    "feedback.acceptance": {"on_time": 9},
    "feedback.resolution": {"on_time": 9},
    "consultation.answer": {"on_time": 9},
    "inspection.recommendation": {"on_time": 9},
    "dossier.resolution": {"on_time": 9},
    "dossier.satisfaction": {"on_time": 9},
    "dossier.digitised": {"happened": 9},
    "dossier.fee_charged": {"happened": 9},
    "dossier.paid_online": {"happened": 9},
}


def subject(kind: UnitKind, *, surveyed: bool = True) -> Subject:
    """A unit that does everything as it should."""
    entered = {
        code: Reading(BEST[code]) if each.of == "amount" else Reading(7, 7)
        for code, each in CITY.indicators.items()
        if not isinstance(each, FromEvents) and (surveyed or each.source != "survey")
    }
    return Subject(COUNTS, kind, entered, "A", "2027-H1")


@pytest.mark.parametrize("kind", CITY.kinds)
def test_everything_done_is_all_points(kind: UnitKind) -> None:
    score = EVALUATOR.score(subject(kind))
    assert score.max == (60 if kind is UnitKind.CENTRAL_AGENCY else 100)
    assert score.total == score.max
    assert score.percent == Decimal(100)
    assert score.coverage == Decimal(1)


@pytest.mark.parametrize("kind", CITY.kinds)
def test_without_a_survey_the_rest_is_the_whole(kind: UnitKind) -> None:
    score = EVALUATOR.score(subject(kind, surveyed=False))
    assert score.max == (40 if kind is UnitKind.CENTRAL_AGENCY else 70)
    assert score.percent == Decimal(100)
    assert score.coverage == (Decimal("0.6667") if kind is UnitKind.CENTRAL_AGENCY else Decimal("0.7"))


def test_what_is_a_template_says_so() -> None:
    assert CITY.template
    assert CITY.notice
    assert len(CITY.kinds) == 6
