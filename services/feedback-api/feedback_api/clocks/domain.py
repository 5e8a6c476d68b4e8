"""Deadlines and clocks of a report, in working time.

Both clocks are kept: the first acceptance stops the acceptance clock for good, so that handing a report on gains no
time; the approved answer stops the resolution clock.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cchc_shared.codes import FeedbackKind, Severity
from cchc_shared.working_time import WorkingCalendar
from feedback_api.rules import FeedbackRules, Limit


class ClockState(StrEnum):
    """How a clock stands: not begun, counting, counting past its due time, stopped in time, stopped too late."""

    WAITING = "waiting"
    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. `started_at` is None while what it counts from has not happened; `due_at` is then the latest."""

    started_at: datetime | None
    due_at: datetime
    stopped_at: datetime | None

    def state(self, now: datetime) -> ClockState:
        """The due instant itself is still in time."""
        if self.stopped_at is not None:
            return ClockState.MET if self.stopped_at <= self.due_at else ClockState.MISSED
        if now > self.due_at:
            return ClockState.OVERDUE
        return ClockState.WAITING if self.started_at is None else ClockState.RUNNING


@dataclass(frozen=True, slots=True)
class Timing:
    """The instants of a report that its deadlines depend on."""

    kind: FeedbackKind
    severity: Severity
    received_at: datetime
    accepted_at: datetime | None = None
    transferred_at: datetime | None = None


class Deadlines:
    """Counts a report's deadlines by the rules in force on the day of its receipt."""

    def __init__(self, rules: FeedbackRules, calendar: WorkingCalendar) -> None:
        self._rules = rules
        self._calendar = calendar

    def accept_due_at(self, timing: Timing) -> datetime:
        """Until when a unit must have accepted the report. Raises `NoRuleInForce`."""
        limit = self._rules.acceptance_limit(timing.kind, timing.severity, self._received_on(timing))
        return self._add(limit, timing.received_at)

    def resolve_due_at(self, timing: Timing) -> datetime:
        """Until when the answer must be approved. Raises `NoRuleInForce`.

        Where that counts from acceptance and the report is not accepted yet, it counts from the last moment for it.
        """
        start = self.resolution_start(timing)
        return self._add(self._resolution(timing), self.accept_due_at(timing) if start is None else start)

    def resolution_start(self, timing: Timing) -> datetime | None:
        """From when the resolution clock counts; None while that has not happened."""
        match self._resolution(timing).counts_from:
            case "accepted":
                return timing.accepted_at
            case "last_transfer":
                return timing.transferred_at or timing.received_at
            case "received":
                return timing.received_at

    def _resolution(self, timing: Timing) -> Limit:
        return self._rules.resolution_limit(timing.kind, timing.severity, self._received_on(timing))

    def _received_on(self, timing: Timing) -> date:
        return self._calendar.local_date(timing.received_at)

    def _add(self, limit: Limit, start: datetime) -> datetime:
        if limit.working_days is not None:
            return self._calendar.add_working_days(start, limit.working_days)
        return self._calendar.add_working_hours(start, limit.working_hours or 0)
