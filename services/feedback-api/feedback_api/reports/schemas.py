"""Response models of a report, and what several features ask of reports."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Path
from pydantic import Field, StrictBool

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.access import Principal, public
from cchc_shared.http.field_errors import FieldError, pattern
from cchc_shared.http.history import HistoryItem
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import Day, In, Out, bounded
from feedback_api.reports.access import NOBODY, bearer
from feedback_api.reports.domain import Erased
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


async def _sender(caller: AnyCaller, secret: TrackingSecret = None) -> Principal:
    return bearer(caller, secret) or NOBODY


SenderCaller = Annotated[Principal, Depends(_sender)]
"""Whoever calls, with what they know; what they may not read does not exist for them."""


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
    own_resolve_due_at: datetime | None = Field(
        description="The same for the unit that was handed it, which has time of its own; null: `resolve_due_at`"
    )
    paused_since: datetime | None = Field(description="Since when its clocks stand still, if they do")
    handovers: int


class FeedbackPage(Out):
    items: list[FeedbackItem]
    next_cursor: str | None


class LocationOut(Out):
    """A place: coordinates, an address, or both."""

    lat: float | None
    lon: float | None
    address: str | None


class ReporterIn(In):
    """Name and contacts of the reporter, stored encrypted and apart from the report. If `anonymous` is true, the
    handling unit does not see them. A phone number or an e-mail address that cannot be read is kept as it was written,
    with a warning."""

    name: Annotated[str, bounded(200, min_length=1)] | None = None
    phone: Annotated[str, bounded(100)] | None = None
    email: Annotated[str, bounded(254)] | None = None
    account: Annotated[str, bounded(200)] | None = Field(
        default=None, description="The reporter's own account in the channel, where that is all the channel knows"
    )
    anonymous: StrictBool = False


class ReporterOut(Out):
    """Name and contacts of the reporter; shown only to the unit that holds the report, and to the reporter."""

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
    satisfied: bool | None = Field(description="What its sender said of the answer")
    reopenings: int
    refusal: str | None = Field(description="Code of the reason for which it was refused")
    duplicate_of: str | None = Field(description="Code of the report that told it before")
    possible: list[FeedbackAction] = Field(description="The actions that this caller can take now")
    former_units: list[str] | None = Field(
        default=None, description="Units that read it because they had it before, or do a part of it"
    )
    part_of: str | None = Field(default=None, description="The report that this is one unit's part of")
    held_by: str | None = Field(
        default=None, description="The desk, until it assigns the report; null: `unit` holds it"
    )
    held_since: datetime | None = Field(default=None, description="Since when that unit has it")
    own_accept_due_at: datetime | None = None
    own_accepted_at: datetime | None = None
    unjustified: list[int] | None = Field(
        default=None, description="Versions at which it was handed over without right, as the desk judged"
    )
    routing: dict[str, Any] | None = Field(default=None, description="The rule that sent the report to its first unit")
    wished_severity: Severity | None = Field(default=None, description="What the sender asked for; nobody decided it")
    erased: Erased | None = Field(default=None, description="What of it is erased, if anything")


class FeedbackHistoryItem(HistoryItem):
    """One change of the report. Only officials see the optional fields: from them every duty can be counted again."""

    holder: str | None = Field(default=None, description="The unit that answers for the report after this change")
    own_accept_due_at: datetime | None = Field(
        default=None, description="Its own due times; null as long as they are those that the sender was promised"
    )
    own_resolve_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    missed_by: str | None = Field(
        default=None, description="The unit whose duty to answer ended unmet with this change: it was late already"
    )


class FeedbackHistory(Out):
    """All changes of the report, oldest first. An entry never changes."""

    items: list[FeedbackHistoryItem]
