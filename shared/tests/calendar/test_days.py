"""Days off by law, and the lunar calendar behind them, beside decisions that were published and another's tables."""

from datetime import date
from pathlib import Path

import holidays
import msgspec
import pytest

from cchc_shared.calendar.days import days_off_by_law
from cchc_shared.calendar.document import CalendarDocument, DaysByLaw
from cchc_shared.calendar.lunar import solar_day
from cchc_shared.contract.yaml_text import read_document

PROFILE = Path(__file__).parents[3] / "data" / "hanoi"
LAW = read_document(PROFILE / "days_by_law.yaml", DaysByLaw)
DECIDED = read_document(PROFILE / "calendar.yaml", CalendarDocument)
WEEKEND = {5, 6}
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


def test_a_year_nobody_exchanged_days_in_is_what_was_decided() -> None:
    """2025: five days at Tết, 1/9 in place of 3/9, and 2/5 exchanged for the 26th of April."""
    by_law = days_off_by_law(LAW, 2025, WEEKEND, HANOI)
    decided = set(DECIDED.years[2025].days_off)
    assert by_law - decided == {date(2025, 9, 3)}
    assert decided - by_law == {date(2025, 9, 1), date(2025, 5, 2)}


def test_an_estimate_of_a_year_to_come() -> None:
    """As this software's own data names it: a Tết on a Saturday, 1/5 on one too, and the two days of 2/9."""
    assert sorted(days_off_by_law(LAW, 2027, WEEKEND, HANOI)) == [
        *(date(2027, 1, 1), date(2027, 2, 4), date(2027, 2, 5), date(2027, 2, 8), date(2027, 2, 9), date(2027, 2, 10)),
        *(date(2027, 4, 16), date(2027, 4, 30), date(2027, 5, 3), date(2027, 9, 2), date(2027, 9, 3)),
        date(2027, 11, 24),
    ]


def test_two_holidays_on_one_weekend_are_both_given_back() -> None:
    """2023: the Hùng Kings' day on Saturday 29/4 and 30/4 on Sunday, before Monday 1/5."""
    off = days_off_by_law(LAW, 2023, WEEKEND, HANOI)
    assert {day for day in off if day.month in (4, 5)} == {date(2023, 5, 1), date(2023, 5, 2), date(2023, 5, 3)}


def test_a_holiday_is_one_only_while_the_law_says_so() -> None:
    before, after = (days_off_by_law(LAW, year, WEEKEND, HANOI) for year in (2025, 2027))
    assert date(2025, 11, 24) not in before
    assert date(2027, 11, 24) in after
    abolished = msgspec.structs.replace(
        LAW, holidays=tuple(msgspec.structs.replace(each, effective_until=date(2026, 12, 31)) for each in LAW.holidays)
    )
    assert days_off_by_law(abolished, 2027, WEEKEND, HANOI) == set()
