"""Points in proportion to a share."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Linear:
    """max · n / d"""

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    needs_denominator: ClassVar = True

    kind: Literal["linear"]

    def points(self, maximum: Decimal, numerator: int, denominator: int) -> Decimal:
        """Between 0 and `maximum`, for 0 ≤ numerator ≤ denominator and denominator > 0."""
        return maximum * numerator / denominator


@dataclass(frozen=True, slots=True)
class LinearThreshold:
    """min(max, max · (n / d) / threshold): full points from the threshold on."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    needs_denominator: ClassVar = True

    kind: Literal["linear_threshold"]
    threshold: Decimal

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError("threshold must be above 0 and at most 1")

    def points(self, maximum: Decimal, numerator: int, denominator: int) -> Decimal:
        """Between 0 and `maximum`, for 0 ≤ numerator ≤ denominator and denominator > 0."""
        return min(maximum, maximum * numerator / (denominator * self.threshold))
