"""Types of the wire that several features share."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cchc_shared.http.paging import decode_cursor
from cchc_shared.http.problems import FieldError, invalid


def _written_out(value: Any) -> Any:
    # Left alone, pydantic takes "86400" for a day of 1970.
    if (isinstance(value, str) and not re.match(r"\d{4}-\d{2}-\d{2}", value)) or isinstance(value, int | float):
        raise PydanticCustomError("date_parsing", "must be a date, YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_written_out), Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]
"""A day of which the administration may speak; the ends of the calendar stand for something else in the database."""

Instant = Annotated[AwareDatetime, BeforeValidator(_written_out)]
"""An RFC 3339 date-time with its time zone."""

_LARGEST_ID = 2**63 - 1


def id_before(cursor: str | None) -> int | None:
    """The id before which a page of a newest-first list begins. Raises a 422 problem if the cursor is not ours."""
    if cursor is None:
        return None
    id_: int = decode_cursor(cursor, int)[0]
    if not 0 < id_ <= _LARGEST_ID:
        raise invalid([FieldError("query.cursor", "không phải con trỏ của hệ thống này", "is not one of ours")])
    return id_
