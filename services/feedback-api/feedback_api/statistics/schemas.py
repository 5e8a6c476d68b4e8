"""Query and response models of the statistics of reports."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.schemas import Day, Out
from feedback_api.reports.schemas import ReceivedBetween
from feedback_api.statistics.domain import Dimension

_ONE_OF = "|".join(Dimension)
GROUP_BY = pattern(
    f"^({_ONE_OF})(,({_ONE_OF}))*$",
    vi=f"phải gồm các tên {', '.join(Dimension)}, cách nhau bằng dấu phẩy",
    en=f"must be names out of {', '.join(Dimension)}, with commas between",
)


class FeedbackStatisticsQuery(ReceivedBetween):
    """`from` and `to` are local days of receipt, both included; `as_of` is the day at whose end reports are counted."""

    group_by: Annotated[str, StringConstraints(max_length=60, pattern=GROUP_BY)] | None = Field(
        default=None,
        description="Any of month, channel, unit and kind, with commas between; one row of totals if absent",
    )
    as_of: Day | None = Field(default=None, description="The day at whose end reports are counted; now if absent")

    @field_validator("group_by")
    @classmethod
    def _each_once(cls, value: str | None) -> str | None:
        names = [] if value is None else value.split(",")
        if len(set(names)) < len(names):
            raise refuse("nêu một tên hai lần", "names one twice")
        return value

    @property
    def dimensions(self) -> list[Dimension]:
        return [] if self.group_by is None else [Dimension(name) for name in self.group_by.split(",")]


class FeedbackStatisticsRow(Out):
    """Counts of reports, grouped by the dimensions that the request names. `month` is the month of receipt."""

    month: str | None = None
    channel: str | None = None
    unit: str | None = None
    kind: str | None = None
    received: int
    resolved: int
    on_time: int = Field(description="Reports answered before their due time")
    late: int = Field(description="Reports answered at their due time or after it")
    overdue_open: int = Field(description="Reports not answered although their due time is reached")
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open)")
    satisfied_rate: float | None = Field(description="Share of satisfied ratings; null if nobody has rated")
    reopened: int


class FeedbackStatistics(Out):
    as_of: datetime
    rows: list[FeedbackStatisticsRow]
