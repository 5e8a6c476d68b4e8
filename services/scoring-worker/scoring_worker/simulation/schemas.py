"""Request and response models of simulations."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.schemas import Day, In, Out, bounded
from scoring_worker.indicators.schemas import PeriodCode
from scoring_worker.numbers import Count, Number
from scoring_worker.scores.schemas import MeasureName
from scoring_worker.simulation.domain import Change

CriterionCode = Annotated[str, bounded(50, min_length=1)]
ItemCode = Annotated[str, bounded(60, min_length=1)]


class CriterionChange(In):
    """A criterion with another weight, or another rule."""

    code: CriterionCode = Field(examples=["1.1.1"])
    max: Count | None = None
    rule: Annotated[dict[str, JsonValue], Field(max_length=10)] | None = Field(
        default=None, examples=[{"kind": "linear_threshold", "threshold": "0.9"}]
    )

    def change(self) -> Change:
        return Change(self.code, None if self.max is None else str(self.max), self.rule)


class Done(In):
    """Tasks and reports that would be done by a day."""

    codes: Annotated[list[ItemCode], Field(min_length=1, max_length=200)] = Field(examples=[["NV-2026-000123"]])
    by: Day = Field(description="They would be done on this day, before it ends")


class SimulationIn(In):
    """What is to be tried, all at once."""

    set: Annotated[str, bounded(50, min_length=1)] = Field(description="Code of the index set")
    period: PeriodCode
    criteria: Annotated[list[CriterionChange], Field(max_length=200)] = Field(default_factory=list)
    done: Done | None = None


class Gain(Out):
    """What a task or report would bring if it were done now: so much more, or less, of points and of percent."""

    code: str
    measure: MeasureName
    state: Literal["pending", "overdue"]
    due_at: datetime
    total: Number
    max: Number = Field(description="How much more could be had: what is not due yet counts nowhere so far")
    percent: Number = Field(description="In percentage points; below 0 where it would be done too late")


class Gains(Out):
    unit: str
    set: str
    version: str
    period: str
    template: bool
    notice: str | None
    notice_en: str | None
    percent: Number | None
    items: list[Gain] = Field(description="The most first; of the thousand that are due first")


class SimulatedScore(Out):
    total: Number
    max: Number
    percent: Number | None
    rank: int | None
    band: str | None


class SimulatedUnit(Out):
    unit: str
    name: str | None
    kind: UnitKind | None
    before: SimulatedScore
    after: SimulatedScore


class Simulation(Out):
    """What would be; nothing of it is stored. The best after the changes come first."""

    set: str
    version: str
    period: str
    template: bool
    notice: str | None
    notice_en: str | None
    done_by: date | None
    not_found: list[str] = Field(description="Codes of `done` of which nothing open counts in the period")
    items: list[SimulatedUnit]
