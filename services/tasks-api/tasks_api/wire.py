"""Types of the wire that several features share."""

import re
from datetime import date
from typing import Annotated, Any, LiteralString

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from cchc_shared.http.paging import decode_cursor
from cchc_shared.http.problems import FieldError, invalid

_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)
_LARGEST_ID = 2**63 - 1


def _written(pattern: str, error: LiteralString, message: LiteralString) -> BeforeValidator:
    # Left alone, pydantic takes "86400" for a day of 1970.
    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and not re.fullmatch(pattern, value)):
            raise PydanticCustomError(error, message)
        return value

    return BeforeValidator(check)


def _of_our_time(day: date) -> date:
    # Bounds of a field would stand in the JSON Schema under names that it does not know.
    if day < _FIRST:
        raise PydanticCustomError("greater_than_equal", "must be at least {ge}", {"ge": _FIRST.isoformat()})
    if day > _LAST:
        raise PydanticCustomError("less_than_equal", "must be at most {le}", {"le": _LAST.isoformat()})
    return day


Day = Annotated[
    date,
    _written(r"\d{4}-\d{2}-\d{2}", "date_parsing", "must be a date, YYYY-MM-DD"),
    AfterValidator(_of_our_time),
]
"""A day of which the administration may speak; the ends of the calendar stand for something else in the database."""

Instant = Annotated[
    AwareDatetime, _written(r"\d{4}-\d{2}-\d{2}[Tt ].+", "datetime_parsing", "must be an RFC 3339 date-time")
]
"""An RFC 3339 date-time with its time zone."""


def id_before(cursor: str | None) -> int | None:
    """The id before which a page of a newest-first list begins. Raises a 422 problem if the cursor is not ours."""
    if cursor is None:
        return None
    id_: int = decode_cursor(cursor, int)[0]
    if not 0 < id_ <= _LARGEST_ID:
        raise invalid([FieldError("query.cursor", "không phải con trỏ của hệ thống này", "is not one of ours")])
    return id_
