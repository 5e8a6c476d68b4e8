"""Query and answer of the statistics of dossiers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.http.grouping import EACH_ONCE, names_of
from cchc_shared.http.received import ReceivedBetween
from cchc_shared.http.schemas import Out, UnitCode
from dossiers_api.statistics.domain import Dimension

GroupBy = Annotated[str, names_of(Dimension, 80), EACH_ONCE]


class DossierStatisticsQuery(ReceivedBetween):
    """Which dossiers are counted, and by what."""

    group_by: GroupBy | None = Field(
        default=None,
        description="Any of month, unit, procedure, field, channel and status, with commas between; one row if absent",
    )
    unit: UnitCode | None = None

    @property
    def dimensions(self) -> list[Dimension]:
        return [] if self.group_by is None else [Dimension(name) for name in self.group_by.split(",")]


class DossierStatisticsRow(Out):
    """Counts of the dossiers that were received in the time asked for, as they stand now."""

    month: str | None = None
    unit: str | None = None
    procedure: str | None = None
    field: str | None = None
    channel: str | None = None
    status: str | None = None
    received: int
    ended: int
    on_time: int = Field(description="Handled in time, or waiting in time for a first supplement")
    late: int = Field(description="Handled late, or asked for too many supplements")
    overdue_open: int = Field(description="Not handled although they are due")
    not_due: int = Field(description="Open, and not due yet")
    undated: int = Field(
        description="It is not known when they are due: no appointment was sent, and their procedure lays nothing down"
    )
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open)")


class DossierStatistics(Out):
    as_of: datetime
    rows: list[DossierStatisticsRow]
