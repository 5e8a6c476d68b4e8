"""Request and response models of screening."""

from typing import Annotated

from pydantic import Field

from cchc_shared.contract.screening import Identifier
from cchc_shared.http.schemas import In, Out, bounded


class ScreeningIn(In):
    """A text that somebody is about to publish."""

    text: Annotated[str, bounded(20_000, min_length=1)]


class FindingOut(Out):
    """Personal data in the text."""

    kind: Identifier
    start: int = Field(description="Position of its first character in `text`, in code points from 0")
    length: int = Field(description="In code points")


class ScreeningOut(Out):
    text: str = Field(description="The text as the service reads it: composed, without invisible characters")
    masked: str = Field(description="The text with a mask in the place of each finding")
    findings: list[FindingOut]
