"""Request and response models of numbers that are entered."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from cchc_shared.http.schemas import In, Out, UnitCode, bounded
from scoring_worker.index_sets.indicators import Source
from scoring_worker.numbers import Count, Quantity
from scoring_worker.scoring.schemas import PERIOD
from scoring_worker.values.domain import Entered, Version

AT_ONCE: Final = 1000
PeriodCode = Annotated[str, Field(max_length=7, pattern=PERIOD, examples=["2026-H1"])]
IndicatorCode = Annotated[str, bounded(100, min_length=1), Field(examples=["PUBLISH_ON_TIME"])]


class IndicatorValueIn(In):
    """`numerator` of `denominator`; or `value`, an amount, or a share from 0 to 1. None of them: no number holds."""

    unit: UnitCode
    period: PeriodCode
    indicator: IndicatorCode
    numerator: Count | None = None
    denominator: Count | None = None
    value: Count | None = None
    applicable: bool = Field(default=True, description="False: the indicator is none for this unit in this period")
    evidence: Annotated[str, bounded(1000)] | None = Field(
        default=None, description="Where the number was read, or how it was reckoned; no personal data"
    )

    def entered(self) -> Entered:
        return Entered(**self.model_dump())


class IndicatorValuesIn(In):
    items: Annotated[list[IndicatorValueIn], Field(min_length=1, max_length=AT_ONCE)]


class IndicatorResult(Out):
    index: int
    status: Literal["new", "changed", "unchanged"]
    version: int


class IndicatorResults(Out):
    results: list[IndicatorResult]


class IndicatorOut(Out):
    """An indicator that some index set reads."""

    code: str
    name: str
    name_en: str
    source: Source
    of: Literal["share", "amount"]
    may_be_entered: bool = Field(description="Also where it is counted from events: what is entered goes first")
    definition: str | None
    definition_en: str | None
    sets: list[str] = Field(description="Codes of the index sets that read it")


class IndicatorList(Out):
    items: list[IndicatorOut]


class IndicatorValueOut(Out):
    """A version of a number. It held from `recorded_at` on; until `superseded_at`, if that is there."""

    indicator: str
    version: int
    numerator: Quantity | None
    denominator: Quantity | None
    value: Quantity | None
    applicable: bool
    evidence: str | None
    given_by: str
    recorded_at: datetime
    superseded_at: datetime | None

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls.model_validate({**version.entered._asdict(), **version._asdict()})


class IndicatorValuePage(Out):
    unit: str
    period: str
    items: list[IndicatorValueOut]
    next_cursor: str | None
