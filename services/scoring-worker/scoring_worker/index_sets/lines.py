"""Points along straight lines: how most rules give them, and those of many units at once in whole numbers.

Nothing is rounded on the way, and no number grows beyond 64 bits: `_room` says how large the numbers of a unit may be
for that, and a unit with larger ones is left to whoever reckons in fractions.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
_MOST: Final = 2**63 - 1


class Line(NamedTuple):
    """`at` + `slope` · value points for values from `start` on, or above it.

    Of several the last that is reached holds; the first holds from the lowest value on, whatever its start.
    """

    at: Fraction = Fraction(0)
    slope: Fraction = Fraction(0)
    start: Fraction = Fraction(0)
    above: bool = False


class _Scaled(NamedTuple):
    """A line times a factor: (`at` · d + `slope` · n) / (`whole` · d) units of the last place for the value n / d."""

    at: int
    slope: int
    whole: int


_UNFIT: Final = _Scaled(0, 0, 1)


def along(
    lines: Sequence[Line], factors: Sequence[Fraction], of: Whole, n: Whole, d: Whole, places: int
) -> tuple[Whole, Truth]:
    """The points for the values `n` / `d` (`d` above 0), in units of the last place, halves away from zero.

    `of` says which of the factors the points of each unit are multiplied by. Also says whose numbers fit: the points of
    others mean nothing.
    """
    scaled = [[_scaled(line, factor, places) for line in lines] for factor in factors]
    room = [min(map(_room, lines, row)) for row in scaled]
    fits = np.maximum(np.abs(n), d) <= np.array(room)[of]
    if not fits.any():
        return np.zeros_like(n), fits
    n, d = np.where(fits, n, 0), np.where(fits, d, 1)
    row = len(lines) * of
    for each in lines[1:]:
        x, y = each.start.as_integer_ratio()
        row += n * y > x * d if each.above else n * y >= x * d
    rows = [each if fitting else _UNFIT for line, fitting in zip(scaled, room, strict=True) for each in line]
    at, slope, whole = (column[row] for column in np.array(rows, np.int64).T)
    points = at * d + slope * n
    whole = whole * d
    return np.sign(points) * ((2 * np.abs(points) + whole) // (2 * whole)), fits


def _scaled(line: Line, factor: Fraction, places: int) -> _Scaled:
    (a, b), (s, t), (f, g) = (each.as_integer_ratio() for each in (line.at, line.slope, factor))
    whole = lcm(b, t)
    return _Scaled(a * (whole // b) * f * 10**places, s * (whole // t) * f * 10**places, whole * g)


def _room(line: Line, scaled: _Scaled) -> int:
    """The largest `n` and `d` with which no product and no sum of `along` leaves 64 bits."""
    x, y = line.start.as_integer_ratio()
    return _MOST // max(2 * (abs(scaled.at) + abs(scaled.slope) + scaled.whole), abs(x), y)
