"""GET /v1/public/feedback, and one report of it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.service.context import use
from feedback_api.public_map.schemas import MapOut, MapQuery, PublicFeedbackOut
from feedback_api.public_map.service import PublicMap
from feedback_api.reports.schemas import AnyCaller, Code

router = APIRouter(prefix="/v1/public/feedback", tags=["public"])

GEOJSON = "application/geo+json"
KEPT_SECONDS = 60

Service = Annotated[PublicMap, use(PublicMap)]


# Of the response class alone the contract would take the media type for its problems too.
_MAP: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/MapOut"}}}}
}


@router.get(
    "",
    summary="Show reports on a map",
    operation_id="public_map.list",
    response_model=MapOut,
    response_class=Response,
    responses={**NOT_MODIFIED, **_MAP},
)
async def look(_: AnyCaller, service: Service, query: Annotated[MapQuery, Query()]) -> Response:
    """Shows, as GeoJSON, reports whose answer is published, with their title; and of what is seen on the spot also what
    is still open, without any words. Places are rounded to about 100 m. Crowded boxes are shown in clusters. What
    speaks of persons, was refused, is a duplicate or was erased is never shown."""
    return tagged(await service.look(query), media_type=GEOJSON, kept_seconds=KEPT_SECONDS)


@router.get(
    "/{code}",
    summary="Follow a report",
    operation_id="public_map.get",
    response_model=PublicFeedbackOut,
    responses=NOT_MODIFIED,
)
async def one(_: AnyCaller, service: Service, code: Code) -> Response:
    """Shows what everyone may know of a report, whoever sent it: how far it is, and its answer once that is published.
    Any other report is 404."""
    return tagged(await service.one(code), kept_seconds=KEPT_SECONDS)
