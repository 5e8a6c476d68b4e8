"""Counting tasks on a day, and what children make of their parent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import TaskStatus
from tasks_api.tasks.domain import ENDED, rolled_up
from tasks_api.tasks.progress import Snapshot, progress

DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))
SNAPSHOTS = st.builds(
    Snapshot,
    status=st.sampled_from(TaskStatus),
    due_on=st.none() | DAYS,
    completed_on=st.none() | DAYS,
)
S = TaskStatus


@given(st.lists(SNAPSHOTS, max_size=40), DAYS)
def test_statuses_add_up_and_the_rest_are_parts(tasks: list[Snapshot], as_of: date) -> None:
    found = progress(tasks, as_of, 3)
    assert sum(getattr(found, status.value) for status in TaskStatus) == found.total == len(tasks)
    still_open = found.total - found.completed - found.closed
    assert found.overdue + found.due_soon + found.no_deadline <= still_open
    assert found.completed_late <= found.completed


@pytest.mark.parametrize(
    ("as_of", "overdue", "due_soon"),
    [
        (date(2024, 6, 26), 0, 0),
        (date(2024, 6, 27), 0, 1),
        (date(2024, 6, 30), 0, 1),
        (date(2024, 7, 1), 1, 0),
    ],
)
def test_in_time_on_the_last_day_and_overdue_from_the_next(as_of: date, overdue: int, due_soon: int) -> None:
    found = progress([Snapshot(S.IN_PROGRESS, date(2024, 6, 30), None)], as_of, 3)
    assert (found.overdue, found.due_soon) == (overdue, due_soon)


def test_late_is_what_was_reported_after_the_last_day() -> None:
    due = date(2024, 6, 30)
    done = [Snapshot(S.COMPLETED, due, day) for day in (due, due + timedelta(days=1))]
    found = progress(done, date(2024, 12, 31), 3)
    assert (found.completed, found.completed_late, found.overdue) == (2, 1, 0)


@given(st.lists(st.sampled_from(TaskStatus), min_size=1))
def test_a_parent_is_done_exactly_when_every_child_is(statuses: list[TaskStatus]) -> None:
    at = datetime(2024, 6, 1, tzinfo=UTC)
    children = [
        (status, at + timedelta(days=day) if status is S.COMPLETED else None) for day, status in enumerate(statuses)
    ]
    found = rolled_up(children)
    assert (found.status in ENDED) == all(status in ENDED for status in statuses)
    if found.status is S.COMPLETED:
        assert found.completed_at == max(done for _, done in children if done)
