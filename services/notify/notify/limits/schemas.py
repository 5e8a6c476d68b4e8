"""Request and response models of limits."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from cchc_shared.http.schemas import In, Out

MOST: Final = 500
"""Callers in one question."""
LONGEST_SECONDS: Final = 3600
_SECONDS: Final = "in seconds in which it comes back"


class SpentIn(In):
    """What one gateway has let a caller do since it told last."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}:[0-9a-f]{32}$", max_length=53)] = Field(
        description="A class of requests, and a digest of the caller"
    )
    spent: Annotated[float, Field(ge=0, le=2 * LONGEST_SECONDS, description=f"What was spent, {_SECONDS}")]
    window: Annotated[int, Field(ge=1, le=LONGEST_SECONDS, description=f"The whole quota, {_SECONDS}")]


class AdditionIn(In):
    """What one gateway tells."""

    items: Annotated[list[SpentIn], Field(max_length=MOST)]


class Owed(Out):
    """What each caller owes to all gateways, in the order that was asked: all comes back in so many seconds."""

    seconds: list[float]
