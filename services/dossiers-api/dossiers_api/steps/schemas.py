"""Steps on the wire, and their statistics."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from cchc_shared.http.grouping import EACH_ONCE, names_of
from cchc_shared.http.received import ReceivedBetween
from cchc_shared.http.schemas import Out, UnitCode


class StepOfDossier(Out):
    """A step that a dossier went through, or is in. Who works on it is not known here."""

    number: int = Field(description="Given in the order in which steps became known")
    office: str = Field(description="Office that does it, as one-stop software names it")
    unit: str = Field(description="Whose step it is")
    started_at: datetime
    due_at: datetime | None = Field(description="First instant at which it is late; absent where that is not known")
    ended_at: datetime | None
    late: bool | None = Field(description="Whether it is late, or ended late; absent where it is not known")
    version: int


class StepList(Out):
    """In the order in which they began."""

    items: list[StepOfDossier]


class StepDimension(StrEnum):
    """What makes a row."""

    UNIT = "unit"
    OFFICE = "office"
    PROCEDURE = "procedure"


class StepStatisticsQuery(ReceivedBetween):
    """Which steps are counted, by the local days on which they began, and by what."""

    group_by: Annotated[str, names_of(StepDimension, 40), EACH_ONCE] | None = Field(
        default=None, description="Any of unit, office and procedure, with commas between; one row if absent"
    )
    unit: UnitCode | None = None

    @property
    def dimensions(self) -> list[str]:
        return [] if self.group_by is None else self.group_by.split(",")


class StepStatisticsRow(Out):
    """Counts of steps, as they stand now."""

    unit: str | None = None
    office: str | None = None
    procedure: str | None = None
    steps: int
    on_time: int
    late: int
    overdue_open: int = Field(description="Not ended although they are due")
    not_due: int
    undated: int = Field(description="It is not known when they are due")


class StepStatistics(Out):
    as_of: datetime
    rows: list[StepStatisticsRow]
