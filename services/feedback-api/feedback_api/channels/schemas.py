"""What channels send, in their own form, and what they are answered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from cchc_shared.http.schemas import In, Instant, bounded
from feedback_api.channels.domain import IgnoredBecause
from feedback_api.intake.schemas import Degrees, WarningOut

MOST_LISTED: Final = 50


class FromElsewhere(In):
    """What another system's software sends. It may say more than is read here, and more tomorrow than today."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class ZaloCoordinates(FromElsewhere):
    latitude: Degrees
    longitude: Degrees


class ZaloPayload(FromElsewhere):
    """What a Zalo attachment carries: an address of an image, or coordinates."""

    url: Annotated[str, bounded(2000)] | None = None
    coordinates: ZaloCoordinates | None = None


class ZaloAttachment(FromElsewhere):
    type: Annotated[str, bounded(50)]
    payload: ZaloPayload | None = None


class ZaloMessage(FromElsewhere):
    msg_id: Annotated[str, bounded(200, min_length=1)]
    text: Annotated[str, bounded(20_000)] | None = None
    attachments: list[ZaloAttachment] = Field(default=[], max_length=MOST_LISTED)


class ZaloParty(FromElsewhere):
    id: Annotated[str, bounded(200)]


class ZaloEvent(FromElsewhere):
    """An event of a Zalo Official Account, as its webhook sends it."""

    event_name: Annotated[str, bounded(100, min_length=1)]
    app_id: Annotated[str, bounded(100)] | None = None
    timestamp: Annotated[str, bounded(30)] | None = Field(default=None, description="Milliseconds since 1970, UTC")
    sender: ZaloParty | None = None
    message: ZaloMessage | None = None


class HotlineCall(In):
    """A call that the hotline's software recorded."""

    call_id: Annotated[str, bounded(200, min_length=1)]
    caller: Annotated[str, bounded(100)] | None = Field(default=None, description="The number that called")
    caller_name: Annotated[str, bounded(200)] | None = None
    started_at: Instant
    agent: Annotated[str, bounded(200)] | None = Field(default=None, description="Who answered the call")
    transcript: Annotated[str, bounded(20_000)] | None = Field(default=None, description="What was said, or noted down")
    address: Annotated[str, bounded(300)] | None = None
    recording_url: Annotated[str, bounded(2000)] | None = Field(default=None, description="Kept as text; not fetched")


class PortalSender(In):
    name: Annotated[str, bounded(200)] | None = None
    phone: Annotated[str, bounded(100)] | None = None
    email: Annotated[str, bounded(254)] | None = None
    address: Annotated[str, bounded(300)] | None = None


class PortalReport(In):
    """A report that the national portal passes on. The portal's own form is not public: these are fields of ours."""

    code: Annotated[str, bounded(200, min_length=1)] = Field(description="The portal's code of the report")
    classification: Annotated[str, bounded(100, min_length=1)] = Field(
        description="The portal's class, as `PETITION_CLASSIFICATION_TTHC`"
    )
    title: Annotated[str, bounded(300)] | None = None
    content: Annotated[str, bounded(20_000, min_length=1)]
    sender: PortalSender | None = None
    sent_at: Instant | None = None
    status: Annotated[str, bounded(100, min_length=1)] | None = Field(
        default=None, description="The portal's name of the state that the report has there"
    )


class DeliveryStatus(StrEnum):
    """What became of what a channel sent."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    IGNORED = "ignored"


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What became of what a channel sent. Fields in `warnings` are those of the report that was made of it."""

    status: DeliveryStatus
    reason: Annotated[IgnoredBecause | None, Field(description="Why it was ignored")] = None
    code: Annotated[str | None, Field(description="Code of the report")] = None
    tracking_secret: Annotated[str | None, Field(description="For `accepted` alone; it is never shown again")] = None
    reply_to: Annotated[str | None, Field(description="Code of the report that this one answers")] = None
    attachments_kept: Annotated[
        list[str], Field(description="Paths of the attachments that its files became. `warnings` name the others")
    ]
    channel_status: Annotated[
        str | None, Field(description="What the national portal may show of it, in the portal's words")
    ] = None
    warnings: list[WarningOut]


RFC822: Final = "message/rfc822"
MAIL_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {RFC822: {"schema": {"type": "string", "format": "binary"}}},
    },
    "x-large-body": True,
}
"""A mail is no JSON, is read as it came, and has files in it."""
