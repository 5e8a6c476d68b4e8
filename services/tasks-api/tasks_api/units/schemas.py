"""Request and response models of the directory of units."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.schemas import Day, In, Out, bounded
from tasks_api.units.domain import Head, Unit
from tasks_api.units.repository import UnitRow

CODE = pattern(r"^[a-z0-9]+(-[a-z0-9]+)*$", vi="không phải mã đơn vị", en="is not the code of a unit")
"""Official digits, or words without marks joined by hyphens."""


class UnitIn(In):
    """A unit, as it is in one period of its code."""

    name: Annotated[str, bounded(300, min_length=1)]
    kind: UnitKind
    parent: str | None = Field(default=None, max_length=100, pattern=CODE)
    valid_from: Day | None = Field(description="First day of the period; null if it began before the records")
    valid_to: Day | None = Field(default=None, description="Last day of the period; null if no end is known")
    successors: list[Annotated[str, Field(max_length=100, pattern=CODE)]] = Field(
        default=[], max_length=50, description="Codes of the units that succeeded it"
    )

    def unit(self, code: str) -> Unit:
        """The unit with that code."""
        return Unit(**self.model_dump() | {"code": code, "successors": tuple(self.successors)})

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise refuse("ngày cuối trước ngày đầu", "the last day is before the first")
        return self


class UnitOut(Out):
    code: str
    name: str
    kind: UnitKind
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    successors: list[str]
    version: int

    @classmethod
    def of(cls, row: UnitRow) -> Self:
        unit = row.unit
        return cls(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent=unit.parent,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            successors=list(unit.successors),
            version=row.version,
        )


class UnitPage(Out):
    items: list[UnitOut]
    next_cursor: str | None


class HeadIn(In):
    """Who heads a unit in a period. No two periods of one code share a day."""

    name: Annotated[str, bounded(200, min_length=1)]
    office: Annotated[str, bounded(200, min_length=1)] = Field(description="What the head was appointed to")
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="Last day; null until further notice")


class HeadsIn(In):
    heads: list[HeadIn] = Field(max_length=200, description="All heads that units with this code ever had")

    def all(self) -> list[Head]:
        return [Head(**each.model_dump()) for each in self.heads]


class HeadOut(Out):
    name: str
    office: str
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, head: Head) -> Self:
        return cls(name=head.name, office=head.office, valid_from=head.valid_from, valid_to=head.valid_to)


class HeadsOut(Out):
    unit: str
    heads: list[HeadOut]
