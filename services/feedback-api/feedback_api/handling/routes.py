"""Reading reports and acting on them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.http.etag import show_version
from cchc_shared.http.history import History
from cchc_shared.service.actions import ActionIn, ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.workflow import Command
from cchc_shared.storage.idempotency import Reply
from feedback_api.handling.schemas import (
    FeedbackAssignIn,
    FeedbackDraftAnswerIn,
    FeedbackQuery,
    FeedbackReturnIn,
    FeedbackTransferIn,
)
from feedback_api.handling.service import Handling
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.schemas import AnyCaller, Code, FeedbackOut, FeedbackPage, TrackingSecret
from feedback_api.reports.transitions import FeedbackAction

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

ReadingCaller = Annotated[Principal, allow(Role.CITIZEN, Role.SYSTEM, *UNIT_STAFF, *READ_ALL)]
Service = Annotated[Handling, use(Handling)]


@router.get("", summary="List reports", operation_id="feedback.list")
async def list_reports(
    caller: ReadingCaller, service: Service, query: Annotated[FeedbackQuery, Query()]
) -> FeedbackPage:
    """Lists reports, newest first. Staff see the reports of their unit, senders see their own, and the co-ordinator
    and inspectors see all."""
    return await service.page(query, caller)


@router.get(
    "/{code}",
    summary="Read a report",
    response_model_exclude_unset=True,
    operation_id="feedback.get",
    responses=NOT_MODIFIED,
)
async def read(
    code: Code,
    caller: AnyCaller,
    service: Service,
    request: Request,
    response: Response,
    secret: TrackingSecret = None,
) -> FeedbackOut:
    """Shows a report to its sender (by token or tracking secret), to the units that hold or held it, and to those who
    oversee them. Anyone else gets 404."""
    seen = await service.read(code, caller, secret)
    show_version(request, response, seen.version)
    return seen.report


@router.get("/{code}/history", summary="Read the history of a report", response_model_exclude_unset=True)
async def history(code: Code, caller: AnyCaller, service: Service, secret: TrackingSecret = None) -> History:
    """All changes of the resource, oldest first. An entry never changes."""
    return await service.history(code, caller, secret)


action = ActionRoutes(
    router,
    resource="feedback",
    code=Code,
    caller=Annotated[Principal, allow(*UNIT_STAFF, Role.COORDINATOR)],
    service=Handling,
    shown=FeedbackOut,
)


@action(FeedbackAction.ASSIGN, "Assign a report to a unit", FeedbackAssignIn)
async def assign(service: Handling, command: Command, body: FeedbackAssignIn) -> Reply:
    """The co-ordinator assigns a report that is `received` or `returned`."""
    return await service.assign(command, body.unit)


@action(FeedbackAction.ACCEPT, "Accept a report")
async def accept(service: Handling, command: Command, _: ActionIn) -> Reply:
    """The unit accepts a report that is `assigned`. The first acceptance stops the acceptance clock."""
    return await service.accept(command)


@action(FeedbackAction.RETURN, "Return a report to the desk", FeedbackReturnIn)
async def return_to_desk(service: Handling, command: Command, body: FeedbackReturnIn) -> Reply:
    """The unit returns the report, with a reason. This counts as a hand-over."""
    return await service.return_to_desk(command, body.reason)


@action(FeedbackAction.TRANSFER, "Transfer a report to another unit", FeedbackTransferIn)
async def transfer(service: Handling, command: Command, body: FeedbackTransferIn) -> Reply:
    """The unit or the co-ordinator transfers the report, with a reason. This counts as a hand-over. The former unit can
    still read the report."""
    return await service.transfer(command, body.unit, body.reason)


@action(FeedbackAction.DRAFT_ANSWER, "Draft the answer", FeedbackDraftAnswerIn)
async def draft_answer(service: Handling, command: Command, body: FeedbackDraftAnswerIn) -> Reply:
    """The unit drafts the answer, with an outcome. A later draft replaces an earlier one."""
    return await service.draft_answer(command, body.answer, body.outcome)


@action(FeedbackAction.APPROVE_ANSWER, "Approve the answer")
async def approve_answer(service: Handling, command: Command, _: ActionIn) -> Reply:
    """The head of the unit approves the answer. This stops the resolution clock and shows the answer to the citizen."""
    return await service.approve_answer(command)


@action(FeedbackAction.PUBLISH, "Publish the answer")
async def publish(service: Handling, command: Command, _: ActionIn) -> Reply:
    """The unit or the co-ordinator publishes the answer of a report that is `answered`."""
    return await service.publish(command)
