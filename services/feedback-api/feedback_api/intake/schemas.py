"""What a report looks like on the wire when it comes in."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, StrictBool, StrictFloat, StringConstraints
from pydantic_core import PydanticCustomError

from cchc_shared.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.schemas import NO_NUL, In, Out

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _instant(value: object) -> object:
    # Pydantic alone would also take a number, or a date in other forms, and guess.
    if isinstance(value, str) and not _RFC3339.fullmatch(value):
        raise PydanticCustomError("datetime_parsing", "must be an RFC 3339 date-time")
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", "must be an RFC 3339 date-time")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]

PHONE = r"^\+?[0-9][0-9 .()-]{5,22}[0-9]$"
EMAIL = r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$"


def _text(max_length: int, *, min_length: int = 0) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=min_length, max_length=max_length, pattern=NO_NUL)


class LocationIn(In):
    """Where it is, in WGS 84."""

    lat: Annotated[StrictFloat, Field(ge=-90, le=90)]
    lon: Annotated[StrictFloat, Field(ge=-180, le=180)]
    address: Annotated[str, _text(300)] | None = None


class ReporterIn(In):
    """Who reports; kept encrypted and apart. `anonymous`: the handling unit is not told."""

    name: Annotated[str, _text(200, min_length=1)] | None = None
    phone: Annotated[str, StringConstraints(pattern=PHONE)] | None = None
    email: Annotated[str, StringConstraints(pattern=EMAIL, max_length=254)] | None = None
    anonymous: StrictBool = False


class FeedbackIn(In):
    """A report as a channel sends it. Without `unit`, the city's routing rules choose one."""

    channel: Channel
    channel_ref: Annotated[str, _text(200, min_length=1)] | None = Field(
        default=None, description="The channel's own id; the same one twice is the same report"
    )
    kind: FeedbackKind
    category: Annotated[str, _text(60, min_length=1)] | None = Field(
        default=None, description="A code of the city's list of categories"
    )
    severity: Severity = Severity.NORMAL
    title: Annotated[str, _text(300)] | None = None
    content: Annotated[str, _text(20_000, min_length=1)]
    location: LocationIn | None = None
    unit: Annotated[str, _text(60, min_length=1)] | None = None
    reporter: ReporterIn | None = None
    attachments: list[str] = Field(default=[], max_length=0, description="Not taken here")
    received_at: Instant | None = Field(default=None, description="By role `system` only, and not in the future")


class Receipt(Out):
    """The acknowledgement of a report. Keep `tracking_secret`: it is shown to nobody again."""

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
    accept_due_at: datetime
    resolve_due_at: datetime
    tracking_secret: str | None = None
