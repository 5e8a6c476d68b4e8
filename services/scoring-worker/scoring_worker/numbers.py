"""Exact numbers in requests and answers."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from cchc_shared.http.field_errors import refuse

# A number in JSON: with so few places, the shortest decimal of a float is the very number.
Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


def _shortest(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


Quantity = Annotated[
    Decimal, PlainSerializer(_shortest, when_used="json"), WithJsonSchema({"type": "number"}, mode="serialization")
]
"""A number of things, which is hardly ever a fraction: `3`, not `3.0`."""


def as_number(value: Any) -> Any:
    """Refuses numbers in quotes: one form is enough, and the contract says which."""
    if isinstance(value, str):
        raise refuse("phải là số", "must be a number")
    return value


Count = Annotated[
    Decimal,
    BeforeValidator(as_number),
    Field(ge=0, max_digits=18, decimal_places=6),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 10**12}, mode="validation"),
]
"""A number of 0 or more that is sent; exact to six places."""
