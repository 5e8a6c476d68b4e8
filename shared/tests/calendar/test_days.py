"""Days off by law, beside decisions that were published."""

from datetime import date
from pathlib import Path

import msgspec

from cchc_shared.calendar.days import days_off_by_law
from cchc_shared.calendar.document import CalendarDocument, DaysByLaw
from cchc_shared.contract.yaml_text import read_document

PROFILE = Path(__file__).parents[3] / "data" / "hanoi"
LAW = read_document(PROFILE / "days_by_law.yaml", DaysByLaw)
DECIDED = read_document(PROFILE / "calendar.yaml", CalendarDocument)
WEEKEND = {5, 6}
HANOI = 7.0


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
