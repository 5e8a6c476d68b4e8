"""Response models of a report, and what several features ask of reports."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path
from pydantic import Field, StrictBool

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.access import Principal, public
from cchc_shared.http.field_errors import FieldError, pattern
from cchc_shared.http.history import HistoryItem
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import In, Out, bounded
from cchc_shared.http.since import Page, absent
from cchc_shared.http.tracking import TrackingSecret
from feedback_api.reports.access import NOBODY, bearer
from feedback_api.reports.domain import Erased
from feedback_api.reports.location import Circle
from feedback_api.reports.transitions import FeedbackAction

CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã phản ánh", en="is not the code of a report")
Code = Annotated[str, Path(max_length=100, pattern=CODE, description="Code of a report")]
AnyCaller = Annotated[Principal | None, public()]


async def _sender(caller: AnyCaller, secret: TrackingSecret = None) -> Principal:
    return bearer(caller, secret) or NOBODY


SenderCaller = Annotated[Principal, Depends(_sender)]
"""Whoever calls, with what they know; what they may not read does not exist for them."""


_NEAR = pattern(
    r"^-?[0-9]{1,2}(\.[0-9]{1,12})?,-?[0-9]{1,3}(\.[0-9]{1,12})?$",
    vi="phải là hai số: vĩ độ, kinh độ",
    en="must be two numbers: latitude, longitude",
)
USUAL_METRES, MOST_METRES = 500, 5_000


class Near(In):
    """A place and metres around it."""

    near: Annotated[str, Field(pattern=_NEAR)] | None = Field(
        default=None, description="Latitude and longitude, with a comma between: `21.0278,105.8342`"
    )
    radius: Annotated[int, Field(ge=1, le=MOST_METRES)] | None = Field(
        default=None, description=f"Metres around `near`; {USUAL_METRES} when absent"
    )

    def circle(self) -> Circle | None:
        """What is meant. Raises a problem for a radius without a place, and for a place that is not on earth."""
        if self.near is None:
            if self.radius is not None:
                raise invalid([FieldError("query.radius", "phải đi cùng near", "needs near")])
            return None
        lat, lon = map(float, self.near.split(","))
        if abs(lat) > 90 or abs(lon) > 180:
            raise invalid([FieldError("query.near", "nằm ngoài Trái Đất", "is not on earth")])
        return Circle(lat, lon, USUAL_METRES if self.radius is None else self.radius)


class TextOut(Out):
    """A text for people, in Vietnamese and English."""

    vi: str
    en: str


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


class FeedbackBrief(Out):
    """A report in a list, in as few words as a list on a small screen shows."""

    code: str
    version: int
    status: FeedbackStatus
    unit: str
    title: str | None
    received_at: datetime
    resolve_due_at: datetime = Field(description="The first instant at which the approved answer is late")


class FeedbackPage(Page):
    items: list[FeedbackItem] = Field(description="Empty with `view=brief`")
    brief: list[FeedbackBrief] | None = Field(
        default=None, exclude_if=absent, description="With `view=brief`, in the place of `items`"
    )


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
    task: str | None = Field(default=None, description="Code of the task that a voters' petition became")
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
