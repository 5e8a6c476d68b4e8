"""Counts of reports, and the rate of answers on time, in which open overdue reports count as late."""

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """A dimension by which reports are counted; the month is the local month of receipt."""

    MONTH = "month"
    CHANNEL = "channel"
    UNIT = "unit"
    KIND = "kind"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports received in a period, and what had become of them at a moment.

    `on_time` and `late` were answered, or refused when it was too late; `overdue_open` were not, and their due time had
    passed. `missed` are duties of a unit that ended unmet, because the report passed on when it was late already.
    """

    received: int
    resolved: int
    on_time: int
    late: int
    overdue_open: int
    missed: int
    reopened: int
    satisfied: int
    unsatisfied: int

    @property
    def on_time_rate(self) -> float | None:
        """Answered in time among all that were due; None when nothing was. Not answering does not better it."""
        due = self.on_time + self.late + self.overdue_open + self.missed
        return self.on_time / due if due else None

    @property
    def satisfied_rate(self) -> float | None:
        """Satisfied among all who said whether they are; None when nobody did."""
        rated = self.satisfied + self.unsatisfied
        return self.satisfied / rated if rated else None
