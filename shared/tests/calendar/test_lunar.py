"""The lunar calendar, beside years in which Hanoi and Beijing differ, and beside another's tables."""

from datetime import date

import holidays
import pytest

from cchc_shared.calendar.lunar import solar_day

HANOI, BEIJING = 7.0, 8.0


@pytest.mark.parametrize(
    ("year", "hanoi", "beijing"),
    [
        (1985, "1985-01-21", "1985-02-20"),  # a month earlier: the two had another leap month
        (2007, "2007-02-17", "2007-02-18"),
        (2030, "2030-02-02", "2030-02-03"),
        (2025, "2025-01-29", "2025-01-29"),
        (2026, "2026-02-17", "2026-02-17"),
        (2033, "2033-01-31", "2033-01-31"),
    ],
)
def test_new_year_is_where_one_stands(year: int, hanoi: str, beijing: str) -> None:
    assert solar_day(year, 1, 1, HANOI) == date.fromisoformat(hanoi)
    assert solar_day(year, 1, 1, BEIJING) == date.fromisoformat(beijing)


@pytest.mark.parametrize("year", range(1976, 2100))
def test_the_lunar_days_are_those_of_an_independent_table(year: int) -> None:
    table = holidays.country_holidays("VN", years=year, language="en_US", observed=False)
    named = {name: day for day, names in table.items() for name in names.split("; ")}
    assert solar_day(year, 1, 1, HANOI) == named["Lunar New Year"]
    if year >= 2007:
        assert solar_day(year, 3, 10, HANOI) == named["Hung Kings' Commemoration Day"]


def test_a_month_has_twenty_nine_or_thirty_days() -> None:
    lengths = {29: 0, 30: 0}
    for year in range(1990, 2060):
        for month in range(1, 13):
            try:
                solar_day(year, month, 30, HANOI)
                lengths[30] += 1
            except ValueError:
                lengths[29] += 1
            assert solar_day(year, month, 29, HANOI) > solar_day(year, month, 1, HANOI)
    assert 0.5 < lengths[30] / sum(lengths.values()) < 0.56


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1900, 1, 1), (2100, 1, 1), (2026, 13, 1), (2026, 1, 31), (2026, 1, 0)]
)
def test_what_is_no_lunar_date_is_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError, match="no lunar date"):
        solar_day(year, month, day, HANOI)
