"""Request and response models of intake.

Responses are dataclasses: FastAPI documents them like models, and they are encoded in a tenth of the time.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta
from pydantic import Field, StrictBool, StrictFloat, StringConstraints

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In, Instant, UnitCode, bounded
from cchc_shared.http.text import trimmed

PHONE = pattern(
    r"^\+?[0-9][0-9 .()-]{5,22}[0-9]$",
    vi="không phải số điện thoại: chỉ gồm chữ số, dấu cách và + . ( ) -",
    en="is no phone number: digits, spaces and + . ( ) - only",
)
EMAIL = pattern(
    r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$", vi="không phải địa chỉ thư điện tử", en="is no e-mail address"
)


class LocationIn(In):
    """A place, in WGS 84 coordinates."""

    lat: Annotated[StrictFloat, Field(ge=-90, le=90)]
    lon: Annotated[StrictFloat, Field(ge=-180, le=180)]
    address: Annotated[str, bounded(300)] | None = None


class ReporterIn(In):
    """Name and contacts of the reporter, stored encrypted and apart from the report. If `anonymous` is true, the
    handling unit does not see them."""

    name: Annotated[str, bounded(200, min_length=1)] | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=25, pattern=PHONE)] | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=EMAIL)] | None = None
    anonymous: StrictBool = False


class FeedbackIn(In):
    """A report as a channel sends it. If `unit` is absent, the city's routing rules choose the unit."""

    channel: Channel
    channel_ref: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None,
        description="The channel's own id of the report. A second report with the same id is not stored. Ids of "
        "citizens are separate from those of channel software and officials. It requires a token",
    )
    kind: FeedbackKind
    category: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Code of a category from the city's list"
    )
    severity: Severity = Severity.NORMAL
    title: Annotated[str, bounded(300)] | None = None
    content: Annotated[str, bounded(20_000, min_length=1)]
    location: LocationIn | None = None
    unit: UnitCode | None = None
    reporter: ReporterIn | None = None
    attachments: list[Annotated[str, Field(max_length=200)]] = Field(
        default=[], max_length=0, description="Must be empty: files are sent to `/v1/feedback/{code}/attachments`"
    )
    received_at: Instant | None = Field(
        default=None,
        description="Time at which the channel received it; only role `system` may give it; not in the future",
    )


_INSTANT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
"""How software writes an instant; other ways are for the model."""


class PlainLocation(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`LocationIn`, plainly written."""

    TEXTS: ClassVar = ("address",)

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    address: Annotated[str, Meta(max_length=300)] | None = None


class PlainReporter(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`ReporterIn`, plainly written."""

    TEXTS: ClassVar = ("name", "phone", "email")

    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    phone: Annotated[str, Meta(max_length=25)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    anonymous: bool = False


class PlainReport(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`FeedbackIn`, plainly written: of its texts nothing has to be composed or left out but blanks around them.

    Most are. Such a report is read in a tenth of the time, and reads like the model; any other is for the model, and so
    is whatever this refuses.
    """

    TEXTS: ClassVar = ("content", "channel_ref", "category", "title", "unit")

    channel: Channel
    kind: FeedbackKind
    content: Annotated[str, Meta(min_length=1, max_length=20_000)]
    channel_ref: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    category: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    severity: Severity = Severity.NORMAL
    title: Annotated[str, Meta(max_length=300)] | None = None
    location: PlainLocation | None = None
    unit: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    reporter: PlainReporter | None = None
    given_at: Annotated[str, Meta(pattern=_INSTANT)] | None = msgspec.field(default=None, name="received_at")

    @property
    def received_at(self) -> datetime | None:
        """When the channel received it. Raises `ValueError` where the pattern is no date or time."""
        return None if self.given_at is None else datetime.fromisoformat(self.given_at)


Report = FeedbackIn | PlainReport

_plain: Final = msgspec.json.Decoder(PlainReport)
_PHONE: Final = re.compile(PHONE)
_EMAIL: Final = re.compile(EMAIL)


def read_plain(body: bytes) -> PlainReport | None:
    """The report in a body of JSON; None where the model has to read it."""
    try:
        report = _plain.decode(body)
        _ = report.received_at
    except (msgspec.MsgspecError, ValueError):
        return None
    reporter = report.reporter
    for part in (report, report.location, reporter):
        if part is not None and not _trim(part):
            return None
    if reporter is not None:
        if reporter.phone is not None and not _PHONE.fullmatch(reporter.phone):
            return None
        if reporter.email is not None and not _EMAIL.fullmatch(reporter.email):
            return None
    return report


def _trim(part: PlainReport | PlainLocation | PlainReporter) -> bool:
    """Trim the texts; False where one is not plain, or is nothing but blanks."""
    for name in part.TEXTS:
        if given := getattr(part, name):
            if not (text := trimmed(given)):
                return False
            if text != given:
                setattr(part, name, text)
    return True


@dataclass(slots=True)
class Acknowledgement:
    """Acknowledges a report that is stored."""

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
    """Acknowledges a new report. Keep `tracking_secret`: the service never shows it again."""

    tracking_secret: str
