"""How a target stands, over any values."""

from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Role
from tasks_api.periods import Period
from tasks_api.targets.domain import Comparison, Standing, Target, Value, newest, standing

ID = UUID(int=1)
DUE = date(2024, 12, 31)
codes = st.sampled_from(("2024", "2024-H1", "2024-H2", "2024-Q1", "2024-Q4", "2024-02", "2024-12"))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2025, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
values = st.builds(
    lambda code, version, value, at: Value(
        target=ID, period=code, version=version, value=value, note="", period_end=Period.of(code).last_day, actor="a",
        role=Role.OFFICER, at=at,
    ),
    codes, st.integers(1, 3), st.floats(-1e6, 1e6), instants,
)  # fmt: skip
targets = st.builds(
    Target,
    id=st.just(ID), version=st.just(1), plan=st.just("P"), text=st.just("t"), measure=st.just("%"),
    comparison=st.sampled_from(Comparison), value=st.floats(-1e6, 1e6), due_on=st.just(DUE), unit=st.just("u"),
    actor=st.just("a"), role=st.just(Role.COORDINATOR), at=st.just(datetime(2024, 1, 1, tzinfo=UTC)),
)  # fmt: skip


@given(targets, st.none() | values, st.dates(date(2024, 1, 1), date(2026, 1, 1)))
def test_met_open_or_not(target: Target, last: Value | None, today: date) -> None:
    found = standing(target, last, today)
    if target.comparison is Comparison.AT_LEAST:
        reached = last is not None and last.value >= target.value
    else:
        reached = last is not None and last.value <= target.value
    assert (found is Standing.MET) == reached
    if not reached:
        assert (found is Standing.OPEN) == (today <= DUE)


@given(st.lists(values, max_size=8))
def test_the_newest_is_of_the_period_that_ended_last(reported: list[Value]) -> None:
    found = newest(reported)
    if found is None:
        assert reported == []
    else:
        assert all(each.period_end <= found.period_end for each in reported)
        assert all(each.at <= found.at for each in reported if each.period_end == found.period_end)
