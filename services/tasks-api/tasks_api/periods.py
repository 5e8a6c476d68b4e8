"""Periods by which work is reported: `2024`, `2024-H1`, `2024-Q2`, `2024-05`."""

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from cchc_shared.http.field_errors import pattern

_CODE: Final = re.compile(r"([12][0-9]{3})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")
PeriodCode = Annotated[
    str,
    Field(
        max_length=7,
        pattern=pattern(
            r"^[12][0-9]{3}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?$",
            vi="không phải kỳ: `2024`, `2024-H1`, `2024-Q2` hoặc `2024-05`",
            en="is not a period: 2024, 2024-H1, 2024-Q2 or 2024-05",
        ),
        description="Year, half-year, quarter or month: `2024`, `2024-H1`, `2024-Q2`, `2024-05`",
    ),
]


class Period(NamedTuple):
    """A run of whole months of one year, from its first to its last day."""

    code: str
    first_day: date
    last_day: date

    @classmethod
    def of(cls, code: str) -> "Period":
        """The period of a code. Raises `ValueError` if it is none."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise ValueError(f"not a period: {code!r}")
        year, half, quarter, month = match.groups()
        last, length = (
            (int(half) * 6, 6) if half else (int(quarter) * 3, 3) if quarter else (int(month), 1) if month else (12, 12)
        )
        end = date(int(year), last, monthrange(int(year), last)[1])
        return cls(code, date(int(year), last - length + 1, 1), end)
