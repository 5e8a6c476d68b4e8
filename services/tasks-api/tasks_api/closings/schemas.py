"""Request and response models of closed months."""

from datetime import date
from typing import Annotated, Final, Self

from fastapi import Path
from pydantic import Field

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Instant, Out, UnitCode, bounded
from tasks_api.closings.domain import Figures, UnitRow
from tasks_api.tasks.progress import Rate
from tasks_api.tasks.schemas import RateOut

MONTH: Final = pattern(
    r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$",
    vi="phải gồm năm và tháng, như 2026-11",
    en="must be a year and a month, such as 2026-11",
)
MonthOf = Annotated[str, Path(pattern=MONTH, description="The reporting month, `2026-11`", examples=["2026-11"])]


class SheetQuery(In):
    """Which version and which units. Staff see the row of their own unit."""

    version: int | None = Field(default=None, ge=1, le=9999, description="A former version; the newest if absent")
    unit: UnitCode | None = None
    cursor: Cursor = None
    limit: Limit = 200


class MonthFigures(Out):
    """Tasks of a month. `carried_over + assigned + received - passed_on = total = completed + closed + open`."""

    carried_over: int = Field(description="Open when the month began, as the sheet of the month before says")
    assigned: int = Field(description="New: assigned in the month, or entered only after the month before was closed")
    received: int = Field(description="Led by another unit when the month began or the task was assigned")
    passed_on: int = Field(description="Led by another unit when the month ended")
    total: int
    due: int = Field(description="Of the total, with their last day in the month")
    completed: int = Field(description="Reported in the month, and approved as far as the closing knows")
    completed_late: int = Field(description="Of those, reported after their last day")
    closed: int = Field(description="Ended in the month without being completed")
    open: int
    overdue: int = Field(description="Of those, not reported by their last day, which is over with the month")
    awaiting_approval: int = Field(description="Of those, reported in time")
    no_deadline: int = Field(description="Of those, without a last day")
    missed: int = Field(description="Duties that were passed on late in the month, or closed late, by who missed them")
    rate: RateOut

    @classmethod
    def of(cls, figures: Figures) -> Self:
        return cls(**_values(figures))


class UnitMonth(MonthFigures):
    """The tasks of a month that a unit led."""

    unit: str
    name: str = Field(description="The unit's name at the end of the month")

    @classmethod
    def row(cls, row: UnitRow) -> Self:
        return cls(unit=row.unit, name=row.name, **_values(row.figures))


class MonthVersion(Out):
    """When and why a version was made."""

    version: int
    known_at: Instant = Field(description="Only what was recorded before this instant is counted")
    closed_at: Instant
    reason: str | None = Field(description="Why it was made; null: the month closed by itself")
    sha256: str = Field(description="Of the sheet as it is kept, in hexadecimal: to be cited with its figures")


class ClosedMonthOut(Out):
    """A month with its versions, the newest first."""

    month: str
    versions: list[MonthVersion]


class ClosedMonthsOut(Out):
    """All closed months, the newest first."""

    items: list[ClosedMonthOut]


class MonthSheet(MonthVersion):
    """The figures of a closed month: of all units together, and of each that the caller may see."""

    month: str
    as_of: date = Field(description="The last day of the month: tasks are counted as they stood at its end")
    carried_from: int | None = Field(
        description="Version of the month before on which this one follows; null: not closed"
    )
    carried_known_at: Instant = Field(description="The same of the month before, on which this one follows")
    rule: str | None = Field(description="Id of the rule by which the month closed; null: by the city's office")
    rules_version: str
    total: MonthFigures
    items: list[UnitMonth]
    next_cursor: str | None


class MonthCorrectionIn(In):
    """Why the month is closed anew."""

    reason: Annotated[str, bounded(500, min_length=5)]


class MonthCorrectionOut(MonthVersion):
    """The new version, and which units it changes."""

    month: str
    changed: list[str] = Field(description="Codes of the units whose figures differ from the former version's")


def _values(figures: Figures) -> dict[str, object]:
    counts = {name: getattr(figures, name) for name in Figures.__struct_fields__}
    return counts | {"rate": RateOut.of(Rate(figures.completed, figures.total))}
