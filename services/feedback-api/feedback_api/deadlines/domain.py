"""Deadlines and clocks of a report, in working time.

Both clocks are kept: the first acceptance stops the acceptance clock for good, so that handing a report on gains no
time; the approved answer stops the resolution clock.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache, partial
from typing import Final

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from feedback_api.deadlines.rules import DeadlineRules, Limit
from feedback_api.rulebook import Matter, first_in_force

CACHED_RULES: Final = 4096


class ClockState(StrEnum):
    """State of a clock: not begun, counting, counting past its due time, stopped in time, or stopped too late."""

    WAITING = "waiting"
    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class DeadlineClock:
    """One clock. `started_at` is None while what it counts from has not happened; `due_at` is then the latest.

    `due_at` is the first instant at which it is late.
    """

    started_at: datetime | None
    due_at: datetime
    stopped_at: datetime | None

    def state(self, now: datetime) -> ClockState:
        """How the clock stands at `now`."""
        if self.stopped_at is not None:
            return ClockState.MET if self.stopped_at < self.due_at else ClockState.MISSED
        if now >= self.due_at:
            return ClockState.OVERDUE
        return ClockState.WAITING if self.started_at is None else ClockState.RUNNING


class Timing(msgspec.Struct, frozen=True):
    """The instants of a report that its deadlines depend on."""

    matter: Matter
    received_at: datetime
    accepted_at: datetime | None = None
    transferred_at: datetime | None = None


class Deadlines:
    """Counts a report's deadlines by the rules in force on the day of its receipt."""

    def __init__(self, rules: DeadlineRules, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        # Reports of one day share their rules, and thousands come in a second.
        self._acceptance = lru_cache(maxsize=CACHED_RULES)(partial(first_in_force, rules.acceptance))
        self._resolution = lru_cache(maxsize=CACHED_RULES)(partial(first_in_force, rules.resolution))

    def of_new(self, timing: Timing) -> tuple[datetime, datetime]:
        """When acceptance and resolution of a report that just came in become late. Raises `NoRuleInForce`.

        Where resolution counts from acceptance, it counts from the last moment for that until it happens.
        """
        acceptance, resolution = self.limits(timing)
        accept_due_at = self._add(acceptance, timing.received_at)
        return accept_due_at, self._add(resolution, _start(resolution, timing) or accept_due_at)

    def resolve_due_at(self, timing: Timing) -> datetime:
        """From when on an approval of the answer is late, as things stand now."""
        return self._add(self._rule(timing), self.resolution_start(timing) or self.of_new(timing)[0])

    def resolution_start(self, timing: Timing) -> datetime | None:
        """From when the resolution clock counts; None while that has not happened."""
        return _start(self._rule(timing), timing)

    def is_provisional(self, timing: Timing, started_at: datetime | None, due_at: datetime) -> bool:
        """Whether a day off that is still to be decided may move a due time; what has not begun counts from receipt."""
        return self._calendar.is_provisional(started_at or timing.received_at, due_at)

    def limits(self, timing: Timing) -> tuple[Limit, Limit]:
        """The limits of acceptance and of resolution that such a report has. Raises `NoRuleInForce`."""
        key = timing.matter, self._calendar.local_date(timing.received_at)
        return self._acceptance(*key), self._resolution(*key)

    def _rule(self, timing: Timing) -> Limit:
        return self.limits(timing)[1]

    def _add(self, limit: Limit, start: datetime) -> datetime:
        if limit.working_days is not None:
            return self._calendar.add_working_days(start, limit.working_days)
        if limit.calendar_days is not None:
            return self._calendar.add_calendar_days(start, limit.calendar_days)
        return self._calendar.add_working_hours(start, limit.working_hours or 0)


def _start(limit: Limit, timing: Timing) -> datetime | None:
    match limit.counts_from:
        case "accepted":
            return timing.accepted_at
        case "last_transfer":
            return timing.transferred_at or timing.received_at
        case "received":
            return timing.received_at
