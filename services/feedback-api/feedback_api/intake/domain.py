"""A report on its way in: everything about it but its code, which it gets when it is written."""

from datetime import datetime

import msgspec

from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from feedback_api.contacts.cipher import Contact


class Request(msgspec.Struct, frozen=True):
    """Who asks, and what makes the request the same as another one."""

    caller: str
    key: str | None
    digest: bytes


class Draft(msgspec.Struct, frozen=True):
    """A checked, routed report with its deadlines."""

    request: Request
    channel: Channel
    channel_owner: str
    """Whose ids of the channel these are: the channel's own when empty, else those of one sender."""
    channel_ref: str | None
    kind: FeedbackKind
    category: str | None
    severity: Severity
    title: str | None
    content: str
    lat: float | None
    lon: float | None
    address: str | None
    unit: str
    routing: str
    submitted_by: str | None
    role: str | None
    contact: Contact | None
    secret: str
    received_at: datetime
    recorded_at: datetime
    accept_due_at: datetime
    resolve_due_at: datetime
    year: int
    """The local year of receipt, as in the code."""
    traceparent: str | None
