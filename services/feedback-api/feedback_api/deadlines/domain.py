"""Deadlines and clocks of a report, in working time.

A sender has two clocks: acceptance, which the first acceptance stops, and resolution, which the approved answer stops.
A unit that was handed the report has two of its own, by the same limits, counted from when it got it: a hand-over moves
work, not blame (status R). All are kept as a ledger: a start, the time that the limit gives, one extension, and pauses
that do not count. The due time is where the time that counted reaches what was given.
"""

from collections.abc import Iterator, Sequence
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
    """How a clock stands: not begun, counting, standing still, past its due time, stopped in time, stopped too late."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class DeadlineClock:
    """One clock. `started_at` is None while what it counts from has not happened; `due_at` is then the latest.

    `due_at` is the first instant at which it is late; of a clock that is paused, it is that if it went on at once.
    """

    started_at: datetime | None
    due_at: datetime
    stopped_at: datetime | None
    paused_since: datetime | None = None

    def state(self, now: datetime) -> ClockState:
        """How the clock stands at `now`."""
        if self.stopped_at is not None:
            return ClockState.MET if self.stopped_at < self.due_at else ClockState.MISSED
        if self.paused_since is not None and self.paused_since < self.due_at:
            return ClockState.PAUSED
        if now >= self.due_at:
            return ClockState.OVERDUE
        return ClockState.WAITING if self.started_at is None else ClockState.RUNNING


class Pause(msgspec.Struct, frozen=True):
    """Time that did not count, because the sender was asked for more information."""

    since: datetime
    until: datetime


class Extension(msgspec.Struct, frozen=True):
    """More time for the answer: days of the kind that the limit counts in, working days where it counts in hours."""

    at: datetime
    days: int


class Timing(msgspec.Struct, frozen=True):
    """The instants of a report that its deadlines depend on."""

    matter: Matter
    received_at: datetime
    """Rules are those of that day."""
    accepted_at: datetime | None = None
    transferred_at: datetime | None = None
    reopened_at: datetime | None = None
    held_since: datetime | None = None
    """When its holder was handed it; None for the desk that it came to."""
    own_accepted_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None

    @property
    def began_at(self) -> datetime:
        """Receipt, or the last time that it was opened again."""
        return self.reopened_at or self.received_at


class DueTimes(msgspec.Struct, frozen=True):
    """First instants at which the sender's clocks are late, and the holder's own; None: the sender's are the holder's.

    The names are those of a report's fields.
    """

    accept_due_at: datetime
    resolve_due_at: datetime
    own_accept_due_at: datetime | None = None
    own_resolve_due_at: datetime | None = None


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
        return accept_due_at, self._add(resolution, _start(resolution, timing, accept_due_at) or accept_due_at)

    def of(self, timing: Timing) -> DueTimes:
        """When each clock becomes late, as things stand now. Raises `NoRuleInForce`.

        Where resolution counts from acceptance, it counts from the last moment for that at the latest: who accepts too
        late gains no time by it.
        """
        acceptance, resolution = self.limits(timing)
        accept_due_at = self._due(acceptance, timing.began_at, timing.pauses)
        start = _start(resolution, timing, accept_due_at) or accept_due_at
        resolve_due_at = self._due(resolution, start, timing.pauses, timing.extension)
        if timing.held_since is None:
            return DueTimes(accept_due_at, resolve_due_at)
        own_accept_due_at = self._due(acceptance, timing.held_since, timing.pauses)
        start = _own_start(resolution, timing, own_accept_due_at) or own_accept_due_at
        own_resolve_due_at = self._due(resolution, start, timing.pauses, timing.extension)
        return DueTimes(accept_due_at, resolve_due_at, own_accept_due_at, own_resolve_due_at)

    def resolution_starts(self, timing: Timing) -> tuple[datetime | None, datetime | None]:
        """From when the sender's resolution clock counts, and from when the holder's own; None while that has not
        happened."""
        acceptance, resolution = self.limits(timing)
        start = _start(resolution, timing, self._due(acceptance, timing.began_at, timing.pauses))
        if timing.held_since is None:
            return start, None
        return start, _own_start(resolution, timing, self._due(acceptance, timing.held_since, timing.pauses))

    def is_provisional(self, timing: Timing, started_at: datetime | None, due_at: datetime) -> bool:
        """Whether a day off that is still to be decided may move a due time; what has not begun counts from receipt."""
        return self._calendar.is_provisional(started_at or timing.began_at, due_at)

    def limits(self, timing: Timing) -> tuple[Limit, Limit]:
        """The limits of acceptance and of resolution that such a report has. Raises `NoRuleInForce`."""
        key = timing.matter, self._calendar.local_date(timing.received_at)
        return self._acceptance(*key), self._resolution(*key)

    def _due(
        self, limit: Limit, start: datetime, pauses: Sequence[Pause], extension: Extension | None = None
    ) -> datetime:
        """Where the time that counted since `start` reaches what the limit and the extension give."""
        if limit.calendar_days is not None:
            return self._due_in_calendar_days(limit.calendar_days, start, pauses, extension)
        due_at = self._add(limit, start)
        if extension is not None:
            due_at = self._calendar.add_working_days(due_at, extension.days)
        for since, until in _after(start, pauses):
            if since >= due_at:
                break
            if lost := self._calendar.working_time_between(since, until):
                due_at = self._calendar.add_working_hours(due_at, lost)
        return due_at

    def _due_in_calendar_days(
        self, days: int, start: datetime, pauses: Sequence[Pause], extension: Extension | None
    ) -> datetime:
        """The same in whole days: a pause takes out as many as midnights lie in it."""
        days += 0 if extension is None else extension.days
        due_at = self._calendar.add_calendar_days(start, days)
        for since, until in _after(start, pauses):
            if since >= due_at:
                break
            days += (self._calendar.local_date(until) - self._calendar.local_date(since)).days
            due_at = self._calendar.add_calendar_days(start, days)
        return due_at

    def _add(self, limit: Limit, start: datetime) -> datetime:
        if limit.working_days is not None:
            return self._calendar.add_working_days(start, limit.working_days)
        if limit.calendar_days is not None:
            return self._calendar.add_calendar_days(start, limit.calendar_days)
        return self._calendar.add_working_hours(start, limit.working_hours or 0)


def _after(start: datetime, pauses: Sequence[Pause]) -> Iterator[tuple[datetime, datetime]]:
    """The pauses, as far as they lie after `start`."""
    for pause in pauses:
        if pause.until > start:
            yield max(pause.since, start), pause.until


def _start(limit: Limit, timing: Timing, accept_due_at: datetime) -> datetime | None:
    match limit.counts_from:
        case "accepted":
            return timing.accepted_at and min(timing.accepted_at, accept_due_at)
        case "last_transfer":
            return max(timing.transferred_at or timing.began_at, timing.began_at)
        case "received":
            return timing.began_at


def _own_start(limit: Limit, timing: Timing, accept_due_at: datetime) -> datetime | None:
    if limit.counts_from == "accepted":
        return timing.own_accepted_at and min(timing.own_accepted_at, accept_due_at)
    return timing.held_since
