"""Response models of a report, and what several features ask of reports."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Header, Path
from pydantic import Field

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.access import Principal, public
from cchc_shared.http.field_errors import FieldError, pattern
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import Day, In, Out
from feedback_api.reports.transitions import FeedbackAction

CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã phản ánh", en="is not the code of a report")
SECRET = pattern(r"^[A-Za-z0-9_-]*$", vi="không phải mã bí mật đã cấp", en="is not a secret that was given")
Code = Annotated[str, Path(max_length=100, pattern=CODE, description="Code of a report")]
AnyCaller = Annotated[Principal | None, public()]
TrackingSecret = Annotated[
    str | None,
    Header(
        alias="X-Tracking-Secret",
        max_length=100,
        pattern=SECRET,
        description="Secret from the acknowledgement, which lets its sender read the report without a token",
    ),
]


class ReceivedBetween(In):
    """`from` and `to` are local days of receipt, both included."""

    first_day: Day | None = Field(default=None, alias="from")
    last_day: Day | None = Field(default=None, alias="to")

    def period(self, calendar: WorkingCalendar) -> tuple[datetime | None, datetime | None]:
        """The instants at which these days begin and end, the second exclusive. Raises a problem if it is earlier."""
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise invalid([FieldError("query.to", "trước ngày bắt đầu", "is before the first day")])
        return (
            None if self.first_day is None else calendar.end_of_day(_day_before(self.first_day)),
            None if self.last_day is None else calendar.end_of_day(self.last_day),
        )


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


class FeedbackItem(Out):
    """A report in a list."""

    code: str
    version: int
    channel: Channel
    channel_ref: str | None
    kind: FeedbackKind
    category: str | None
    severity: Severity
    title: str | None
    unit: str
    status: FeedbackStatus
    received_at: datetime
    accept_due_at: datetime = Field(description="The first instant at which acceptance is late")
    accepted_at: datetime | None
    resolve_due_at: datetime = Field(description="The first instant at which the approved answer is late")
    answered_at: datetime | None
    handovers: int


class FeedbackPage(Out):
    items: list[FeedbackItem]
    next_cursor: str | None


class LocationOut(Out):
    """A place: coordinates, an address, or both."""

    lat: float | None
    lon: float | None
    address: str | None


class ReporterOut(Out):
    """Name and contacts of the reporter; shown only to the unit that holds the report."""

    name: str | None
    phone: str | None
    email: str | None
    account: str | None = Field(description="The sender's own account in the channel")
    place: str | None = Field(description="Coordinates that could not be read, as they were written")
    anonymous: bool


class FeedbackOut(FeedbackItem):
    """One report. The citizen sees the answer once it is approved. Only officials see the optional fields."""

    content: str
    reply_to: str | None = Field(description="Code of the report that this one answers, as its channel says")
    location: LocationOut | None
    provisional: bool = Field(description="Whether a day off that is still to be decided may move a due time")
    answer: str | None
    outcome: str | None
    possible: list[FeedbackAction] = Field(description="The actions that this caller can take now")
    former_units: list[str] | None = None
    routing: dict[str, Any] | None = Field(default=None, description="The rule that sent the report to its first unit")
    wished_severity: Severity | None = Field(default=None, description="What the sender asked for; nobody decided it")
    reporter: ReporterOut | None = None
