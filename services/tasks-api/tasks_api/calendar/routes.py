"""HTTP of the calendar that every clock uses."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.http.access import Principal, public
from cchc_shared.http.problems import FieldError, invalid
from cchc_shared.http.schemas import Day, Instant, Out
from tasks_api.resources import Here
from tasks_api.units import service as units

router = APIRouter(prefix="/v1/calendar", tags=["calendar"])


class DeadlineOut(Out):
    due_at: datetime


@router.get("/deadline", summary="A deadline in working time")
async def get_deadline(
    here: Here,
    _: Annotated[Principal | None, public()],
    start: Annotated[Instant | Day, Query(description="An instant, or a local day")],
    working_days: Annotated[int | None, Query(ge=1, le=1000)] = None,
    working_hours: Annotated[float | None, Query(gt=0, le=8000)] = None,
    unit: Annotated[
        str | None, Query(max_length=100, description="Whose office hours; the city's are everyone's")
    ] = None,
) -> DeadlineOut:
    """End of office hours of the n-th working day after `start`, or the instant after so many working hours."""
    if unit is not None:
        await units.find(here, unit, None)
    calendar = here.profile.calendar
    instant = start if isinstance(start, datetime) else calendar.end_of_day(start - timedelta(days=1))
    try:
        if working_days is not None and working_hours is None:
            return DeadlineOut(due_at=calendar.add_working_days(instant, working_days))
        if working_hours is not None and working_days is None:
            return DeadlineOut(due_at=calendar.add_working_hours(instant, working_hours))
    except (ValueError, OverflowError) as error:
        raise invalid([FieldError("query.start", "ngoài phạm vi của lịch", "is outside the calendar")]) from error
    raise invalid(
        [
            FieldError(
                "query.working_days",
                "cần đúng một trong working_days và working_hours",
                "exactly one of working_days and working_hours is needed",
            )
        ]
    )
