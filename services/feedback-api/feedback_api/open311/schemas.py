"""What clients of Open311 send and read. What they send beyond it is ignored, and what is empty is absent."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from cchc_shared.http.field_errors import pattern, refuse
from cchc_shared.http.schemas import FIRST_DAY, LAST_DAY, In, Instant, Out, bounded
from feedback_api.open311.domain import Core, Extended
from feedback_api.open311.formats import Format
from feedback_api.open311.rules import Datatype

MOST: Final = 1000
"""Requests in one answer (GeoReport v2: the first 1000)."""
_STATUSES: Final = pattern(
    r"^(open|closed)(,(open|closed))*$",
    vi="phải là open hoặc closed, cách nhau bằng dấu phẩy",
    en="must be open or closed, with commas between",
)
_NUMBER: Final = r"-?[0-9]{1,3}(\.[0-9]{1,12})?"
_BBOX: Final = pattern(
    f"^{_NUMBER}(,{_NUMBER}){{3}}$",
    vi="phải là bốn số: kinh độ tây, vĩ độ nam, kinh độ đông, vĩ độ bắc",
    en="must be four numbers: west, south, east, north",
)

_URL: Final = pattern(
    r"^https?://\S+$", vi="phải bắt đầu bằng `http://` hoặc `https://`", en="must begin with http:// or https://"
)


def _of_our_time(at: datetime) -> datetime:
    if not FIRST_DAY < at.date() < LAST_DAY:  # the ends of the calendar have no next day
        raise refuse("phải thuộc các năm 1900–2999", "must be in the years 1900 to 2999")
    return at


At = Annotated[Instant, AfterValidator(_of_our_time)]
# Officials open it: it must lead to a page, and never be a script.
MediaUrl = Annotated[str, bounded(2000), Field(pattern=_URL)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Long = Annotated[float, Field(ge=-180, le=180)]
Extension = Annotated[Format, Path(alias="format", description="`xml` or `json`: the form of the answer")]


class Open311In(In):
    """Base of what clients of other cities send."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, fields: Any) -> Any:
        return {name: value for name, value in fields.items() if value != ""} if isinstance(fields, dict) else fields


class ExtensionsQuery(Open311In):
    """What is shown beyond GeoReport v2."""

    extensions: Annotated[str, bounded(100)] | None = Field(
        default=None, description="`true`: with `extended_status` and `extended_attributes`"
    )

    @property
    def extended(self) -> bool:
        return self.extensions is not None and self.extensions.lower() != "false"


class RequestsQuery(ExtensionsQuery):
    """Which requests are listed, newest first. With `service_request_id`, nothing else counts."""

    service_request_id: Annotated[str, bounded(20_000)] | None = Field(
        default=None, description="Ids, with commas between; at most 1000"
    )
    service_code: Annotated[str, bounded(2000)] | None = Field(default=None, description="Codes, with commas between")
    start_date: At | None = Field(
        default=None, description="First second of receipt; 90 days before the end when absent"
    )
    end_date: At | None = Field(
        default=None, description="Last second of receipt, at most 90 days after the first; now when absent"
    )
    status: Annotated[str, Field(pattern=_STATUSES, max_length=60)] | None = None
    page: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(default=None, description="From 1; 0 is the first")
    page_size: Annotated[int, Field(ge=1, le=MOST)] | None = Field(default=None, description="1000 when absent")
    lat: Lat | None = None
    long: Long | None = None
    radius: Annotated[float, Field(gt=0, le=100_000)] | None = Field(
        default=None, description="Metres around `lat` and `long`; the three are given together"
    )
    bbox: Annotated[str, Field(pattern=_BBOX, max_length=100)] | None = Field(
        default=None, description="West, south, east and north, with commas between"
    )


class UpdatesQuery(Open311In):
    """Of which seconds updates are listed, both included; the last two hours when absent."""

    start_date: At | None = None
    end_date: At | None = None


def names(listed: str | None) -> list[str]:
    """The names in a list with commas."""
    return [name for each in (listed or "").split(",") if (name := each.strip())]


class RequestIn(Open311In):
    """A request as a form holds it, apart from its attributes."""

    service_code: Annotated[str, bounded(60)]
    lat: Lat | None = None
    long: Long | None = None
    address_string: Annotated[str, bounded(300)] | None = None
    address_id: Annotated[str, bounded(100)] | None = None
    email: Annotated[str, bounded(254)] | None = None
    device_id: Annotated[str, bounded(200)] | None = None
    account_id: Annotated[str, bounded(200)] | None = None
    first_name: Annotated[str, bounded(100)] | None = None
    last_name: Annotated[str, bounded(100)] | None = None
    phone: Annotated[str, bounded(40)] | None = None
    title: Annotated[str, bounded(300)] | None = None
    description: Annotated[str, bounded(4000)] | None = None
    media_url: list[MediaUrl] = Field(
        default=[], max_length=20, description="May be given several times; kept for officials, never fetched"
    )


class UpdateIn(Open311In):
    """A remark on a request, as a form holds it (mySociety)."""

    service_request_id: Annotated[str, bounded(100)]
    update_id: Annotated[str, bounded(200)]
    status: Annotated[Extended, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]
    updated_datetime: At
    description: Annotated[str, bounded(4000)]
    media_url: list[MediaUrl] = Field(default=[], max_length=20)


class ErrorOut(Out):
    code: int = Field(description="The HTTP status")
    description: str


class EndpointOut(Out):
    specification: str
    url: str
    changeset: str
    type: str = Field(description="`production` or `test`")
    formats: list[str]


class DiscoveryOut(Out):
    changeset: str
    contact: str
    key_service: str
    max_requests: int = Field(description="Most requests in one answer (mySociety)")
    endpoints: list[EndpointOut]


class ServiceOut(Out):
    service_code: str
    service_name: str
    description: str
    metadata: bool = Field(description="Whether the service has a definition with attributes")
    type: str
    keywords: str = Field(description="With commas between")
    group: str


class ValueOut(Out):
    key: str
    name: str


class AttributeOut(Out):
    variable: bool
    code: str
    datatype: Datatype
    required: bool
    datatype_description: str | None
    order: int
    description: str
    automated: str | None = Field(default=None, description="Filled in by the client, and asked of nobody (mySociety)")
    values: list[ValueOut] = Field(default=[], description="Of lists only")


class ServiceDefinitionOut(Out):
    service_code: str
    attributes: list[AttributeOut]


class CreatedOut(Out):
    """The id of the request, or of a batch service the token for it."""

    service_request_id: str | None = None
    token: str | None = None
    service_notice: str


class TokenOut(Out):
    service_request_id: str
    token: str


class ExtendedAttributesOut(Out):
    detailed_status: str = Field(description="The status of the report, as far as those outside see it")
    title: str | None


class RequestOut(Out):
    service_request_id: str
    status: Core
    status_notes: str
    service_name: str
    service_code: str
    description: str
    agency_responsible: str
    service_notice: str | None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str
    address: str | None
    address_id: str | None
    zipcode: None
    lat: float | None
    long: float | None
    media_url: None
    extended_status: Extended | None = Field(default=None, description="With `extensions` (mySociety)")
    extended_attributes: ExtendedAttributesOut | None = Field(default=None, description="With `extensions` (CitySDK)")


class UpdateOut(Out):
    update_id: str
    service_request_id: str
    status: Extended
    updated_datetime: str
    description: str
    media_url: None


class UpdateCreatedOut(Out):
    update_id: str


class RemarkOut(Out):
    """What somebody said about the report through a client of Open311, after it was sent."""

    update_id: str
    sent_by: str = Field(description="Name of the client's key")
    status: str = Field(description="The state that the writer sees the matter in")
    description: str
    media_urls: list[str]
    at: datetime
    recorded_at: datetime


class Open311ReportOut(Out):
    """What came with a report, and after it, over Open311."""

    form: dict[str, Any] | None = Field(
        description="`sent_by`, `service_code`, `attributes`, `media_urls`, `address`, `address_id`; null for reports "
        "of other channels"
    )
    remarks: list[RemarkOut]
