"""The two kinds of facts that scores count, and the state of a duty at an instant.

A duty is something a unit must do by a time. An occurrence is something that happened to a unit, such as a hand-over:
it has no deadline and no state, it only counts.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from cchc_shared.calendar.working_time import last_day_before
from scoring_worker.sources import Measure


class DutyState(StrEnum):
    """State of a duty."""

    PENDING = "pending"
    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"


class FactState(StrEnum):
    """State under which a fact is counted: the state of a duty, or `happened` for an occurrence."""

    # One enum, because a union with a literal says two contradictory faults of one wrong value.
    PENDING = DutyState.PENDING
    ON_TIME = DutyState.ON_TIME
    LATE = DutyState.LATE
    OVERDUE = DutyState.OVERDUE
    HAPPENED = "happened"


HAPPENED: Final = FactState.HAPPENED
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Facts of before it was kept when they were written down were always known."""
EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Whatever is known happened and was written down before it, by anybody's clock."""


def month_of(instant: datetime, timezone: ZoneInfo) -> date:
    """First day of the local month of an instant."""
    return instant.astimezone(timezone).date().replace(day=1)


def month_due(due_at: datetime, timezone: ZoneInfo) -> date:
    """First day of the local month in which a duty falls due: what is late from 1 July on was due in June."""
    if due_at.tzinfo is UTC and 2 <= due_at.day <= 27:  # no zone is a whole day from UTC; asked of every duty
        return date(due_at.year, due_at.month, 1)
    return last_day_before(due_at, timezone).replace(day=1)


class Duty(msgspec.Struct, gc=False):
    """One duty of one unit, from the event that opened it to the one that closed it.

    `aggregate` is the type and id of what the events speak of: `task:…`. The duty's own key is its first three fields.
    `due_at` is the first instant at which it is late. `ended_at` is when it ceased to be this unit's in time (passed
    on, given another date, dropped), as if it had not been there from then on. One that was late when it passed on or
    was dropped is closed, neither done nor ended: it stays overdue. `month` is the local month it counts in, which is
    that in which it falls due, unless `due_month` says a later one.
    """

    aggregate: str
    measure: Measure
    opened_version: int
    code: str
    unit: str
    month: date
    opened_at: datetime
    recorded_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    ended_at: datetime | None = None
    closed_version: int | None = None
    counted: DutyState | None = None
    """The state in which the counts hold it; None when they do not."""
    done_recorded_at: datetime | None = None
    """When the producer wrote down that it was done; and, next, that it ended."""
    ended_recorded_at: datetime | None = None
    due_month: date | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it was late when it passed on or was dropped: no event can do it any more."""
        return self.closed_version is not None and self.done_at is None and self.ended_at is None

    def state_now(self, now: datetime) -> DutyState | None:
        """The state by all that is known, whenever it happened; None once ended."""
        if self.ended_at is not None:
            return None
        if self.done_at is not None:
            return DutyState.ON_TIME if self.done_at < self.due_at else DutyState.LATE
        return DutyState.PENDING if now < self.due_at else DutyState.OVERDUE

    def state_at(self, instant: datetime, known_at: datetime = EVER) -> DutyState | None:
        """The state as it was (or will be, if nothing more happens) at an instant, by what was written down by
        `known_at`; None when not there."""
        if instant < self.opened_at or known_at < self.recorded_at:
            return None
        if self.ended_at is not None and instant >= self.ended_at and known_at >= (self.ended_recorded_at or EPOCH):
            return None
        done_known = known_at >= (self.done_recorded_at or EPOCH)
        if self.done_at is not None and self.done_at <= instant and done_known:
            return DutyState.ON_TIME if self.done_at < self.due_at else DutyState.LATE
        return DutyState.PENDING if instant < self.due_at else DutyState.OVERDUE


class Occurrence(msgspec.Struct, frozen=True, gc=False):
    """Something that happened to a unit, by the event that says so. Its key is its first three fields."""

    aggregate: str
    measure: Measure
    version: int
    code: str
    unit: str
    month: date
    occurred_at: datetime
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    """When it was found that it should not count: it does not from then on."""
    withdrawn_recorded_at: datetime | None = None


class Withdrawal(msgspec.Struct, frozen=True, gc=False):
    """An occurrence, by its key, that counts no more, with where it counted."""

    aggregate: str
    measure: str
    version: int
    unit: str
    month: date
    withdrawn_at: datetime
    withdrawn_recorded_at: datetime
