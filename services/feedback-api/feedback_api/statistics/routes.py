"""GET /v1/statistics/feedback."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Row

from cchc_shared.http.access import Principal, allow
from feedback_api.handling.access import COUNTERS, STAFF
from feedback_api.resources import Here
from feedback_api.statistics.domain import Counts
from feedback_api.statistics.schemas import StatisticsOut, StatisticsQuery, StatisticsRow

router = APIRouter(tags=["statistics"])

Official = Annotated[Principal, allow(*STAFF, *COUNTERS)]


@router.get(
    "/v1/statistics/feedback",
    summary="Reports counted",
    response_model=StatisticsOut,
    response_model_exclude_unset=True,
)
async def statistics(caller: Official, here: Here, query: Annotated[StatisticsQuery, Query()]) -> StatisticsOut:
    """By any of month, channel, unit and kind; the rows add up to all that was received. Staff see their unit only."""
    period = here.period(query.first_day, query.last_day)
    moment, rows = await here.statistics.count(caller, query.dimensions, period, query.as_of)
    return StatisticsOut(as_of=moment, rows=[_row(row) for row in rows])


def _row(row: Row[Any]) -> StatisticsRow:
    fields = row._asdict()
    counts = Counts(**{name: fields[name] for name in Counts.__slots__})
    return StatisticsRow(**fields, on_time_rate=counts.on_time_rate, satisfied_rate=None)
