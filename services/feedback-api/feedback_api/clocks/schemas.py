"""Clocks on the wire."""

from datetime import datetime

from pydantic import Field

from cchc_shared.http.schemas import Out
from feedback_api.clocks.domain import ClockState


class Pause(Out):
    """A time that does not count, because the citizen was asked."""

    since: datetime
    until: datetime | None


class Extension(Out):
    """A later due time, with its reason."""

    former_due_at: datetime
    due_at: datetime
    reason: str


class ClockOut(Out):
    """One clock in working time."""

    started_at: datetime | None = Field(description="Null while what it counts from has not happened")
    due_at: datetime
    stopped_at: datetime | None
    state: ClockState
    pauses: list[Pause]
    extensions: list[Extension]


class ClocksOut(Out):
    code: str
    acceptance: ClockOut
    resolution: ClockOut
