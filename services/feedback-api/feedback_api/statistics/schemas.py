"""Query and response models of the statistics of reports."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.http.grouping import EACH_ONCE, names_of
from cchc_shared.http.received import ReceivedBetween
from cchc_shared.http.schemas import Day, Out
from feedback_api.statistics.domain import Dimension

GroupBy = Annotated[str, names_of(Dimension, 60), EACH_ONCE]


class FeedbackStatisticsQuery(ReceivedBetween):
    """`from` and `to` are local days of receipt, both included; `as_of` is the day at whose end reports are counted, by
    what was known at the end of `known_at`."""

    group_by: GroupBy | None = Field(
        default=None,
        description="Any of month, channel, unit, kind and category, with commas between; one row of totals if absent",
    )
    as_of: Day | None = Field(default=None, description="The day at whose end reports are counted; now if absent")
    known_at: Day | None = Field(
        default=None, description="Only what was known at the end of that day; all that is known now if absent"
    )

    @property
    def dimensions(self) -> list[Dimension]:
        return [] if self.group_by is None else [Dimension(name) for name in self.group_by.split(",")]


class FeedbackStatisticsRow(Out):
    """Counts of reports, grouped by the dimensions that the request names. `month` is the month of receipt.

    By unit, and for staff, each unit is counted by the time that it had itself; otherwise by what senders were
    promised.
    """

    month: str | None = None
    channel: str | None = None
    unit: str | None = None
    kind: str | None = None
    category: str | None = None
    received: int
    resolved: int
    on_time: int = Field(description="Reports answered before their due time")
    late: int = Field(description="Reports answered, or refused, at their due time or after it")
    overdue_open: int = Field(description="Reports not answered although their due time is reached")
    missed: int = Field(description="By unit: reports that it passed on when they were late already; otherwise 0")
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open + missed)")
    satisfied_rate: float | None = Field(description="Share of satisfied ratings; null if nobody has rated")
    reopened: int = Field(description="Reports that were opened again, ever")


class FeedbackStatistics(Out):
    as_of: datetime
    known_at: datetime
    rows: list[FeedbackStatisticsRow]
