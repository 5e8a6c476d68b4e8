"""What was received between two local days, as queries ask for it."""

from datetime import date, datetime, timedelta

from pydantic import Field

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import Day, In


class ReceivedBetween(In):
    """`from` and `to` are local days of receipt, both included."""

    first_day: Day | None = Field(default=None, alias="from")
    last_day: Day | None = Field(default=None, alias="to")

    def period(self, calendar: WorkingCalendar) -> tuple[datetime | None, datetime | None]:
        """The instants at which these days begin and end, the second exclusive. Raises a problem if it is earlier."""
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise invalid([FieldError("query.to", "trước ngày bắt đầu", "is before the first day")])
        return (
            None if self.first_day is None else calendar.end_of_day(_day_before(self.first_day)),
            None if self.last_day is None else calendar.end_of_day(self.last_day),
        )


def _day_before(day: date) -> date:
    return day - timedelta(days=1)
