"""GET /v1/statistics/feedback."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.service.context import use
from feedback_api.statistics.schemas import FeedbackStatistics, FeedbackStatisticsQuery
from feedback_api.statistics.service import Statistics

router = APIRouter(tags=["statistics"])

Service = Annotated[Statistics, use(Statistics)]
OfficialCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]


@router.get("/v1/statistics/feedback", summary="Count reports", response_model_exclude_unset=True)
async def feedback(
    caller: OfficialCaller,
    service: Service,
    query: Annotated[FeedbackStatisticsQuery, Query()],
) -> FeedbackStatistics:
    """Counts reports by any of month, channel, unit and kind. The rows add up to all reports received. Staff see only
    the reports of their unit."""
    return await service.count(query, caller)
