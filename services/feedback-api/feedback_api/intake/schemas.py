"""Request and response models of intake.

Responses are dataclasses: FastAPI documents them like models, and they are encoded in a tenth of the time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictBool, StrictFloat, StringConstraints

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In, Instant, UnitCode, bounded

PHONE = pattern(
    r"^\+?[0-9][0-9 .()-]{5,22}[0-9]$",
    vi="không phải số điện thoại: chỉ gồm chữ số, dấu cách và + . ( ) -",
    en="is no phone number: digits, spaces and + . ( ) - only",
)
EMAIL = pattern(
    r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$", vi="không phải địa chỉ thư điện tử", en="is no e-mail address"
)


class LocationIn(In):
    """Where it is, in WGS 84."""

    lat: Annotated[StrictFloat, Field(ge=-90, le=90)]
    lon: Annotated[StrictFloat, Field(ge=-180, le=180)]
    address: Annotated[str, bounded(300)] | None = None


class ReporterIn(In):
    """Who reports; stored encrypted and apart. `anonymous`: the handling unit is not told."""

    name: Annotated[str, bounded(200, min_length=1)] | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=25, pattern=PHONE)] | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=EMAIL)] | None = None
    anonymous: StrictBool = False


class FeedbackIn(In):
    """A report as a channel sends it. Without `unit`, the city's routing rules choose one."""

    channel: Channel
    channel_ref: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None,
        description="The channel's own id: the same id is the same report. Ids that citizens give are kept apart from "
        "those that channel software and officials give. Giving one requires a token",
    )
    kind: FeedbackKind
    category: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="A code of the city's list of categories"
    )
    severity: Severity = Severity.NORMAL
    title: Annotated[str, bounded(300)] | None = None
    content: Annotated[str, bounded(20_000, min_length=1)]
    location: LocationIn | None = None
    unit: UnitCode | None = None
    reporter: ReporterIn | None = None
    attachments: list[Annotated[str, Field(max_length=200)]] = Field(
        default=[], max_length=0, description="Not accepted here"
    )
    received_at: Instant | None = Field(default=None, description="By role `system` only, and not in the future")


@dataclass(slots=True)
class Acknowledgement:
    """What the sender is told of a report that is stored."""

    code: str
    status: FeedbackStatus
    version: int
    unit: str
    channel: Channel
    channel_ref: str | None
    kind: FeedbackKind
    category: str | None
    severity: Severity
    received_at: datetime
    accept_due_at: Annotated[datetime, Field(description="The first instant at which acceptance is late")]
    resolve_due_at: Annotated[datetime, Field(description="The first instant at which the approved answer is late")]


@dataclass(slots=True)
class Receipt(Acknowledgement):
    """What the sender of a new report is told. Keep `tracking_secret`: it is shown to nobody again."""

    tracking_secret: str
