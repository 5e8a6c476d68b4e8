"""Periods: every code covers whole months of its year."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tasks_api.periods import Period


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-H1", date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-H2", date(2024, 7, 1), date(2024, 12, 31)),
        ("2024-Q3", date(2024, 7, 1), date(2024, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
    ],
)
def test_first_and_last_day(code: str, first: date, last: date) -> None:
    assert Period.of(code) == (code, first, last)


@pytest.mark.parametrize("parts", [["H1", "H2"], ["Q1", "Q2", "Q3", "Q4"], [f"{month:02}" for month in range(1, 13)]])
def test_parts_make_the_year(parts: list[str]) -> None:
    found = [Period.of(f"2024-{part}") for part in parts]
    assert (found[0].first_day, found[-1].last_day) == Period.of("2024")[1:]
    for before, after in pairwise(found):
        assert before.last_day + timedelta(days=1) == after.first_day


@pytest.mark.parametrize("code", ["", "24", "2024-Q5", "2024-13", "2024-00", "2024-H0", "2024-Q3 ", "2024-q1", "3024"])
def test_no_period(code: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period.of(code)
