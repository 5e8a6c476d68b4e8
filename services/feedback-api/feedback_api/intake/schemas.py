"""Request and response models of intake.

Responses are dataclasses: FastAPI documents them like models, and they are encoded in a tenth of the time.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta
from pydantic import (
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.http.field_errors import refuse
from cchc_shared.http.idempotency import KEY
from cchc_shared.http.schemas import In, Instant, ProblemDocument, UnitCode, bounded
from cchc_shared.http.text import trimmed
from feedback_api.intake.notices import NoticeCode
from feedback_api.reports.schemas import ReporterIn

MOST_DEGREES: Final = 50
"""Characters of a degree that is sent as text."""


def _degrees(given: Any) -> Any:
    """A number, or a text that intake reads later. A union of both would name its members in the path of the field."""
    if isinstance(given, str):
        if len(given) > MOST_DEGREES:
            raise PydanticCustomError("string_too_long", "is too long", {"max_length": MOST_DEGREES})
        if "\0" in given:
            raise refuse("có ký tự NUL", "has a NUL character")
        return given
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise PydanticCustomError("float_type", "must be a number")
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PydanticCustomError("finite_number", "must be a finite number")
    return number


Degrees = Annotated[
    Any,
    PlainValidator(_degrees, json_schema_input_type=float | Annotated[str, Field(max_length=MOST_DEGREES)]),
]
"""Degrees, as a number or as people write one: `21.0278`, `"21,0278"`."""


class LocationIn(In):
    """A place: WGS 84 coordinates, an address, or both. Coordinates that cannot be read are kept as they were written,
    with a warning."""

    lat: Degrees | None = None
    lon: Degrees | None = None
    address: Annotated[str, bounded(300)] | None = None


class FeedbackIn(In):
    """A report as a channel sends it. `unit` is a code or a name; a report for a unit that is gone goes to its
    successor. If it is absent, the city's routing rules choose the unit."""

    channel: Channel
    channel_ref: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None,
        description="The channel's own id of the report. The same report under the same id is stored once; other "
        "content under it is refused. Ids of citizens are separate from those of channel software and officials. It "
        "requires a token",
    )
    kind: FeedbackKind
    category: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Code of a category from the city's list"
    )
    severity: Severity = Field(
        default=Severity.NORMAL,
        description="Taken from channel software and officials; from anybody else it is a wish (`wished_severity`)",
    )
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

    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    address: Annotated[str, Meta(max_length=300)] | None = None


class PlainReporter(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`ReporterIn`, plainly written."""

    TEXTS: ClassVar = ("name", "phone", "email", "account")

    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    phone: Annotated[str, Meta(max_length=100)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    account: Annotated[str, Meta(max_length=200)] | None = None
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


def read_plain(body: bytes) -> PlainReport | None:
    """The report in a body of JSON; None where the model has to read it."""
    try:
        report = _plain.decode(body)
        _ = report.received_at
    except (msgspec.MsgspecError, ValueError):
        return None
    for part in (report, report.location, report.reporter):
        if part is not None and not _trim(part):
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
class WarningOut:
    """What could not be taken as it was sent. The report is taken in all the same."""

    field: Annotated[str, Field(description="Path of the field in the request")]
    code: NoticeCode
    message: Annotated[str, Field(description="In Vietnamese, or in English by Accept-Language")] = ""


@dataclass(slots=True, kw_only=True)
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
    severity: Annotated[Severity, Field(description="What was taken: a wish is not")]
    received_at: datetime
    accept_due_at: Annotated[datetime, Field(description="The first instant at which acceptance is late")]
    resolve_due_at: Annotated[datetime, Field(description="The first instant at which the approved answer is late")]
    wished_severity: Annotated[
        Severity | None, Field(description="What the sender asked for and may not decide; an official does")
    ] = None
    warnings: list[WarningOut] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Receipt(Acknowledgement):
    """Acknowledges a new report. Keep `tracking_secret`: the service never shows it again."""

    tracking_secret: str


MOST_AT_ONCE: Final = 500


class BatchItemIn(FeedbackIn):
    """A report as in `POST /v1/feedback`, with a key of its own where it has one."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=KEY)] | None = Field(
        default=None,
        description="As `Idempotency-Key`, for this report alone, in whichever batch it comes. Without it the key of "
        "the batch and the place in it stand for one",
    )


def _read(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """An item, or what is wrong with it: one bad item refuses nobody else's."""
    try:
        return validate(value)
    except ValidationError as error:
        return error


class BatchIn(In):
    """Reports that a channel sends together."""

    items: list[Annotated[BatchItemIn, WrapValidator(_read)]] = Field(min_length=1, max_length=MOST_AT_ONCE)


class BatchStatus(StrEnum):
    """What became of one report."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(slots=True, kw_only=True)
class BatchResult:
    """What became of one report of a batch."""

    index: Annotated[int, Field(description="Position of the report in the request, counted from 0")]
    status: BatchStatus
    code: Annotated[str | None, Field(description="Code of the report; of the first one for `repeated`, `conflict`")]
    tracking_secret: Annotated[str | None, Field(description="For `accepted` alone; it is never shown again")]
    warnings: list[WarningOut]
    problem: Annotated[ProblemDocument | None, Field(description="Why it was refused, as its own request had been")]


@dataclass(slots=True)
class BatchResults:
    """One result for each report, in the order of the request."""

    results: list[BatchResult]
