"""GET /v1/statistics/feedback."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.http.access import Principal, allow
from cchc_shared.service.context import use
from feedback_api.reports.access import COUNT_ALL, STAFF
from feedback_api.statistics.schemas import FeedbackStatistics, FeedbackStatisticsQuery
from feedback_api.statistics.service import Statistics

router = APIRouter(tags=["statistics"])

Service = Annotated[Statistics, use(Statistics)]
OfficialCaller = Annotated[Principal, allow(*STAFF, *COUNT_ALL)]


@router.get("/v1/statistics/feedback", summary="Reports counted", response_model_exclude_unset=True)
async def feedback(
    caller: OfficialCaller,
    service: Service,
    query: Annotated[FeedbackStatisticsQuery, Query()],
) -> FeedbackStatistics:
    """By any of month, channel, unit and kind; the rows add up to all that was received. Staff see their unit only."""
    return await service.count(query, caller)
