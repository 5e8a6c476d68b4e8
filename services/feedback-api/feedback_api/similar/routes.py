"""Reports that may tell the same: for officials, and for whoever is about to send one."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.service.context import use
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.schemas import AnyCaller, Code
from feedback_api.similar.schemas import NearbyQuery, NearbyReports, SimilarReports
from feedback_api.similar.service import Similar

router = APIRouter(prefix="/v1", tags=["feedback"])

Service = Annotated[Similar, use(Similar)]
OfficialCaller = Annotated[Principal, allow(*UNIT_STAFF, *READ_ALL)]


@router.get("/feedback/{code}/similar", summary="Find reports that may tell the same", operation_id="feedback.similar")
async def similar(code: Code, caller: OfficialCaller, service: Service) -> SimilarReports:
    """Proposes reports that are near in place, time, words and category, with a score and the reasons, to officials of
    this report. Of a report of another unit you see no title."""
    return await service.to(code, caller)


@router.get(
    "/public/similar",
    summary="Find reports near a place",
    operation_id="public.similar",
    response_model=NearbyReports,
    responses=NOT_MODIFIED,
)
async def nearby(_: AnyCaller, service: Service, query: Annotated[NearbyQuery, Query()]) -> Response:
    """Shows the open and the published reports near a place, so that a sender may follow one instead of sending it
    again. No words are shown, and places are rounded."""
    return tagged(await service.nearby(query))
