"""Request and response models of reports of progress."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out, UnitCode, bounded

ReportId = Annotated[int, Path(ge=1, lt=1 << 63, description="Id of a report of progress of this task")]
Words = Annotated[str, bounded(4000, min_length=1)]


class ProgressReportIn(In):
    """How far a task is."""

    percent: int = Field(ge=0, le=100, strict=True)
    content: Words = Field(description="What was done")
    obstacles: Words | None = Field(default=None, description="Difficulties that the assigning unit is asked to answer")


class ProgressAnswerIn(In):
    """What the assigning unit says to the obstacles."""

    answer: Words


class ProgressReportOut(Out):
    """A report of progress. Who wrote is shown as the officer of the task is."""

    id: int
    percent: int
    content: str
    obstacles: str | None
    unit: str = Field(description="The lead at that time")
    reported_at: datetime
    reported_by: str | None
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None
    waiting_days: int | None = Field(
        description="For how many days obstacles have waited for an answer; null where none is awaited"
    )


class ProgressQuery(In):
    cursor: Cursor = None
    limit: Limit = 50


class ProgressReportPage(Out):
    items: list[ProgressReportOut]
    next_cursor: str | None


class ObstacleQuery(ProgressQuery):
    """Filters of the obstacles that wait; an absent one does not narrow them."""

    assigning_unit: UnitCode | None = None
    lead_unit: UnitCode | None = None


class ObstacleOut(Out):
    """Obstacles of an open task that its assigning unit has not answered."""

    task: str = Field(description="Code of the task")
    title: str
    lead_unit: str
    assigning_unit: str
    report: int = Field(description="Id of the report of progress that names them")
    percent: int
    obstacles: str
    reported_at: datetime
    waiting_days: int


class ObstaclePage(Out):
    items: list[ObstacleOut]
    next_cursor: str | None
