"""Periods are whole months, and every month lies in four of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_worker.periods import containing, parse


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-H1", date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-H2", date(2024, 7, 1), date(2024, 12, 31)),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_periods_are_whole_months(code: str, first: date, last: date) -> None:
    period = parse(code)
    assert (period.code, period.first_day, period.last_day) == (code, first, last)


@pytest.mark.parametrize("code", ["", "24", "2024-13", "2024-00", "2024-Q5", "2024-H0", "2024-5", "2024-05-01", "0999"])
def test_anything_else_is_no_period(code: str) -> None:
    with pytest.raises(ValueError, match="period"):
        parse(code)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_every_month_belongs_to_a_month_quarter_half_and_year(day: date) -> None:
    month = day.replace(day=1)
    periods = containing(month)
    assert [len(period.months) for period in periods] == [1, 3, 6, 12]
    assert all(month in period.months and parse(period.code) == period for period in periods)
