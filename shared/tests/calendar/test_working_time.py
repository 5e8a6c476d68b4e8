from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.document import CalendarDocument, DaysByLaw
from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.yaml_text import read_document

PROFILE = Path(__file__).parents[3] / "data" / "hanoi"
DOCUMENT = PROFILE / "calendar.yaml"
LAW = read_document(PROFILE / "days_by_law.yaml", DaysByLaw)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

instants = st.datetimes(datetime(2023, 6, 1), datetime(2027, 6, 1), timezones=st.just(HANOI))  # noqa: DTZ001 - bounds are naive by contract
working_time = st.timedeltas(timedelta(), timedelta(hours=500))


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    """The city's own."""
    return WorkingCalendar.load(PROFILE)


def hanoi(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-08-21", "2026-08-22"),
        ("2026-08-28", "2026-09-03"),
        ("2025-04-25", "2025-04-26"),
        ("2025-04-29", "2025-05-05"),
    ],
)
def test_one_working_day_over_holidays_and_made_up_saturdays(
    calendar: WorkingCalendar, start: str, expected: str
) -> None:
    assert calendar.add_working_days(hanoi(f"{start} 10:00"), 1) == hanoi(f"{expected} 17:30")


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-08-21 09:00", 8, "2026-08-22 09:00"),  # a made-up Saturday
        ("2026-08-21 08:00", 4, "2026-08-21 12:00"),  # the closing, not the next opening
        ("2026-08-21 08:00", 4.5, "2026-08-21 14:00"),
        ("2026-08-21 12:30", 8, "2026-08-22 12:00"),
        ("2026-08-28 17:00", 1, "2026-09-03 08:30"),  # weekend, exchanged Monday, National Day
        ("2026-08-23 11:00", 8, "2026-08-24 17:30"),  # received on a Sunday
        ("2026-08-23 11:00", 0, "2026-08-24 08:00"),
        ("2026-08-21 12:00", 0, "2026-08-21 12:00"),  # a closing is still open
        ("2026-08-21 17:30", 0, "2026-08-21 17:30"),
        ("2026-08-21 12:30", 0, "2026-08-21 13:30"),
        ("2026-08-21 18:00", 0, "2026-08-22 08:00"),
    ],
)
def test_working_hours(calendar: WorkingCalendar, start: str, hours: float, expected: str) -> None:
    assert calendar.add_working_hours(hanoi(start), hours) == hanoi(expected)


def test_days_are_those_of_hanoi_and_not_of_utc(calendar: WorkingCalendar) -> None:
    early_monday = datetime(2026, 8, 23, 23, 30, tzinfo=UTC)  # 06:30 on the 24th in Hanoi
    assert calendar.local_date(early_monday) == date(2026, 8, 24)
    assert calendar.add_working_days(early_monday, 1) == hanoi("2026-08-25 17:30")
    assert calendar.add_working_hours(early_monday, 1) == hanoi("2026-08-24 09:00")
    assert calendar.end_of_day(date(2026, 8, 24)) == datetime(2026, 8, 24, 17, tzinfo=UTC)


def test_years_without_a_decision_have_the_days_off_by_law(calendar: WorkingCalendar) -> None:
    assert not calendar.is_working_day(date(2030, 9, 2))
    assert not calendar.is_working_day(date(2030, 9, 1))
    assert not calendar.is_working_day(date(2030, 2, 1)), "the day before Tết, which is a day earlier than in China"
    assert calendar.is_working_day(date(2030, 8, 30))
    assert calendar.is_working_day(date(2015, 9, 2)), "before the law's document: weekends only"


@pytest.mark.parametrize(
    ("since", "undecided"),
    [
        ("2026-11-01", "2026-11-23"),  # an exchange whose outcome is not known
        ("2026-11-23", "2026-11-23"),
        ("2026-11-24", "2027-01-01"),
        ("2024-01-01", "2026-11-23"),
        ("2030-05-05", "2030-05-05"),
        ("2023-12-31", "2023-12-31"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_the_first_day_that_nobody_decided_on(calendar: WorkingCalendar, since: str, undecided: str) -> None:
    assert calendar.first_undecided(date.fromisoformat(since)) == date.fromisoformat(undecided)


@pytest.mark.parametrize(
    ("start", "end", "provisional"),
    [
        ("2026-12-30 09:00", "2026-12-31 17:30", False),
        ("2026-12-30 09:00", "2027-01-01 00:00", False),  # due at the end of the last decided day
        ("2026-12-30 09:00", "2027-01-01 00:00:01", True),
        ("2026-11-20 17:00", "2026-11-25 09:00", True),
        ("2026-11-24 00:00", "2026-11-25 09:00", False),
        ("2024-01-01 00:00", "2024-01-02 00:00", False),
        ("2023-12-31 23:59", "2024-01-02 00:00", True),
    ],
)
def test_what_touches_an_undecided_day_is_provisional(
    calendar: WorkingCalendar,
    start: str,
    end: str,
    provisional: bool,
) -> None:
    assert calendar.is_provisional(hanoi(start), hanoi(end)) is provisional


@given(instants, instants)
def test_provisional_is_what_a_look_at_each_day_says(calendar: WorkingCalendar, a: datetime, b: datetime) -> None:
    start, end = min(a, b), max(a, b)
    day, last = calendar.local_date(start), last_day_before(end, HANOI)
    touched = False
    while day <= last:
        touched |= day.year not in (2024, 2025, 2026) or day == date(2026, 11, 23)
        day += timedelta(days=1)
    assert calendar.is_provisional(start, end) is touched


def test_what_cannot_be_counted_is_refused(calendar: WorkingCalendar) -> None:
    with pytest.raises(ValueError, match="timezone"):
        calendar.add_working_hours(datetime(2026, 8, 21, 9), 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="only be added"):
        calendar.add_working_hours(hanoi("2026-08-21 09:00"), -1)
    with pytest.raises(ValueError, match="at least one"):
        calendar.add_working_days(hanoi("2026-08-21 09:00"), 0)
    with pytest.raises(ValueError, match="at least one"):
        calendar.add_calendar_days(hanoi("2026-08-21 09:00"), 0)
    with pytest.raises(ValueError, match="outside"):
        calendar.add_working_days(hanoi("2026-08-21 09:00"), 10**6)
    with pytest.raises(ValueError, match="outside"):
        calendar.is_working_day(date(1900, 1, 1))


@pytest.mark.parametrize(
    "fault",
    [
        {"office_hours": {"hours": [["12:00", "08:00"]], "source": "x", "status": "R"}},
        {"office_hours": {"hours": [], "source": "x", "status": "R"}},
        {"office_hours": {"hours": [["08:00", "12:00"], ["12:00", "17:00"]], "source": "x", "status": "R"}},
        {"weekend": ["someday"]},
        {"years": {2026: {"status": "V", "source": "x", "days_off": ["2025-12-31"]}}},
        {"unknown": 1},
        {
            "years": {
                2026: {"status": "V", "source": "x", "days_off": ["2026-01-01"], "make_up_workdays": ["2026-01-01"]}
            }
        },
    ],
)
def test_a_faulty_document_is_refused(fault: dict[str, object]) -> None:
    document = yaml.safe_load(DOCUMENT.read_text("utf-8")) | fault
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own words
        WorkingCalendar(msgspec.convert(document, CalendarDocument), LAW)


def is_open(calendar: WorkingCalendar, at: datetime) -> bool:
    local = at.astimezone(HANOI)
    minutes = (local.hour * 60 + local.minute) + (local.second + local.microsecond / 1e6) / 60
    return calendar.is_working_day(local.date()) and (480 <= minutes <= 720 or 810 <= minutes <= 1050)


@given(instants, working_time)
def test_the_result_is_open_and_exactly_that_much_later(
    calendar: WorkingCalendar, start: datetime, added: timedelta
) -> None:
    due = calendar.add_working_hours(start, added)
    assert is_open(calendar, due)
    assert due >= start
    assert calendar.working_time_between(start, due) == added


@given(instants, working_time, working_time)
def test_additions_add_up(calendar: WorkingCalendar, start: datetime, first: timedelta, second: timedelta) -> None:
    stepwise = calendar.add_working_hours(calendar.add_working_hours(start, first), second)
    assert stepwise == calendar.add_working_hours(start, first + second)


@given(instants, instants, working_time, working_time)
def test_later_starts_and_longer_times_end_later(
    calendar: WorkingCalendar, a: datetime, b: datetime, x: timedelta, y: timedelta
) -> None:
    assert calendar.add_working_hours(min(a, b), min(x, y)) <= calendar.add_working_hours(max(a, b), max(x, y))


@given(instants, st.integers(1, 200))
def test_the_nth_day_is_the_nth_by_counting(calendar: WorkingCalendar, start: datetime, days: int) -> None:
    day, left = calendar.local_date(start), days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, days) == datetime.combine(day, datetime.min.time(), HANOI) + timedelta(
        hours=17.5
    )


@given(instants, st.integers(1, 60))
def test_a_term_in_calendar_days_ends_with_a_working_day(calendar: WorkingCalendar, start: datetime, days: int) -> None:
    day = calendar.local_date(start) + timedelta(days=days)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    assert calendar.add_calendar_days(start, days) == datetime.combine(
        day + timedelta(days=1), datetime.min.time(), HANOI
    )


@pytest.mark.parametrize(
    ("end", "day"),
    [
        ("2024-07-01 00:00", date(2024, 6, 30)),  # midnight belongs to the day it ends
        ("2024-07-01 00:00:00.000001", date(2024, 7, 1)),
        ("2024-06-30 17:30", date(2024, 6, 30)),
        ("2024-06-30 23:59:59.999999", date(2024, 6, 30)),
        ("2024-03-01 00:00", date(2024, 2, 29)),
    ],
)
def test_the_last_day_before_an_end_is_the_city_s(end: str, day: date) -> None:
    assert last_day_before(hanoi(end), HANOI) == day
    assert last_day_before(hanoi(end).astimezone(UTC), HANOI) == day


@given(instants)
def test_the_last_day_before_an_end_holds_the_moment_before_it(end: datetime) -> None:
    assert last_day_before(end, HANOI) == (end - timedelta(microseconds=1)).astimezone(HANOI).date()


@given(instants)
def test_a_day_s_end_belongs_to_that_day(calendar: WorkingCalendar, at: datetime) -> None:
    day = calendar.local_date(at)
    assert last_day_before(calendar.end_of_day(day), HANOI) == day
