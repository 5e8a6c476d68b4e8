"""Request and response models of targets."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from fastapi import Path
from pydantic import Field

from cchc_shared.contract.codes import Role
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.periods import PeriodCode
from tasks_api.targets.domain import Comparison, Standing, Target, Value

TargetId = Annotated[UUID, Path(description="Id of a target")]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]


class TargetIn(In):
    """What a plan wants to reach, in numbers."""

    text: Annotated[str, bounded(1000, min_length=1)] = Field(examples=["Hồ sơ được số hóa"])
    measure: Annotated[str, bounded(60, min_length=1)] = Field(
        description="Unit in which it is measured", examples=["%", "sáng kiến"]
    )
    comparison: Comparison = Comparison.AT_LEAST
    value: Number
    due_on: Day = Field(description="The last day by which it is to be reached")
    unit: UnitCode = Field(description="The unit that answers for it, and reports its values")


class ValueIn(In):
    period: PeriodCode
    value: Number
    note: Annotated[str, bounded(2000)] = ""


class TargetValueOut(Out):
    period: str
    version: int = Field(description="A later version corrects the one before")
    value: float
    note: str
    actor: str
    role: Role
    at: datetime


class TargetOut(Out):
    """A target, and how it stands by its last value."""

    id: UUID
    version: int = Field(description="For `If-Match` where the target is changed; values make no new version")
    plan: str
    text: str
    measure: str
    comparison: Comparison
    value: float
    due_on: date
    unit: str
    withdrawn: bool
    actor: str
    role: Role
    at: datetime
    standing: Standing
    last: TargetValueOut | None = Field(description="The value of the period that ended last")

    @classmethod
    def of(cls, target: Target, last: Value | None, standing: Standing) -> Self:
        return cls.model_validate(_shown(target, last, standing))


class TargetDetail(TargetOut):
    """A target with everything that was reported of it, and what it was before it was changed."""

    values: list[TargetValueOut] = Field(description="In the order in which they were reported")
    former: list["FormerTarget"] = Field(description="Former versions, oldest first")

    @classmethod
    def with_history(
        cls, versions: Sequence[Target], values: Sequence[Value], last: Value | None, standing: Standing
    ) -> Self:
        *former, target = versions
        return cls.model_validate(_shown(target, last, standing) | {"values": values, "former": former})


class FormerTarget(Out):
    """What a target was."""

    version: int
    text: str
    measure: str
    comparison: Comparison
    value: float
    due_on: date
    unit: str
    actor: str
    role: Role
    at: datetime


class TargetsOut(Out):
    """The targets of a plan in the order in which they were set, and how many of them are met."""

    items: list[TargetOut]
    met: int
    total: int = Field(description="Without those that were withdrawn")


def _shown(target: Target, last: Value | None, standing: Standing) -> dict[str, Any]:
    return msgspec.structs.asdict(target) | {"last": last, "standing": standing}
