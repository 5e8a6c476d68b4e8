"""Response models of the clocks of a report."""

from datetime import datetime

from pydantic import Field

from cchc_shared.http.schemas import Out
from feedback_api.deadlines.domain import ClockState


class ClockPause(Out):
    """A time that does not count, because the citizen was asked for more."""

    since: datetime
    until: datetime | None


class ClockExtension(Out):
    """A later due time, with its reason."""

    former_due_at: datetime
    due_at: datetime
    reason: str


class ClockOut(Out):
    """One clock in working time."""

    started_at: datetime | None = Field(description="Null while what it counts from has not happened")
    due_at: datetime = Field(description="The first instant at which it is late")
    stopped_at: datetime | None
    state: ClockState
    pauses: list[ClockPause]
    extensions: list[ClockExtension]


class ClocksOut(Out):
    code: str
    acceptance: ClockOut
    resolution: ClockOut
