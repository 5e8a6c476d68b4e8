"""The calendar's question: when is something due?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import invalid
from tasks_api.units.service import Units

_ONE_OF_BOTH = FieldError(
    "query.working_days",
    "cần đúng một trong working_days và working_hours",
    "exactly one of working_days and working_hours is needed",
)


class Deadline(NamedTuple):
    """When it is due; `provisional` while a day off that is still to be decided may move it."""

    due_at: datetime
    provisional: bool


@dataclass(frozen=True)
class DeadlineCalculator:
    """Deadlines in the city's working time, which every unit shares."""

    calendar: WorkingCalendar
    units: Units

    async def deadline(
        self, start: datetime | date, *, working_days: int | None, working_hours: float | None, unit: str | None
    ) -> Deadline:
        """End of office hours of the n-th working day after `start`, or the instant after so many working hours.

        Raises a 404 problem for an unknown unit, and a 422 problem unless exactly one of days and hours is given or
        when the answer lies outside the calendar.
        """
        if unit is not None:
            await self.units.find(unit)
        try:
            after = start if isinstance(start, datetime) else self.calendar.end_of_day(start - timedelta(days=1))
            if working_days is not None and working_hours is None:
                due_at = self.calendar.add_working_days(after, working_days)
            elif working_hours is not None and working_days is None:
                due_at = self.calendar.add_working_hours(after, working_hours)
            else:
                raise invalid([_ONE_OF_BOTH])
            return Deadline(due_at, self.calendar.is_provisional(after, due_at))
        except (ValueError, OverflowError) as error:
            raise invalid([FieldError("query.start", "ngoài phạm vi của lịch", "is outside the calendar")]) from error
