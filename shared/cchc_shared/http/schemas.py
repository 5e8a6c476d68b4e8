"""Base of the wire's models: what comes in is strict, what goes out is plain."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# PostgreSQL cannot keep NUL in text; everything else that is Unicode may stand in a report.
NO_NUL = r"^[^\x00]*$"


def Text(max_length: int, *, min_length: int = 0) -> type[str]:  # noqa: N802 - stands where a type stands
    """A string without NUL, trimmed, of bounded length in characters."""
    return Annotated[  # type: ignore[return-value]
        str,
        StringConstraints(strip_whitespace=True, min_length=min_length, max_length=max_length, pattern=NO_NUL),
    ]


class In(BaseModel):
    """A request body: a field that the contract does not name is an error."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Out(BaseModel):
    """A response body."""

    model_config = ConfigDict(from_attributes=True)


class ProblemDocument(BaseModel):
    """An error (RFC 9457), its message in Vietnamese or English by `Accept-Language`."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable name of the error")
    detail: str
    errors: list[dict[str, str | int]] = Field(default=[], description="`field`, `message`, and `row` for files")
