"""Models of following."""

from datetime import datetime

from pydantic import Field, StrictBool

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.http.schemas import In, Out


class FeedbackFollowIn(In):
    following: StrictBool = Field(default=True, description="False: follow it no more")


class FollowedReport(Out):
    """What everyone may know of a report: how it stands, and its answer once that is published."""

    code: str
    version: int
    title: str | None = Field(description="Once its answer is published, without numbers and addresses of persons")
    category: str | None
    status: FeedbackStatus
    unit: str | None = Field(description="The unit that answered, once the answer is published")
    received_at: datetime
    resolve_due_at: datetime = Field(description="The first instant at which the approved answer is late")
    answered_at: datetime | None
    published_at: datetime | None
    answer: str | None = Field(description="Once it is published")
    outcome: str | None
    followers: int = Field(description="How many follow it beside its sender")
    following: bool = Field(description="Whether the caller does")


class FollowedReports(Out):
    items: list[FollowedReport]
    next_cursor: str | None
