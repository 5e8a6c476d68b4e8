"""GET /v1/feedback/{code}/clocks."""

from typing import Annotated

from fastapi import APIRouter, Response

from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import use
from feedback_api.clocks.schemas import ClocksOut
from feedback_api.clocks.service import Clocks
from feedback_api.reports.schemas import AnyCaller, Code

router = APIRouter(tags=["feedback"])

Service = Annotated[Clocks, use(Clocks)]


@router.get(
    "/v1/feedback/{code}/clocks",
    summary="Read the two clocks of a report",
    response_model=ClocksOut,
    responses=NOT_MODIFIED,
)
async def clocks(code: Code, caller: AnyCaller, service: Service, secret: TrackingSecret = None) -> Response:
    """Shows the clocks of acceptance and resolution to everyone who may read the report."""
    return tagged(await service.of(code, caller, secret))
