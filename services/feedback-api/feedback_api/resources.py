"""What the service works with, as the routes are handed it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.problems import FieldError, invalid
from feedback_api.clocks.service import Clocks
from feedback_api.handling.reading import Reading
from feedback_api.handling.service import Handling
from feedback_api.intake.service import Intake
from feedback_api.statistics.service import Statistics


@dataclass(frozen=True, slots=True)
class Resources:
    """The use cases, wired to the database, the city's documents and the time."""

    engine: AsyncEngine
    calendar: WorkingCalendar
    intake: Intake
    handling: Handling
    reading: Reading
    clocks: Clocks
    statistics: Statistics

    def period(self, first_day: date | None, last_day: date | None) -> tuple[datetime | None, datetime | None]:
        """The instants of a period of local days, the second exclusive. Raises a problem if it ends too early."""
        if first_day is not None and last_day is not None and last_day < first_day:
            raise invalid([FieldError("query.to", "trước ngày bắt đầu", "is before the first day")])
        return (
            None if first_day is None else self.calendar.end_of_day(first_day - timedelta(days=1)),
            None if last_day is None else self.calendar.end_of_day(last_day),
        )


def resources_of(request: Request) -> Resources:
    """The resources of the application that this request came to."""
    return cast("Resources", request.app.state.resources)


async def _here(request: Request) -> Resources:
    return resources_of(request)


Here = Annotated[Resources, Depends(_here)]
"""Annotates the parameter by which a route gets them."""
