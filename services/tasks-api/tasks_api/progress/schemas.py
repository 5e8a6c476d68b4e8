"""Request and response models of progress."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field

from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Out, UnitCode, bounded
from tasks_api.progress.domain import By, Counts
from tasks_api.tasks.domain import UnitRole
from tasks_api.tasks.schemas import ProgressCounts, RateOut


class ProgressQuery(In):
    """What is counted and by what. The filters are those of the list of tasks; an absent one does not narrow it."""

    by: By
    as_of: Day | None = Field(default=None, description="The local day at whose end is counted; today if absent")
    unit: UnitCode | None = Field(default=None, description="Tasks that this unit has a role in")
    role: UnitRole | None = Field(
        default=None, description="Role in the task that `unit`, or else the caller's unit, has today"
    )
    plan: Annotated[str, bounded(200, min_length=1)] | None = None
    source: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Level that the task comes from: a key of the answer by `source`"
    )
    due_from: Day | None = None
    due_to: Day | None = None
    cursor: Cursor = None
    limit: Limit = 200


class CountsOut(ProgressCounts):
    """Counts with the rate of what is done."""

    rate: RateOut

    @classmethod
    def counted(cls, counts: Counts) -> Self:
        return cls.model_validate(_values(counts))


class ProgressGroup(CountsOut):
    """The tasks that have one thing in common."""

    key: str | None = Field(
        description="Code of the unit or plan, month YYYY-MM of the last day, level of the source, or role; null: none"
    )
    name: str | None = Field(description="What a level is called; null for others")

    @classmethod
    def grouped(cls, key: str | None, name: str | None, counts: Counts) -> Self:
        return cls.model_validate(_values(counts) | {"key": key, "name": name})


class ProgressTable(Out):
    """Progress by groups, in the order of their keys. `total` counts every task once."""

    as_of: date
    by: By
    total: CountsOut
    items: list[ProgressGroup]
    next_cursor: str | None


def _values(counts: Counts) -> dict[str, object]:
    return {name: getattr(counts, name) for name in counts.__struct_fields__} | {"rate": RateOut.of(counts.rate)}
