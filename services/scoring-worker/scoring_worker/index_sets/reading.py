"""What an indicator says of a unit in a period, in exact numbers."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

Exact = Fraction | Decimal | int
"""Numbers without a binary fraction. A float never is one."""


class Reading(NamedTuple):
    """`n` of `d`; or an amount `n` without `d`. Without `n` nothing is known; or, if not `applies`, nothing can be."""

    n: Exact | None
    d: Exact | None = None
    applies: bool = True

    @property
    def is_known(self) -> bool:
        return self.n is not None

    @property
    def is_of_nothing(self) -> bool:
        """Whether it is a share of nothing: whatever that means, the set says."""
        return self.d is not None and self.d == 0

    @property
    def value(self) -> Fraction:
        """The share, or the amount. Only of what is known, and not of nothing."""
        n, d, _ = self
        assert n is not None  # noqa: S101 - asked before
        if d is None:
            return Fraction(n)
        return Fraction(n, d) if isinstance(n, int) and isinstance(d, int) else Fraction(n) / Fraction(d)


UNKNOWN: Final = Reading(None)
NOT_APPLICABLE: Final = Reading(None, applies=False)
Readings = Mapping[str, Reading]
"""By the names that a criterion gives its inputs."""


@lru_cache(maxsize=4096)
def exact(number: Decimal) -> Fraction:
    """A number of a document, of which there are few."""
    return Fraction(number)


def rounded(number: Exact, places: int) -> Decimal:
    """To so many decimal places, halves away from zero; exact, however close to a half the number is.

    >>> rounded(Fraction(1, 8), 2)
    Decimal('0.13')
    """
    n, d = number.as_integer_ratio()
    whole = (2 * abs(n) * 10**places + d) // (2 * d)
    return Decimal(whole if n >= 0 else -whole).scaleb(-places)


def shown(number: Exact, places: int) -> Decimal:
    """A number for readers: as it is where it has so few places, else rounded."""
    decimal = rounded(number, places)
    if decimal != number:
        return decimal
    short = decimal.normalize()
    return short if int(short.as_tuple().exponent) <= 0 else short.quantize(Decimal(1), ROUND_HALF_UP)
