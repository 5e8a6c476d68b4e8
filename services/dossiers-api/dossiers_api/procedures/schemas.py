"""Decisions on procedures, and the catalogue that follows from them, on the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from cchc_shared.contract.codes import ProcedureChange, ProcedureLevel
from cchc_shared.http.schemas import Day, In, Instant, Out, UnitCode, bounded

MOST_AT_ONCE: Final = 2000
MOST_STEPS: Final = 50

Number = Annotated[str, bounded(60, min_length=1)]
ProcedureCode = Annotated[str, bounded(60, min_length=1)]
Name = Annotated[str, bounded(1000, min_length=1)]
Code = Annotated[str, bounded(60, min_length=1)]


class PublishedIn(In):
    """A procedure that the decision publishes, new or amended: all that it is from then on."""

    procedure: ProcedureCode = Field(description="National code (`1.001234`)")
    name: Name
    field: Code = Field(description="Code of its field")
    field_name: Name
    levels: Annotated[list[ProcedureLevel], Field(min_length=1, max_length=len(ProcedureLevel))]
    effective_on: Day = Field(description="First day on which it is so")
    working_days: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Within how many working days a dossier is handled"
    )
    working_hours: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="The same in working hours, in place of `working_days`"
    )


class AbolishedIn(In):
    """A procedure that the decision abolishes."""

    procedure: ProcedureCode
    effective_on: Day = Field(description="First day on which it is no more")


class ProcessStepIn(In):
    """A step of the work inside."""

    name: Name
    working_hours: Annotated[float, Field(gt=0, le=10_000)]
    office: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None, description="Office that does it, as one-stop software names it"
    )
    unit: UnitCode | None = Field(default=None, description="Whose step it is; absent: that handles the dossier")


class ProcessIn(In):
    """How dossiers of a procedure are worked on inside: its steps in their order."""

    procedure: ProcedureCode
    effective_on: Day
    steps: Annotated[list[ProcessStepIn], Field(min_length=1, max_length=MOST_STEPS)]


class DecisionIn(In):
    """A decision on procedures, with all that it says. Nothing of it is recorded where a part of it is wrong."""

    number: Number = Field(description="Number and mark of the decision")
    issued_on: Day
    unit: UnitCode = Field(description="The unit that prepared it, and discloses what it says")
    publishes: Annotated[list[PublishedIn], Field(max_length=MOST_AT_ONCE)] = Field(default=[])
    abolishes: Annotated[list[AbolishedIn], Field(max_length=MOST_AT_ONCE)] = Field(default=[])
    processes: Annotated[list[ProcessIn], Field(max_length=MOST_AT_ONCE)] = Field(default=[])


class DecisionOut(Out):
    """A decision, and how much it says."""

    number: str
    issued_on: date
    unit: str
    recorded_at: datetime
    published: int
    abolished: int
    processes: int


class DecisionPage(Out):
    items: list[DecisionOut]
    next_cursor: str | None


class ProcedureEntryOut(Out):
    """What a decision says of a procedure."""

    procedure: str
    effective_on: date
    decision: str
    issued_on: date
    unit: str
    change: ProcedureChange
    name: str | None = Field(description="Absent, as what else a procedure is, where it is abolished")
    field: str | None
    field_name: str | None
    levels: list[ProcedureLevel]
    working_days: int | None
    working_hours: int | None
    announced_in_time: bool = Field(description="Whether the decision was made early enough before it has effect")
    disclose_by: datetime = Field(description="First instant at which disclosure is late")
    disclosed_at: datetime | None = Field(description="When it was first to be read on the national portal")
    complete_at: datetime | None = Field(description="When all of its content was first to be read there")


class ProcessStepOut(Out):
    name: str
    working_hours: float
    office: str | None
    unit: str | None


class ProcessOut(Out):
    """How dossiers are worked on inside."""

    effective_on: date
    decision: str
    steps: list[ProcessStepOut]


class ProcedureOut(Out):
    """A procedure on a day: what holds, the work inside, and all that decisions said of it, the newest first."""

    procedure: str
    on: date
    in_force: bool
    now: ProcedureEntryOut | None = Field(
        description="What holds on that day; absent before its first decision has effect"
    )
    process: ProcessOut | None
    history: list[ProcedureEntryOut]


class ProcedurePage(Out):
    items: list[ProcedureEntryOut]
    next_cursor: str | None


class ProcedureStanding(StrEnum):
    """Which procedures are listed."""

    IN_FORCE = "in_force"
    ABOLISHED = "abolished"


class ProcedureQuery(In):
    """Which procedures are listed: as they are on a day."""

    on: Day | None = Field(default=None, description="Today if absent")
    standing: ProcedureStanding = ProcedureStanding.IN_FORCE
    unit: UnitCode | None = Field(default=None, description="The unit that prepared the decision that holds")
    field: Code | None = None
    level: ProcedureLevel | None = None


class DisclosureIn(In):
    """That what a decision says of a procedure is to be read on the national portal."""

    effective_on: Day = Field(description="From which day it is so, as the decision says: the newest entry of that day")
    at: Instant = Field(description="Since when it is to be read")
    complete: bool = Field(description="Whether all of its content is")


class ProcedureStatisticsQuery(In):
    """What is counted: decisions of these local days, both included, and procedures as they are on the last."""

    first_day: Day | None = Field(default=None, alias="from")
    last_day: Day | None = Field(default=None, alias="to", description="Today if absent")
    unit: UnitCode | None = None
    field: Code | None = None


class ProcedureStatistics(Out):
    """Counts of procedures."""

    on: date = Field(description="The last day that is counted")
    published: int = Field(description="What decisions of these days publish, amended procedures too")
    abolished: int = Field(description="What decisions of these days abolish")
    announced_late: int = Field(description="Of both, by decisions that were made too late")
    disclosed_late: int = Field(description="Of both, disclosed late, or not yet though it is due")
    in_force: int = Field(description="In force on the last day")
    with_process: int = Field(description="Of these, with a process inside")
