"""Of each due time it is said once that it is near and once that it is reached, whoever looks whenever."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import FeedbackClock, FeedbackKind, Severity
from feedback_api import rulebook
from feedback_api.reports.domain import Feedback, Reminded, Reminder, due_times
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.rules import ReminderRules
from feedback_api.reports.transitions import TABLE, FeedbackAction
from tests.support.reports import ACTIONS, PROFILE, START, Words, new_report, perform, submissions, words

CALENDAR = WorkingCalendar.load(PROFILE)
REMINDERS = Reminders(rulebook.load(PROFILE, ReminderRules), CALENDAR)


def looked(report: Feedback, now: datetime) -> tuple[Feedback, list[Reminder]]:
    """The report after somebody looked, with what was said."""
    if report.remind_at is None or report.remind_at > now:
        return report, []
    said = REMINDERS.due(report, now)
    told = [Reminded(each.clock, each.due_at, each.overdue, report.holder, now) for each in said]
    return REMINDERS.set(replace(report, reminded=(*report.reminded, *told))), said


@given(
    submissions,
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from(ACTIONS), words), max_size=25),
    st.lists(st.booleans(), min_size=25, max_size=25),
)
def test_each_due_time_is_told_once(
    report: Feedback, steps: list[tuple[int, FeedbackAction, Words]], looks: list[bool]
) -> None:
    report, at, told = REMINDERS.set(report), START, list[Reminder]()
    for (hours, action, given_words), look in zip(steps, looks, strict=False):
        at += timedelta(hours=hours)
        if look:
            report, said = looked(report, at)
            told += said
            assert all(reminder.overdue == (reminder.due_at <= at) for reminder in said)
            # Who has looked has nothing more to say, and everything that is over was said.
            assert looked(report, at) == (report, [])
            over = {Reminder(clock, due_at, overdue=True) for clock, due_at in due_times(report) if due_at <= at}
            assert over <= set(told)
        elif (row := TABLE.row(report, action)) is not None:
            report = REMINDERS.set(perform(report, row, at, given_words).after)
    assert len(told) == len(set(told))


def test_the_times_of_an_ordinary_report() -> None:
    """Received at nine on Wednesday: accepted within eight working hours, answered within five days, the 24th off."""
    report = REMINDERS.set(new_report(FeedbackKind.CONDUCT, Severity.NORMAL))
    said, at = [], START
    while report.remind_at is not None:
        at = report.remind_at
        report, now = looked(report, at)
        said += [(at.isoformat(), reminder.clock, reminder.overdue) for reminder in now]
    acceptance, resolution = FeedbackClock.ACCEPTANCE, FeedbackClock.RESOLUTION
    assert said == [
        ("2026-11-18T09:30:00+00:00", acceptance, False),
        ("2026-11-19T02:00:00+00:00", acceptance, True),
        ("2026-11-25T10:30:00+00:00", resolution, False),
        ("2026-11-26T10:30:00+00:00", resolution, True),
    ]


@given(submissions)
def test_a_new_report_needs_no_search(report: Feedback) -> None:
    due = report.accept_due_at, report.resolve_due_at
    first = REMINDERS.first(report.matter, CALENDAR.local_date(report.received_at), *due)
    assert first == REMINDERS.set(report).remind_at


def test_what_is_over_is_not_said_to_come_near() -> None:
    report = REMINDERS.set(new_report(FeedbackKind.CONDUCT, Severity.NORMAL))
    assert {reminder.overdue for reminder in looked(report, START + timedelta(days=90))[1]} == {True}


instants = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(instants, st.floats(0.25, 80, allow_nan=False).map(lambda hours: round(hours * 4) / 4))
def test_so_much_working_time_is_left(end: datetime, hours: float) -> None:
    before = CALENDAR.working_hours_before(end, hours)
    assert CALENDAR.working_time_between(before, end) == timedelta(hours=hours)
    assert CALENDAR.working_time_between(before - timedelta(microseconds=1), end) > timedelta(hours=hours)
