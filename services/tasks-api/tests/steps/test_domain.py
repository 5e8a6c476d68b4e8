"""Where a step stands and when it may be due, for any task."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.rules import RuleBroken
from tasks_api.steps.domain import check_period, moved

DAYS = st.integers(0, 60).map(lambda days: date(2024, 6, 1) + timedelta(days=days))


@given(order=st.lists(st.integers(), unique=True, min_size=1, max_size=10), data=st.data())
def test_a_step_is_moved_and_the_others_keep_their_order(order: list[int], data: st.DataObject) -> None:
    step, position = data.draw(st.sampled_from(order)), data.draw(st.integers(1, 12))
    found = moved(order, step, position)
    assert found.index(step) == min(position, len(order)) - 1
    assert [each for each in found if each != step] == [each for each in order if each != step]


@given(due_on=st.none() | DAYS, assigned_on=DAYS, task_due_on=st.none() | DAYS)
def test_a_step_is_due_within_the_period_of_its_task(
    due_on: date | None, assigned_on: date, task_due_on: date | None
) -> None:
    within = due_on is None or (assigned_on <= due_on and (task_due_on is None or due_on <= task_due_on))
    if within:
        check_period(due_on, assigned_on, task_due_on)
    else:
        with pytest.raises(RuleBroken) as refused:
            check_period(due_on, assigned_on, task_due_on)
        assert refused.value.field == "due_on"
