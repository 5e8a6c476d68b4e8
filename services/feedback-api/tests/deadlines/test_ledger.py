"""Due times with pauses, extensions and changed calendars, against an oracle that counts minute by minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.calendar.document import CalendarDocument, DaysByLaw
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from cchc_shared.contract.yaml_text import read_document
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines, Extension, Pause, Timing
from feedback_api.deadlines.rules import DeadlineRules, Limit
from feedback_api.rulebook import Matter

from ..conftest import PROFILE

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE = timedelta(minutes=1)
RULES = rulebook.load(PROFILE, DeadlineRules)
DOCUMENT = read_document(PROFILE / "calendar.yaml", CalendarDocument)
LAW = read_document(PROFILE / "days_by_law.yaml", DaysByLaw)
CALENDAR = WorkingCalendar(DOCUMENT, LAW)
MATTER = Matter(Channel.HOTLINE, FeedbackKind.ON_SITE, Severity.NORMAL)
MINUTES_OF_A_DAY = 24 * 60
OFFICE = frozenset((*range(8 * 60, 12 * 60), *range(13 * 60 + 30, 17 * 60 + 30)))
"""The minutes of a day that the office hours of the shipped calendar hold."""
EPOCH = datetime(2024, 1, 1, tzinfo=HANOI)


def limit(**given: float) -> Limit:
    plain = {"working_days": None, "channels": frozenset(Channel), "kinds": frozenset(FeedbackKind)}
    return replace(RULES.resolution[-1], **plain | given)


def counted(of: Limit, calendar: WorkingCalendar, timing: Timing) -> datetime:
    return Deadlines(replace(RULES, resolution=(of,)), calendar).of(timing).resolve_due_at


def numbered(instant: datetime) -> int:
    """Minutes since `EPOCH`. Clocks in Hanoi are never turned, so that they number the minutes of its days too."""
    return (instant - EPOCH) // MINUTE


def works(calendar: WorkingCalendar, minute: int) -> bool:
    """Whether the minute that begins then is worked."""
    day, of_day = divmod(minute, MINUTES_OF_A_DAY)
    return of_day in OFFICE and calendar.is_working_day(EPOCH.date() + timedelta(days=day))


def end_of_work(calendar: WorkingCalendar, after: datetime, days: int) -> datetime:
    """The closing of the n-th working day after the day of an instant, found day by day."""
    day = after.astimezone(HANOI).date()
    while days:
        day += timedelta(days=1)
        days -= calendar.is_working_day(day)
    return datetime(day.year, day.month, day.day, 17, 30, tzinfo=HANOI)


def oracle(of: Limit, calendar: WorkingCalendar, timing: Timing) -> datetime:
    """Counts worked minutes since receipt, but those in a pause that began in time, until the limit's are used up."""
    start = timing.received_at
    if of.working_days is not None:
        budget = worked(calendar, start, end_of_work(calendar, start, of.working_days))
    else:
        budget = round((of.working_hours or 0) * 60)
    if timing.extension is not None:
        first = oracle(of, calendar, replace(timing, extension=None, pauses=()))
        budget += worked(calendar, first, end_of_work(calendar, first, timing.extension.days))
    pauses = [range(numbered(pause.since), numbered(pause.until)) for pause in timing.pauses]
    for minute in count(numbered(start)):
        if budget == 0 and not any(minute - 1 in pause for pause in pauses):
            return EPOCH + minute * MINUTE
        budget -= works(calendar, minute) and not any(minute in pause for pause in pauses)
    raise AssertionError


def hanoi(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


starts = st.datetimes(datetime(2024, 1, 2), datetime(2026, 11, 20), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds are naive by contract
    lambda at: at.replace(second=0, microsecond=0)
)
limits = st.one_of(
    st.integers(1, 48).map(lambda halves: limit(working_hours=halves / 2)),
    st.integers(1, 15).map(lambda days: limit(working_days=days)),
)
gaps = st.lists(st.integers(1, 6 * 24 * 60), max_size=6)
"""Minutes from the start to the first pause, then its length, and so on."""


def timing_of(start: datetime, lengths: list[int], extension: int | None) -> Timing:
    pauses, at = [], start
    for before, length in zip(lengths[::2], lengths[1::2], strict=False):
        since = at + before * MINUTE
        at = since + length * MINUTE
        pauses.append(Pause(since, at))
    extended = None if extension is None else Extension(start, extension)
    return Timing(MATTER, start, pauses=tuple(pauses), extension=extended)


def in_time(of: Limit, calendar: WorkingCalendar, timing: Timing) -> Timing:
    """With the pauses that began before it was late: others are no pauses of the clock."""
    kept: tuple[Pause, ...] = ()
    for pause in timing.pauses:
        if pause.since < counted(of, calendar, replace(timing, pauses=kept)):
            kept = (*kept, pause)
    return replace(timing, pauses=kept)


@settings(max_examples=min(60, settings().max_examples))
@given(starts, limits, gaps, st.one_of(st.none(), st.integers(1, 5)), st.sets(st.integers(0, 40), max_size=4))
def test_a_due_time_is_where_the_minutes_that_count_are_used_up(
    start: datetime, of: Limit, lengths: list[int], extension: int | None, off: set[int]
) -> None:
    """By the shipped calendar with Tết and make-up Saturdays, and by one in which more days are off."""
    timing = timing_of(start, lengths, extension)
    first = start.astimezone(HANOI).date()
    for calendar in (CALENDAR, with_days_off(first + timedelta(days=each) for each in off)):
        met = in_time(of, calendar, timing)
        due_at = counted(of, calendar, timing)
        assert due_at == counted(of, calendar, met), "a pause that begins too late changes nothing"
        assert abs(worked(calendar, oracle(of, calendar, met), due_at)) == 0


def worked(calendar: WorkingCalendar, a: datetime, b: datetime) -> int:
    """Worked minutes between two instants, either way; a closing and the next opening are none apart."""
    early, late = sorted((numbered(a), numbered(b)))
    return sum(works(calendar, minute) for minute in range(early, late))


def with_days_off(days: Iterator[date]) -> WorkingCalendar:
    years = dict(DOCUMENT.years)
    for day in days:
        entry = years.get(day.year)
        if entry is not None and day not in entry.make_up_workdays:
            years[day.year] = replace(entry, days_off=[*entry.days_off, day])
    return WorkingCalendar(replace(DOCUMENT, years=years), LAW)


@given(starts, st.integers(1, 20), gaps, st.one_of(st.none(), st.integers(1, 5)))
@example(hanoi("2026-11-18 09:00"), 7, [60, 24 * 60], None)
def test_calendar_days_stop_by_whole_days(
    start: datetime, days: int, lengths: list[int], extension: int | None
) -> None:
    of, calendar = limit(calendar_days=days), CALENDAR
    timing = in_time(of, calendar, timing_of(start, lengths, extension))
    midnights = sum(
        (pause.until.astimezone(HANOI).date() - pause.since.astimezone(HANOI).date()).days for pause in timing.pauses
    )
    assert counted(of, calendar, timing) == calendar.add_calendar_days(start, days + (extension or 0) + midnights)


def test_a_pause_gives_back_the_time_that_it_took() -> None:
    """Five working days from Wednesday; a pause from Thursday noon to Friday noon takes one day out."""
    pause = Pause(hanoi("2026-11-05 12:00"), hanoi("2026-11-06 12:00"))
    timing = Timing(MATTER, hanoi("2026-11-04 09:00"), pauses=(pause,))
    of, calendar = limit(working_days=5), CALENDAR
    assert counted(of, calendar, replace(timing, pauses=())) == hanoi("2026-11-11 17:30")
    assert counted(of, calendar, timing) == hanoi("2026-11-12 17:30")
    too_late = Pause(hanoi("2026-11-11 17:30"), hanoi("2026-11-30 09:00"))
    assert counted(of, calendar, replace(timing, pauses=(too_late,))) == hanoi("2026-11-11 17:30")


def test_who_is_handed_it_in_a_pause_has_its_whole_time_after_it() -> None:
    pause = Pause(hanoi("2026-11-05 12:00"), hanoi("2026-11-06 12:00"))
    timing = Timing(MATTER, hanoi("2026-11-04 09:00"), held_since=hanoi("2026-11-06 09:00"), pauses=(pause,))
    due = Deadlines(replace(RULES, resolution=(limit(working_days=5),)), CALENDAR).of(timing)
    assert due.own_resolve_due_at == hanoi("2026-11-16 11:00"), "five days from Friday, and three hours"
    assert due.resolve_due_at == hanoi("2026-11-12 17:30")
