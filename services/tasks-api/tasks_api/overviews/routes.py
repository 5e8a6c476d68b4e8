"""Routes of the overviews."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.http.access import Principal, allow
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from tasks_api.overviews.schemas import (
    AwaitedPage,
    HandoversPage,
    HandoversQuery,
    LatePage,
    LateQuery,
    ReturnedPage,
    ReturnedQuery,
    SilentPage,
    SilentQuery,
    WaitingQuery,
)
from tasks_api.overviews.service import Overviews
from tasks_api.overviews.sheets import HANDOVERS, LATE, RETURNED, SILENT, WAITING
from tasks_api.tasks.access import OFFICIALS

router = APIRouter(prefix="/v1/overviews", tags=["overviews"])

Service = Annotated[Overviews, use(Overviews)]
StaffCaller = Annotated[Principal, allow(*OFFICIALS)]


@router.get("/late", summary="What is late, and with whom", operation_id="overviews.late")
async def late(service: Service, caller: StaffCaller, query: Annotated[LateQuery, Query()]) -> LatePage:
    """Lists overdue tasks by the unit that has them, the longest late first. Staff see those that they see in the list
    of tasks; the offices that follow up, all."""
    return await service.late(query, caller)


export(router, late, LATE, resource="overviews.late", path="/late")


@router.get("/waiting", summary="What waits for a decision", operation_id="overviews.waiting")
async def waiting(service: Service, caller: StaffCaller, query: Annotated[WaitingQuery, Query()]) -> AwaitedPage:
    """Lists tasks that wait for an approval, an extension or their closing, the longest waiting first, with the unit
    that is to decide: `unit=` of one's own shows what waits for oneself."""
    return await service.waiting(query, caller)


export(router, waiting, WAITING, resource="overviews.waiting", path="/waiting")


@router.get("/handovers", summary="How tasks were handed on", operation_id="overviews.handovers")
async def handovers(service: Service, caller: StaffCaller, query: Annotated[HandoversQuery, Query()]) -> HandoversPage:
    """Lists tasks that units handed over of their own accord, the most often first, with every change of the lead:
    from whom to whom, why, and whether the assigning office judged it unjustified."""
    return await service.handovers(query, caller)


export(router, handovers, HANDOVERS, resource="overviews.handovers", path="/handovers")


@router.get("/silent", summary="Who answers, and who asks needlessly", operation_id="overviews.silent")
async def silent(service: Service, caller: StaffCaller, query: Annotated[SilentQuery, Query()]) -> SilentPage:
    """Counts by unit what it was asked and how it answered, and what it asked itself, the most often silent first.
    `GET /v1/consultations/statistics` says who asked whom, by month. Staff see their own unit."""
    return await service.silent(query, caller)


export(router, silent, SILENT, resource="overviews.silent", path="/silent")


@router.get("/returned", summary="Papers that came back", operation_id="overviews.returned")
async def returned(service: Service, caller: StaffCaller, query: Annotated[ReturnedQuery, Query()]) -> ReturnedPage:
    """Lists papers that stand returned, the longest first, with the reason and how often they came back."""
    return await service.returned(query, caller)


export(router, returned, RETURNED, resource="overviews.returned", path="/returned")
