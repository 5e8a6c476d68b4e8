"""Request and response models of webhooks."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Instant, Out, UnitCode
from notify.systems.schemas import SystemCode
from notify.webhooks.domain import DeliveryState, DisabledFor, Failure
from notify.webhooks.targets import URL

TARGET: Final = pattern(URL, vi="không phải địa chỉ `https` đầy đủ", en="is not a complete https address")
TYPE: Final = pattern(
    r"^[a-z0-9_.]{1,100}$", vi="không phải tên loại sự kiện của hệ thống này", en="is not the name of an event type"
)
EventType = Annotated[str, StringConstraints(max_length=100, pattern=TYPE)]
WebhookId = Annotated[UUID, Path(description="Id of a webhook")]
MOST_REPLAYED: Final = 10_000


class NewWebhook(In):
    """Where a system is told of what."""

    url: Annotated[str, StringConstraints(max_length=500, pattern=TARGET)] = Field(
        description="An https address that anybody on the Internet reaches; redirects are not followed"
    )
    event_types: Annotated[list[EventType], Field(min_length=1, max_length=100)] = Field(
        description="Such as `vn.hanoi.cchc.dossier.opened.v1`; the scope of the system names `events.dossier`"
    )
    units: Annotated[list[UnitCode], Field(max_length=50)] = Field(
        default=[], description="Only what concerns these; absent: whatever the scope of the system has"
    )
    system: SystemCode | None = Field(
        default=None, description="Which system is told: said by operators; a system speaks for itself"
    )


class WebhookOut(Out):
    """A webhook without its secret."""

    id: UUID
    system: str
    url: str
    event_types: list[str]
    units: list[str]
    disabled_for: DisabledFor | None = Field(
        description="Why it is sent nothing: `asked`, `gone` (it answered 410) or `failing`; null while it is enabled"
    )
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="No message was taken since then")
    secret_number: int = Field(description="How many secrets it has had")
    previous_until: datetime | None = Field(description="Until then messages are signed with the secret before too")
    created_at: datetime


class WebhookWithSecret(WebhookOut):
    """A webhook with its newest secret, which is shown in no other answer."""

    secret: str = Field(description="`whsec_` and 32 bytes in base64, as Standard Webhooks has them")


class WebhookPage(Out):
    items: list[WebhookOut]
    next_cursor: str | None


class DeliveryQuery(In):
    state: DeliveryState | None = None
    cursor: Cursor = None
    limit: Limit = 50


class DeliveryOut(Out):
    """One event for one webhook, and what became of it."""

    event_id: UUID = Field(description="The header webhook-id of the message, the same however often it is sent")
    event_type: str
    aggregate: str = Field(description="What the event speaks of: its messages are sent in order")
    version: int
    state: DeliveryState
    attempts: int
    made_at: datetime
    next_at: datetime = Field(description="Not sent before then, while it waits")
    ended_at: datetime | None = Field(description="When it was delivered or given up")
    status: int | None = Field(description="HTTP status of the last answer")
    failure: Failure | None = Field(description="Why there was none")


class DeliveryPage(Out):
    items: list[DeliveryOut]
    next_cursor: str | None


class ReplayIn(In):
    """What is sent again: what was made from `since` on and before `until`, or these events."""

    since: Instant | None = None
    until: Instant | None = None
    event_ids: Annotated[list[UUID], Field(max_length=200)] = Field(default=[])


class ReplayOut(Out):
    replayed: int = Field(
        description=f"So many are sent again, the oldest first and at most {MOST_REPLAYED}; none that is on its way"
    )
