"""Models of the parts of a report."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.http.schemas import In, Out, UnitCode, bounded


class FeedbackPartIn(In):
    """One unit's part of a report, in the desk's words."""

    unit: UnitCode
    task: Annotated[str, bounded(5000, min_length=1)] = Field(description="What the unit is to do and to answer")


class FeedbackSplitIn(In):
    """The unit that has the report goes on answering for it, and gives its sender the one answer."""

    parts: list[FeedbackPartIn] = Field(min_length=1, max_length=20)


class FeedbackPartOut(Out):
    """A part: a report of its own for its unit, that its sender never sees."""

    code: str
    unit: str
    task: str
    status: FeedbackStatus
    resolve_due_at: datetime = Field(description="The first instant at which its answer is late")
    answered_at: datetime | None
    answer: str | None = Field(description="Once its head approved it")
    outcome: str | None


class FeedbackParts(Out):
    items: list[FeedbackPartOut]
