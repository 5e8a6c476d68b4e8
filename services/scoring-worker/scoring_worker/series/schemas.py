"""Request and response models of indices that others publish."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import Field

from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In, Out, bounded
from scoring_worker.numbers import Count, Quantity
from scoring_worker.series.domain import Row
from scoring_worker.series.repository import Published

CODE = pattern(r"^[A-Z][A-Z0-9-]{1,29}$", vi="phải là mã như `PAR-INDEX`", en="must be a code such as PAR-INDEX")
SeriesCode = Annotated[str, Path(max_length=30, pattern=CODE, examples=["PAR-INDEX"])]
Year = Annotated[int, Path(ge=2000, le=2999)]
Name = Annotated[str, bounded(200, min_length=1)]
PartName = Annotated[str, bounded(60, min_length=1)]


class SeriesRowIn(In):
    territory: Annotated[str, bounded(20, min_length=1)] = Field(description="Code of a province", examples=["01"])
    name: Name = Field(examples=["Hà Nội"])
    total: Count
    parts: Annotated[dict[PartName, Count], Field(max_length=20)] = Field(
        default_factory=dict, description="The parts that the total is the sum of, by their names"
    )
    rank: Annotated[int, Field(ge=1, le=1000)] | None = None

    def row(self) -> Row:
        return Row(self.territory, self.total, self.parts, self.rank)


class SeriesYearIn(In):
    """The table of a year, as it was published."""

    title: Name = Field(examples=["Chỉ số cải cách hành chính"])
    title_en: Name = Field(examples=["Public administration reform index (PAR INDEX)"])
    source: Name = Field(description="Where it was published")
    status: Provenance = Field(description="V read in a source, N checked by figures, S second-hand, R not official")
    highest: Count = Field(description="The total that can be had", examples=[100])
    rows: Annotated[list[SeriesRowIn], Field(min_length=1, max_length=200)]

    def document(self) -> dict[str, Any]:
        """As it is stored, with exact numbers as texts."""
        return self.model_dump(mode="json")


class SeriesRowOut(Out):
    territory: str
    name: str
    total: Quantity
    parts: dict[str, Quantity]
    rank: int | None


class SeriesYearHead(Out):
    """A year of an index that others publish, in its newest version."""

    code: str
    year: int
    version: int
    title: str
    title_en: str
    source: str
    status: Provenance
    highest: Quantity
    given_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, published: Published) -> Self:
        known = published._asdict()
        return cls.model_validate({**known.pop("document"), **known})


class SeriesYearOut(SeriesYearHead):
    rows: list[SeriesRowOut]


class SeriesList(Out):
    items: list[SeriesYearHead]


class SeriesPoint(SeriesRowOut):
    """What was published of one province in one year."""

    year: int
    highest: Quantity
    source: str
    status: Provenance
    of: int = Field(description="How many provinces stand in the table of the year")


class SeriesOfTerritory(Out):
    code: str
    territory: str
    items: list[SeriesPoint]
