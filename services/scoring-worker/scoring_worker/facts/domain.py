"""A duty and its state at an instant. An occurrence (a hand-over) is a duty that nobody had to do: it just happened.

Everything a score counts is one of these two, so that an indicator is only a number of duties in given states.
"""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec


class Measure(StrEnum):
    """What is counted. An index set names these in its indicators."""

    TASK_COMPLETION = "task.completion"
    TASK_HANDOVER = "task.handover"
    FEEDBACK_ACCEPTANCE = "feedback.acceptance"
    FEEDBACK_RESOLUTION = "feedback.resolution"
    FEEDBACK_HANDOVER = "feedback.handover"


class State(StrEnum):
    """How a duty stands. `HAPPENED` is the only state of an occurrence."""

    PENDING = "pending"
    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"
    HAPPENED = "happened"


STATES_OF_DUTY = frozenset(State) - {State.HAPPENED}
OCCURRENCES = frozenset({Measure.TASK_HANDOVER, Measure.FEEDBACK_HANDOVER})


def month_of(instant: datetime, timezone: ZoneInfo) -> date:
    """First day of the local month of an instant."""
    local = instant.astimezone(timezone)
    return date(local.year, local.month, 1)


class Duty(msgspec.Struct, gc=False):
    """One duty of one unit from the event that opened it to the one that closed it.

    `aggregate` is the type and id of what the events speak of: `task:…`. The duty's own key is its first three fields.
    `due_at` is the last instant at which it is on time; None makes it an occurrence. `ended_at` is when it ceased to be
    this unit's (passed on, given another date, dropped), as if it had not been there from then on. `month` is the local
    month it counts in: that of its deadline, or of its happening.
    """

    aggregate: str
    measure: Measure
    opened_version: int
    code: str
    unit: str
    month: date
    opened_at: datetime
    recorded_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    ended_at: datetime | None = None
    closed_version: int | None = None
    counted: State | None = None
    """The state in which the indicator counts hold it; None when they do not."""

    def standing(self, now: datetime) -> State | None:
        """The state by all that is known, whenever it happened; None once ended."""
        if self.ended_at is not None:
            return None
        if self.due_at is None:
            return State.HAPPENED
        if self.done_at is not None:
            return State.ON_TIME if self.done_at <= self.due_at else State.LATE
        return State.PENDING if now <= self.due_at else State.OVERDUE

    def state_at(self, instant: datetime) -> State | None:
        """The state as it was (or will be, if nothing more happens) at an instant; None when not there."""
        if instant < self.opened_at or (self.ended_at is not None and instant >= self.ended_at):
            return None
        if self.due_at is None:
            return State.HAPPENED
        if self.done_at is not None and self.done_at <= instant:
            return State.ON_TIME if self.done_at <= self.due_at else State.LATE
        return State.PENDING if instant <= self.due_at else State.OVERDUE
