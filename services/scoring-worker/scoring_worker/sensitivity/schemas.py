"""Request and response models of sensitivity."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from cchc_shared.contract.codes import UnitKind
from cchc_shared.http.schemas import In, Out, bounded
from scoring_worker.indicators.schemas import PeriodCode
from scoring_worker.numbers import Number, as_number
from scoring_worker.sensitivity.domain import SWAPS_ABOVE, WIDEST, Draws

DRAWS_MAX: Final = 10_000
SEED_MAX: Final = 2**53 - 1
"""The largest number that every reader of JSON keeps exactly."""


class SensitivityIn(In):
    """By how much weights are moved, and how often."""

    set: Annotated[str, bounded(50, min_length=1)] = Field(description="Code of the index set")
    period: PeriodCode
    kind: UnitKind = Field(description="Ranks are within one kind of unit")
    spread: Annotated[
        Decimal,
        BeforeValidator(as_number),
        Field(gt=0, le=WIDEST, decimal_places=4),
        WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": float(WIDEST)}, mode="validation"),
    ] = Field(description="0.2: each weight is between 80 % and 120 % of what it is", examples=[0.2])
    draws: int = Field(default=1000, ge=100, le=DRAWS_MAX, strict=True)
    seed: int = Field(default=1, ge=0, le=SEED_MAX, strict=True, description="The same seed gives the same answer")
    interval: Annotated[
        Decimal,
        BeforeValidator(as_number),
        Field(ge=Decimal("0.5"), le=Decimal("0.99"), decimal_places=2),
        WithJsonSchema({"type": "number", "minimum": 0.5, "maximum": 0.99}, mode="validation"),
    ] = Field(
        default=Decimal("0.9"),
        description="Share of its ranks that the interval of a unit holds at least",
        json_schema_extra={"default": 0.9},
    )

    def of(self) -> Draws:
        return Draws(self.spread, self.draws, self.seed, self.interval)


class SensitivityUnit(Out):
    """A unit with its rank, and its ranks under other weights. Shares are of the draws, from 0 to 1."""

    unit: str
    name: str | None
    percent: Number | None
    rank: int | None
    band: str | None
    median_rank: int
    lowest_rank: int = Field(description="The best rank of the interval")
    highest_rank: int
    first: Number = Field(description="Share of the draws in which it is first, alone or with others")
    keeps_rank: Number
    keeps_band: Number | None = Field(description="Null where it has no band")


class PlaceSwap(Out):
    """Neighbours of different ranks. `share`: how often the lower one has the higher percent."""

    upper: str
    lower: str
    share: Number


class Sensitivity(Out):
    """How stable ranks are. Nothing of it is stored."""

    set: str
    version: str
    period: str
    template: bool
    notice: str | None
    notice_en: str | None
    kind: UnitKind
    spread: Number
    draws: int
    seed: int
    interval: Number
    items: list[SensitivityUnit] = Field(description="The units that have a rank, the best first")
    swaps: list[PlaceSwap] = Field(
        description=f"Neighbours that change places in more than {float(SWAPS_ABOVE):.0%} of the draws, "
        "the most frequent first"
    )
    unranked: list[str] = Field(description="Units of which too little is known for a rank")
