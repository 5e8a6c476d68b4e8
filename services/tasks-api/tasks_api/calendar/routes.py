"""Routes of the working calendar."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from cchc_shared.http.access import Principal, public
from cchc_shared.http.answers import stable
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.schemas import DayOrInstant, Out
from cchc_shared.service.context import use
from tasks_api.calendar.service import DeadlineCalculator
from tasks_api.units.schemas import CODE

router = APIRouter(prefix="/v1/calendar", tags=["calendar"])

Service = Annotated[DeadlineCalculator, use(DeadlineCalculator)]
AnyCaller = Annotated[Principal | None, public()]


class DeadlineOut(Out):
    due_at: datetime = Field(description="The first instant at which it is late")
    provisional: bool = Field(description="Whether a day off that is still to be decided may move it")


@router.get(
    "/deadline",
    summary="Compute a deadline in working time",
    dependencies=[stable(60)],
    responses=may_answer(NOT_FOUND),
)
async def deadline(
    deadlines: Service,
    _: AnyCaller,
    start: Annotated[DayOrInstant, Query(description="Instant or local day from which the time counts")],
    working_days: Annotated[int | None, Query(ge=1, le=1000)] = None,
    working_hours: Annotated[float | None, Query(gt=0, le=8000)] = None,
    unit: Annotated[
        str | None,
        Query(
            max_length=100,
            pattern=CODE,
            description="Code of the unit; at present all units have the city's office hours",
        ),
    ] = None,
) -> DeadlineOut:
    """The end of office hours of the n-th working day after `start`, or the instant after so many working hours.

    Exactly one of `working_days` and `working_hours` must be given.
    """
    found = await deadlines.deadline(start, working_days=working_days, working_hours=working_hours, unit=unit)
    return DeadlineOut(due_at=found.due_at, provisional=found.provisional)
