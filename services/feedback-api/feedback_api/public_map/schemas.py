"""Queries and response models of the public map: GeoJSON (RFC 7946)."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from cchc_shared.contract.codes import FeedbackKind, FeedbackStatus
from cchc_shared.http.field_errors import FieldError, pattern
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import Out, bounded
from feedback_api.public_map.domain import MOST_FEATURES, MOST_LOOKED_AT
from feedback_api.reports.location import Box
from feedback_api.reports.schemas import Near, TextOut

_NUMBER: Final = r"-?[0-9]{1,3}(\.[0-9]{1,12})?"
_BBOX: Final = pattern(
    f"^{_NUMBER}(,{_NUMBER}){{3}}$",
    vi="phải là bốn số: kinh độ tây, vĩ độ nam, kinh độ đông, vĩ độ bắc",
    en="must be four numbers: west, south, east, north",
)
_NO_BOX: Final = FieldError("query.bbox", "không phải khung tọa độ trên Trái Đất", "is no box on earth")


class MapQuery(Near):
    """Which reports are shown. All of the city when neither `bbox` nor `near` is given."""

    bbox: Annotated[str, Field(pattern=_BBOX, max_length=100)] | None = Field(
        default=None, description="West, south, east and north in degrees, with commas between (RFC 7946, 5)"
    )
    zoom: Annotated[int, Field(ge=0, le=22)] | None = Field(
        default=None, description="Zoom of the web map that asks: how fine its clusters are to be"
    )
    category: Annotated[str, bounded(60, min_length=1)] | None = None
    status: FeedbackStatus | None = None

    def box(self) -> Box | None:
        """The box that is meant. Raises a problem for one that is none, or not on earth."""
        if self.bbox is None:
            return None
        box = Box(*map(float, self.bbox.split(",")))
        if not (-180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90):
            raise invalid([_NO_BOX])
        return box


class PointOut(Out):
    """A place, rounded to a thousandth of a degree (about 100 m); longitude first."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class PublicReportOut(Out):
    """What everyone may know of a report. The title stands there once the answer is published, without numbers and
    addresses of persons; before it, nothing of its words."""

    category: str | None
    kind: FeedbackKind
    status: FeedbackStatus
    received_on: date
    unit: str | None = Field(description="The unit that answered, once the answer is published")
    title: str | None
    published_on: date | None


class ReportPropertiesOut(PublicReportOut):
    cluster: Literal[False] = False


class ClusterPropertiesOut(Out):
    """Reports that lie so near to each other that they are shown as one; the point is their middle."""

    cluster: Literal[True] = True
    count: int


class FeatureOut(Out):
    """A report, with its code as `id`; or a cluster of several, without one."""

    type: Literal["Feature"] = "Feature"
    id: str | None = None
    geometry: PointOut
    properties: ReportPropertiesOut | ClusterPropertiesOut


class MapOut(Out):
    """A FeatureCollection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    clustered: bool = Field(description=f"Whether there are more than {MOST_FEATURES} reports, shown in clusters")
    truncated: bool = Field(description=f"Whether something is left out: only the newest {MOST_LOOKED_AT} are counted")
    features: list[FeatureOut]


class PublicFeedbackOut(PublicReportOut):
    """One report as everyone may see it."""

    code: str
    status_label: TextOut
    status_meaning: TextOut
    category_label: TextOut | None
    location: PointOut | None
    answer: str | None = Field(description="The published answer, without numbers and addresses of persons")
