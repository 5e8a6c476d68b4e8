"""What work is worth: the published examples, and what no weights may turn round."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tasks_api.kpi.domain import Work
from tasks_api.kpi.rules import KpiRules
from tasks_api.tasks.domain import UnitRole, Urgency

RULES = KpiRules.load(Path(__file__).parents[4] / "data" / "hanoi")
DUE = date(2024, 6, 30)
WORK = Work(
    task="NV-1",
    title="x",
    role=UnitRole.LEAD,
    urgency=Urgency.NORMAL,
    last_day=DUE,
    completed_on=DUE,
    quality=None,
)
works = st.builds(
    Work,
    task=st.just("NV-1"),
    title=st.just("x"),
    role=st.sampled_from((UnitRole.LEAD, UnitRole.COORDINATING)),
    urgency=st.sampled_from(Urgency),
    last_day=st.none() | st.just(DUE),
    completed_on=st.none() | st.integers(-20, 20).map(lambda days: DUE + timedelta(days=days)),
    quality=st.none() | st.integers(1, 5),
)


def kpi(**more: object) -> Decimal:
    return RULES.formula.worth(replace(WORK, **more)).kpi


def early(days: int) -> date:
    return DUE - timedelta(days=days)


def test_the_published_examples() -> None:
    assert kpi(completed_on=early(5), quality=5, urgency=Urgency.URGENT) == 315
    assert kpi(role=UnitRole.COORDINATING, quality=4, urgency=Urgency.URGENT) == 81


@pytest.mark.parametrize(
    ("days", "points"),
    [(8, 115), (7, 115), (6, 110), (3, 110), (2, 105), (1, 105), (0, 100), (-1, 90), (-2, 90), (-3, 75), (-7, 75),
     (-8, 50), (-99, 50)],
)  # fmt: skip
def test_points_by_days(days: int, points: int) -> None:
    assert RULES.formula.worth(replace(WORK, completed_on=early(days))).completion == points


def test_what_has_no_last_day_is_on_time_and_what_is_not_done_is_worth_nothing() -> None:
    assert kpi(last_day=None) == kpi()
    assert kpi(completed_on=None, quality=None) == 0
    assert kpi(quality=4) == kpi(), "no mark counts as 80 points"


@given(works)
def test_a_row_explains_its_sum(work: Work) -> None:
    found = RULES.formula.worth(work)
    assert found.kpi == (found.completion + found.quality) / 2 * found.role * found.urgency
    assert found.kpi >= 0


@given(works, st.integers(0, 30))
def test_earlier_is_never_worth_less(work: Work, days: int) -> None:
    if work.completed_on is not None:
        sooner = replace(work, completed_on=work.completed_on - timedelta(days=days))
        assert RULES.formula.worth(sooner).kpi >= RULES.formula.worth(work).kpi
    undone = replace(work, completed_on=None, quality=None)
    assert RULES.formula.worth(undone).kpi <= RULES.formula.worth(work).kpi


@given(works.filter(lambda work: work.quality is not None and work.quality < 5))
def test_a_better_mark_is_never_worth_less(work: Work) -> None:
    assert work.quality is not None
    assert RULES.formula.worth(replace(work, quality=work.quality + 1)).kpi >= RULES.formula.worth(work).kpi


def test_weights_that_nobody_decided_on_are_a_template() -> None:
    assert RULES.is_template == (RULES.status != "V")
    assert replace(RULES, status="V").is_template is False
    assert replace(RULES, status="R").is_template is True
