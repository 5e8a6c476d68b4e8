"""Routes of closed months: listed, read, and closed anew."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.calendar.months import Month
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.closings.problems import MONTH_NOT_CLOSED, MONTH_UNCHANGED
from tasks_api.closings.schemas import (
    ClosedMonthsOut,
    MonthCorrectionIn,
    MonthCorrectionOut,
    MonthOf,
    MonthSheet,
    SheetQuery,
)
from tasks_api.closings.service import Correction, Months
from tasks_api.closings.sheets import MONTH
from tasks_api.tasks.access import OFFICIALS

router = APIRouter(prefix="/v1/progress/months", tags=["progress"])

Service = Annotated[Months, use(Months)]
StaffCaller = Annotated[Principal, allow(*OFFICIALS)]
OfficeCaller = Annotated[Principal, allow(Role.COORDINATOR)]


@router.get("", summary="List the closed months", operation_id="progress.months")
async def months(service: Service, _: StaffCaller) -> ClosedMonthsOut:
    """Lists the reporting months that are closed, with all their versions, the newest first."""
    return await service.months()


@router.get(
    "/{month}",
    summary="Read a closed month",
    operation_id="progress.month",
    responses=may_answer(MONTH_NOT_CLOSED),
)
async def sheet(
    service: Service, caller: StaffCaller, month: MonthOf, query: Annotated[SheetQuery, Query()]
) -> MonthSheet:
    """Shows what came of the tasks of a month: carried over, new, completed, late, still open. Tasks count as they
    stood at the end of the month, by what was recorded when it closed; a report that was made in the month and approved
    before the closing is completed in it. These figures never change. Staff see the total and the row of their unit,
    the offices that follow up all rows."""
    return await service.sheet(Month.of(month), query, caller)


export(router, sheet, MONTH, resource="progress.month", path="/{month}")


@router.post(
    "/{month}/actions/correct",
    status_code=201,
    response_model=MonthCorrectionOut,
    summary="Close a month anew",
    operation_id="progress.correct_month",
    responses=may_answer(NOT_PERMITTED, MONTH_NOT_CLOSED, MONTH_UNCHANGED),
)
async def correct(
    service: Service,
    request: Request,
    caller: OfficeCaller,
    month: MonthOf,
    body: MonthCorrectionIn,
    key: IdempotencyKey = None,
) -> Response:
    """The city's office closes a month anew, with a reason, by what was recorded until five minutes ago; or for the
    first time, if it is over and does not close by itself. The former versions stay. Where no figure differs from them,
    nothing is closed."""
    return respond(await service.correct(Month.of(month), Correction(body, caller, key, await request_digest(request))))
