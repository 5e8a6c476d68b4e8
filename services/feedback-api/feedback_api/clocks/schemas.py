"""Response models of the clocks of a report."""

from datetime import datetime

from pydantic import Field

from cchc_shared.contract.codes import FeedbackClock
from cchc_shared.contract.provenance import Provenance
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


class LimitOut(Out):
    """The rule that a clock goes by."""

    id: str
    source: str = Field(description="Where the rule was read")
    status: Provenance = Field(
        description="`V` read in the source, `N` computed from published figures, `S` second-hand, "
        "`R` a default of this software, not official"
    )


class ClockOut(Out):
    """One clock of a report. It counts in the days or hours of its rule."""

    rule: LimitOut
    started_at: datetime | None = Field(description="Time at which the clock began to count; null if it has not begun")
    due_at: datetime = Field(description="The first instant at which it is late")
    provisional: bool = Field(
        description="Whether it still runs, and a day off that is still to be decided may move it"
    )
    stopped_at: datetime | None
    state: ClockState
    pauses: list[ClockPause]
    extensions: list[ClockExtension]


class OwnClocksOut(Out):
    """The clocks of the unit that was handed the report: it has time of its own from then on."""

    unit: str
    acceptance: ClockOut
    resolution: ClockOut


class ReminderOut(Out):
    """What was said of a due time, once: that it came near, or that it was reached."""

    clock: FeedbackClock = Field(description="`promise` is the sender's, where the unit has time of its own")
    overdue: bool
    due_at: datetime
    at: datetime


class ClocksOut(Out):
    """The two clocks of its sender, and those of the unit that holds it; null while these are the same."""

    code: str
    acceptance: ClockOut
    resolution: ClockOut
    own: OwnClocksOut | None
    reminders: list[ReminderOut]
