"""Query and response models of the statistics of reports."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, field_validator

from cchc_shared.http.schemas import Day, Out, bounded
from feedback_api.reports.schemas import ReceivedBetween
from feedback_api.statistics.domain import Dimension


class FeedbackStatisticsQuery(ReceivedBetween):
    """`from` and `to` are local days of receipt, both included; `as_of` is the day at whose end reports are counted."""

    group_by: Annotated[str, bounded(60)] = Field(
        default="", description="Any of month,channel,unit,kind with commas between; empty: one row of totals"
    )
    as_of: Day | None = Field(default=None, description="Absent: now")

    @field_validator("group_by")
    @classmethod
    def _known(cls, value: str) -> str:
        names = [name for name in value.split(",") if name]
        if len(set(names)) < len(names) or not set(names) <= set(Dimension):
            raise ValueError("month,channel,unit,kind")
        return value

    @property
    def dimensions(self) -> list[Dimension]:
        return [Dimension(name) for name in self.group_by.split(",") if name]


class FeedbackStatisticsRow(Out):
    """Counts of reports by the month (and more) of their receipt."""

    month: str | None = None
    channel: str | None = None
    unit: str | None = None
    kind: str | None = None
    received: int
    resolved: int
    on_time: int = Field(description="Answered before their due time")
    late: int = Field(description="Answered at their due time or after it")
    overdue_open: int = Field(description="Not answered although their due time is reached")
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open)")
    satisfied_rate: float | None = Field(description="Null while nobody has rated")
    reopened: int


class FeedbackStatistics(Out):
    as_of: datetime
    rows: list[FeedbackStatisticsRow]
