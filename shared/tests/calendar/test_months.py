"""Months follow each other, and each closes once, on the day of the rule of its own time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.calendar.months import ClosingRule, Month, closing_rule, months_to_close

months = st.dates(date(1900, 2, 1), date(2899, 12, 31)).map(lambda day: Month(day.year, day.month))
FORMER = ClosingRule(
    id="a", effective_from=date(2026, 1, 1), effective_until=date(2026, 6, 30), day=5, source="", status="R"
)
LATER = replace(FORMER, id="b", effective_from=date(2026, 7, 1), effective_until=None, day=28)


@given(months)
def test_a_month_is_written_as_it_is_read_and_followed_by_the_next_day(month: Month) -> None:
    assert Month.of(str(month)) == month
    assert month.following.first_day == month.last_day + timedelta(days=1)
    assert (month.following.former, month.former.following) == (month, month)
    assert [*month.since_january()][-1] == month
    assert {each.year for each in month.since_january()} == {month.year}


def test_a_rule_may_end_and_another_follow() -> None:
    rules = [FORMER, LATER]
    found = [closing_rule(rules, Month(year, month)) for year, month in ((2025, 12), (2026, 6), (2026, 7), (2030, 1))]
    assert found == [None, FORMER, LATER, LATER]
    assert FORMER.closing_day(Month(2026, 12)) == date(2027, 1, 5)
    assert LATER.closing_day(Month(2027, 1)) == date(2027, 2, 28)


@given(st.sets(st.integers(0, 40)), st.dates(date(2025, 1, 1), date(2029, 12, 31)))
def test_what_is_to_close_is_what_is_over_and_not_closed(done: set[int], until: date) -> None:
    row = [Month(2026, 1)]
    for _ in range(60):
        row.append(row[-1].following)
    closed = {row[number] for number in done}
    over = [month for month in row if closing_day(month) <= until]
    assert [*months_to_close([FORMER, LATER], closed, until)] == [month for month in over if month not in closed]


def closing_day(month: Month) -> date:
    return month.following.first_day.replace(day=5 if month < Month(2026, 7) else 28)


@pytest.mark.parametrize(("day", "closes"), [(date(2026, 2, 4), []), (date(2026, 2, 5), [Month(2026, 1)])])
def test_a_month_closes_with_its_day(day: date, closes: list[Month]) -> None:
    assert [*months_to_close([FORMER], (), day)] == closes
