"""Counts of reports, and the rate of answers on time, in which open overdue reports count as late."""

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """A dimension by which reports are counted; the month is the local month of receipt."""

    MONTH = "month"
    CHANNEL = "channel"
    UNIT = "unit"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports received in a period, and what had become of them at a moment.

    `on_time` and `late` were answered; `overdue_open` were not, and their due time had passed.
    """

    received: int
    resolved: int
    on_time: int
    late: int
    overdue_open: int
    reopened: int

    @property
    def on_time_rate(self) -> float | None:
        """Answered in time among all that were due; None when nothing was. Not answering does not better it."""
        due = self.on_time + self.late + self.overdue_open
        return self.on_time / due if due else None
