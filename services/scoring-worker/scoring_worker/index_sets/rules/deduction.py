"""Points taken away for each time something happened."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Deduction:
    """max − each · count, never below 0. The count is the numerator; a denominator only says when it is missing."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    needs_denominator: ClassVar = False

    kind: Literal["deduction"]
    each: Decimal

    def __post_init__(self) -> None:
        if self.each <= 0:
            raise ValueError("each must be above 0")

    def points(self, maximum: Decimal, numerator: int, denominator: int) -> Decimal:
        """Between 0 and `maximum`."""
        return max(Decimal(0), maximum - self.each * numerator)
