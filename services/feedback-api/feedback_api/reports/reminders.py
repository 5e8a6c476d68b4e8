"""When a report's holder is to be reminded of a due time, and of which. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache, partial

from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import FeedbackClock
from feedback_api.deadlines.domain import CACHED_RULES
from feedback_api.reports.domain import Feedback, Reminder, due_times
from feedback_api.reports.rules import ReminderRules
from feedback_api.rulebook import Matter, NoRuleInForce, first_in_force


class Reminders:
    """Twice for each due time: some working hours before it, and when it is reached.

    Only what a row of `feedback` holds decides, so whoever looks first says it, and nobody says it again.
    """

    def __init__(self, rules: ReminderRules, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._rule = lru_cache(maxsize=CACHED_RULES)(partial(first_in_force, rules.reminders))
        # Most due times are closings of offices, which thousands of reports share.
        self._before = lru_cache(maxsize=CACHED_RULES)(calendar.working_hours_before)

    def first(self, matter: Matter, received_on: date, accept_due_at: datetime, resolve_due_at: datetime) -> datetime:
        """`remind_at` of a report that just came in: what `set` finds, in a third of the time."""
        due = (FeedbackClock.ACCEPTANCE, accept_due_at), (FeedbackClock.RESOLUTION, resolve_due_at)
        return min(self._soon(matter, received_on, *each) or each[1] for each in due)

    def set(self, report: Feedback) -> Feedback:
        """The same with the time of its next reminder."""
        return replace(report, remind_at=min((at for at, _ in self._to_be_said(report)), default=None))

    def due(self, report: Feedback, now: datetime) -> list[Reminder]:
        """What is to be said by now, in order; of a time that is over, not that it was nearly over."""
        return [
            reminder
            for at, reminder in sorted(self._to_be_said(report), key=lambda each: each[0])
            if at <= now and reminder.overdue == (reminder.due_at <= now)
        ]

    def _to_be_said(self, report: Feedback) -> Iterator[tuple[datetime, Reminder]]:
        received_on = self._calendar.local_date(report.received_at)
        said = {(each.clock, each.due_at, each.overdue) for each in report.reminded}
        for clock, due_at in due_times(report):
            if (clock, due_at, True) in said:
                continue
            yield due_at, Reminder(clock, due_at, overdue=True)
            soon = Reminder(clock, due_at, overdue=False)
            if (clock, due_at, False) not in said and (
                at := self._soon(report.matter, received_on, clock, due_at)
            ) is not None:
                yield at, soon

    def _soon(self, matter: Matter, received_on: date, clock: FeedbackClock, due_at: datetime) -> datetime | None:
        try:
            rule = self._rule(matter, received_on)
            hours = rule.acceptance_hours if clock is FeedbackClock.ACCEPTANCE else rule.answer_hours
            return self._before(due_at, hours)
        except (NoRuleInForce, ValueError):  # the documents speak of its day no more
            return None
