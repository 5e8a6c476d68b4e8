"""Periods of scoring: `2024`, `2024-H1`, `2024-Q2`, `2024-05`."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

PATTERN: Final = r"[12][0-9]{3}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?"
_CODE: Final = re.compile(r"(?P<year>[12]\d{3})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@lru_cache(maxsize=4096)
def last_day(month: date) -> date:
    """The last day of the month of a day."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole months of one year."""

    code: str
    months: tuple[date, ...] = field(compare=False)
    """First day of each month, in order."""

    first_day: date = field(init=False, compare=False)
    last_day: date = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_day", self.months[0])
        object.__setattr__(self, "last_day", last_day(self.months[-1]))

    @property
    def is_month(self) -> bool:
        return len(self.months) == 1


def _months(year: int, first: int, count: int) -> tuple[date, ...]:
    return tuple(date(year, month, 1) for month in range(first, first + count))


@lru_cache(maxsize=4096)
def parse(code: str) -> Period:
    """The period of a code. Raises `ValueError` if it is none."""
    match = _CODE.fullmatch(code)
    if match is None:
        raise ValueError(f"not a period: {code!r}")
    year = int(match["year"])
    if match["half"]:
        return Period(code, _months(year, int(match["half"]) * 6 - 5, 6))
    if match["quarter"]:
        return Period(code, _months(year, int(match["quarter"]) * 3 - 2, 3))
    if match["month"]:
        return Period(code, _months(year, int(match["month"]), 1))
    return Period(code, _months(year, 1, 12))


@lru_cache(maxsize=4096)
def containing(month: date) -> tuple[Period, ...]:
    """The month, quarter, half-year and year that a month belongs to."""
    year, number = month.year, month.month
    codes = (
        f"{year:04}-{number:02}",
        f"{year:04}-Q{(number + 2) // 3}",
        f"{year:04}-H{(number + 5) // 6}",
        f"{year:04}",
    )
    return tuple(parse(code) for code in codes)
