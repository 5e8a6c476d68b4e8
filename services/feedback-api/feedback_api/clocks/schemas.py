"""Response models of the clocks of a report."""

from datetime import datetime

from pydantic import Field

from cchc_shared.http.schemas import Out
from feedback_api.deadlines.domain import ClockState


class ClockPause(Out):
    """A period that does not count, because the citizen was asked for more information."""

    since: datetime
    until: datetime | None


class ClockExtension(Out):
    """An extension: a later due time, with the reason."""

    former_due_at: datetime
    due_at: datetime
    reason: str


class ClockOut(Out):
    """One clock of a report. It counts working time."""

    started_at: datetime | None = Field(description="Time at which the clock began to count; null if it has not begun")
    due_at: datetime = Field(description="The first instant at which it is late")
    stopped_at: datetime | None
    state: ClockState
    pauses: list[ClockPause]
    extensions: list[ClockExtension]


class ClocksOut(Out):
    code: str
    acceptance: ClockOut
    resolution: ClockOut
