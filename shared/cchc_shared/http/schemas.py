"""Base classes of request and response models: requests are strict, responses are plain."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, LiteralString

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.text import cleaned_fields

# PostgreSQL cannot keep NUL in text; everything else that is Unicode may stand in a report.
NO_NUL = pattern(r"^[^\x00]*$", vi="có ký tự NUL", en="has a NUL character")


def bounded(max_length: int, *, min_length: int = 0) -> StringConstraints:
    """Constraints of a string: trimmed, without NUL, of bounded length. `Annotated[str, bounded(200)]`."""
    return StringConstraints(strip_whitespace=True, min_length=min_length, max_length=max_length, pattern=NO_NUL)


def _written(pattern: str, error: LiteralString, message: LiteralString) -> BeforeValidator:
    # Left alone, pydantic takes "86400" for a day of 1970, and a number for an instant.
    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and not re.fullmatch(pattern, value, re.ASCII)):
            raise PydanticCustomError(error, message)
        return value

    return BeforeValidator(check)


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def _of_our_time(day: date) -> date:
    # Bounds of a field would stand in the JSON Schema under names that it does not know.
    if day < FIRST_DAY:
        raise PydanticCustomError("greater_than_equal", "must be at least {ge}", {"ge": FIRST_DAY.isoformat()})
    if day > LAST_DAY:
        raise PydanticCustomError("less_than_equal", "must be at most {le}", {"le": LAST_DAY.isoformat()})
    return day


Day = Annotated[
    date,
    _written(r"\d{4}-\d\d-\d\d", "date_parsing", "must be a date, YYYY-MM-DD"),
    AfterValidator(_of_our_time),
]
"""A day of which the administration may speak; the ends of the calendar stand for something else in the database."""


def _when_in_our_time(at: datetime) -> datetime:
    # At the ends of the calendar an instant is none in another time zone.
    _of_our_time(at.date())
    return at


Instant = Annotated[
    AwareDatetime,
    _written(
        r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)",
        "datetime_parsing",
        "must be an RFC 3339 date-time",
    ),
    AfterValidator(_when_in_our_time),
]
"""An RFC 3339 date-time with its time zone, on a day of which the administration may speak."""


def _either(value: Any) -> date | datetime:
    # A union would name its members in the path of the field.
    written_as_instant = isinstance(value, str) and len(value) > len("YYYY-MM-DD")
    return _INSTANT.validate_python(value) if written_as_instant else _DAY.validate_python(value)


_DAY: Final[TypeAdapter[date]] = TypeAdapter(Day)
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
DayOrInstant = Annotated[
    date | datetime,
    PlainValidator(_either, json_schema_input_type=date | datetime),
]
"""A day, or an instant with its time zone."""


UnitCode = Annotated[str, bounded(100, min_length=1)]
"""Code of a unit, an official one or one of ours."""


class In(BaseModel):
    """Base of request models: a body, a form or a query. A field that the contract does not name is an error."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, fields: Any) -> Any:
        return cleaned_fields(fields)


class Out(BaseModel):
    """A response body."""

    model_config = ConfigDict(from_attributes=True)


class ProblemDocument(BaseModel):
    """An error (RFC 9457), its message in Vietnamese or English by `Accept-Language`.

    Some codes have additional members, such as `possible`.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    title: str = Field(description="What every error with this status is called")
    status: int
    code: str = Field(description="Name of the error; it stays the same over time")
    detail: str
    errors: list[dict[str, str | int]] = Field(
        default=[], description="One entry for each error: `field`, `message`, and for files `row`"
    )
