"""Routes of inspections and of their recommendations: list, read, history, progress, and one for each action."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.http.etag import show_version
from cchc_shared.http.history import History
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.schemas import Day, UnitCode
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import Command
from cchc_shared.storage.idempotency import Reply
from tasks_api.inspections import access
from tasks_api.inspections.schemas import (
    CODE,
    RECOMMENDATION_CODE,
    InspectionActionIn,
    InspectionCancelIn,
    InspectionConcludeIn,
    InspectionIn,
    InspectionOut,
    InspectionPage,
    InspectionProgress,
    InspectionQuery,
    RecommendationConfirmIn,
    RecommendationOut,
    RecommendationPage,
    RecommendationQuery,
    RecommendationReopenIn,
    RecommendationReportIn,
)
from tasks_api.inspections.service import Inspections, Recommendations
from tasks_api.inspections.sheets import INSPECTIONS, PROGRESS, RECOMMENDATIONS
from tasks_api.inspections.transitions import InspectionAction, RecommendationAction

router = APIRouter(prefix="/v1/inspections", tags=["inspections"])
recommendations = APIRouter(prefix="/v1/recommendations", tags=["inspections"])

Service = Annotated[Inspections, use(Inspections)]
FollowUp = Annotated[Recommendations, use(Recommendations)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
RecommendationCode = Annotated[str, Path(max_length=100, pattern=RECOMMENDATION_CODE)]
StaffCaller = Annotated[Principal, allow(*access.OFFICIALS)]
PlanningCaller = Annotated[Principal, allow(*access.OFFICE)]
ActingCaller = Annotated[Principal, allow(*access.ACTING)]

action = ActionRoutes(
    router,
    resource="inspections",
    code=Code,
    caller=ActingCaller,
    service=Inspections,
    shown=InspectionOut,
    at_once=False,
)
follow_up = ActionRoutes(
    recommendations,
    resource="recommendations",
    code=RecommendationCode,
    caller=ActingCaller,
    service=Recommendations,
    shown=RecommendationOut,
)


@router.get("", summary="List inspections", operation_id="inspections.list")
async def list_(
    inspections: Service, caller: StaffCaller, query: Annotated[InspectionQuery, Query()]
) -> InspectionPage:
    """Lists inspections, newest first. Staff see those that their unit makes, and those of their unit once they were
    announced or started; the offices that oversee see all that were."""
    return await inspections.page(query, caller)


export(router, list_, INSPECTIONS, resource="inspections")


@router.post("", summary="Plan an inspection", status_code=201, response_model=InspectionOut)
async def plan(
    inspections: Service, request: Request, caller: PlanningCaller, body: InspectionIn, key: IdempotencyKey = None
) -> Response:
    """Plans an inspection for a day or a period. Until it is announced or, unannounced, started, only the inspecting
    unit and those who plan inspections know of it, and of these nobody who belongs to the inspected unit."""
    digest = await request_digest(request)
    return respond(await inspections.plan(body.draft(), caller=caller, key=key, digest=digest))


@router.get("/progress", summary="Progress of conclusions and recommendations on any day")
async def progress(
    inspections: Service,
    caller: StaffCaller,
    as_of: Annotated[Day | None, Query(description="The local day at whose end is counted; today if absent")] = None,
    unit: Annotated[UnitCode | None, Query()] = None,
) -> InspectionProgress:
    """Counts inspections, conclusions and recommendations as they stood on a past day, or will stand on a future day if
    nothing changes. A conclusion is open while one of its recommendations is. Only what the caller may read counts."""
    return await inspections.progress(as_of, unit, caller)


export(router, progress, PROGRESS, resource="inspections.progress", path="/progress")


@router.get("/{code}", summary="Read an inspection", responses=NOT_MODIFIED)
async def get(
    inspections: Service, request: Request, response: Response, caller: StaffCaller, code: Code
) -> InspectionOut:
    """Shows an inspection with its conclusions and their recommendations. The ETag is its version; every action
    requires it in `If-Match`."""
    inspection = await inspections.get(code, caller)
    # Recommendations change, and become overdue, without a new version of their inspection.
    show_version(request, response, inspection.version, lasting=not inspection.conclusions)
    return inspection


@router.get("/{code}/history", summary="Read the history of an inspection")
async def history(inspections: Service, caller: StaffCaller, code: Code) -> History:
    """Lists the changes of an inspection, oldest first."""
    return await inspections.history(code, caller)


@action(InspectionAction.ANNOUNCE, "Announce an inspection", InspectionActionIn)
async def announce(inspections: Inspections, command: Command, body: InspectionActionIn) -> Reply:
    """Announces an inspection to the unit, which sees it from then on. One that is unannounced cannot be announced."""
    return await inspections.announce(command, body)


@action(InspectionAction.START, "Start an inspection", InspectionActionIn)
async def start(inspections: Inspections, command: Command, body: InspectionActionIn) -> Reply:
    """The inspecting unit starts. From this moment the inspected unit sees the inspection, announced or not."""
    return await inspections.start(command, body)


@action(InspectionAction.CONCLUDE, "Conclude an inspection", InspectionConcludeIn)
async def conclude(inspections: Inspections, command: Command, body: InspectionConcludeIn) -> Reply:
    """The inspecting unit concludes. Each recommendation is from now on for its responsible unit to carry out. A
    conclusion without recommendations is closed: what has to be done stands in a recommendation."""
    return await inspections.conclude(command, body)


@action(InspectionAction.CANCEL, "Cancel an inspection", InspectionCancelIn)
async def cancel(inspections: Inspections, command: Command, body: InspectionCancelIn) -> Reply:
    """The inspection ends without conclusions. If the inspected unit did not know of it, it never will."""
    return await inspections.cancel(command, body)


@recommendations.get("", summary="List recommendations of inspections", operation_id="recommendations.list")
async def list_recommendations(
    service: FollowUp, caller: StaffCaller, query: Annotated[RecommendationQuery, Query()]
) -> RecommendationPage:
    """Lists recommendations, newest first. Staff see those that their unit has to carry out, those that it made, and
    those about it; the offices that oversee see all."""
    return await service.page(query, caller)


export(recommendations, list_recommendations, RECOMMENDATIONS, resource="recommendations")


@recommendations.get(
    "/{code}", summary="Read a recommendation", operation_id="recommendations.get", responses=NOT_MODIFIED
)
async def get_recommendation(
    service: FollowUp, request: Request, response: Response, caller: StaffCaller, code: RecommendationCode
) -> RecommendationOut:
    """Shows a recommendation. The ETag is its version; every action requires it in `If-Match`."""
    found = await service.get(code, caller)
    # Time makes it overdue without a new version.
    show_version(request, response, found.version, lasting=not found.open)
    return found


@recommendations.get(
    "/{code}/history", summary="Read the history of a recommendation", operation_id="recommendations.history"
)
async def history_of_recommendation(service: FollowUp, caller: StaffCaller, code: RecommendationCode) -> History:
    """Lists the changes of a recommendation, oldest first, with each report and its evidence."""
    return await service.history(code, caller)


@follow_up(RecommendationAction.REPORT, "Report that a recommendation is done", RecommendationReportIn)
async def report(service: Recommendations, command: Command, body: RecommendationReportIn) -> Reply:
    """The responsible unit reports what it did, with its evidence. Once confirmed, it is done as of this report."""
    return await service.report(command, body)


@follow_up(RecommendationAction.CONFIRM, "Confirm that a recommendation is done", RecommendationConfirmIn)
async def confirm(service: Recommendations, command: Command, body: RecommendationConfirmIn) -> Reply:
    """The inspecting unit confirms the report. Where that unit was to do it itself, the office that follows up does."""
    return await service.confirm(command, body)


@follow_up(RecommendationAction.REOPEN, "Reopen a recommendation", RecommendationReopenIn)
async def reopen(service: Recommendations, command: Command, body: RecommendationReopenIn) -> Reply:
    """The inspecting unit, or the office that follows up, refuses the report or takes the confirmation back. The last
    day stays as it was."""
    return await service.reopen(command, body)
