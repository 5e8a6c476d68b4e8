"""A report of progress, and how long its obstacles wait. Pure."""

from datetime import date, datetime

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar


class ProgressReport(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `task_progress_reports`."""

    id: int
    percent: int
    content: str
    obstacles: str | None
    unit: str
    reported_at: datetime
    reported_by: str | None
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None

    @property
    def waits(self) -> bool:
        """Whether it names obstacles that nobody has answered."""
        return self.obstacles is not None and self.answered_at is None


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """Obstacles of an open task that wait for an answer."""

    task: str
    title: str
    lead_unit: str
    assigning_unit: str
    report: int
    percent: int
    obstacles: str
    reported_at: datetime


def waiting_days(reported_at: datetime, today: date, calendar: WorkingCalendar) -> int:
    """Days from the local day of the report until today."""
    return (today - calendar.local_date(reported_at)).days
