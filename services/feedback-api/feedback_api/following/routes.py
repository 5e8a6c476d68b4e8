"""POST /v1/feedback/{code}/actions/follow and GET /v1/following."""

from typing import Annotated

from fastapi import APIRouter, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.workflow import Command
from cchc_shared.storage.idempotency import Reply
from feedback_api.following.schemas import FeedbackFollowIn, FollowedReport, FollowedReports
from feedback_api.following.service import Following
from feedback_api.reports.schemas import Code
from feedback_api.reports.transitions import FeedbackAction

router = APIRouter(tags=["feedback"])
actions = APIRouter(prefix="/v1/feedback", tags=["feedback"])

CitizenCaller = Annotated[Principal, allow(Role.CITIZEN)]
action = ActionRoutes(
    actions,
    resource="feedback",
    code=Code,
    caller=CitizenCaller,
    service=Following,
    shown=FollowedReport,
    at_once=False,
)


@action(FeedbackAction.FOLLOW, "Follow a report", FeedbackFollowIn)
async def follow(service: Following, command: Command, body: FeedbackFollowIn) -> Reply:
    """A citizen follows a report that everyone may know of, instead of sending it again, or follows it no more. Whoever
    only saw it on the map sends `If-Match: *`."""
    return await service.follow(command, following=body.following)


@router.get(
    "/v1/following",
    summary="List the reports that I follow",
    operation_id="following.list",
    response_model=FollowedReports,
    responses=NOT_MODIFIED,
)
async def followed(
    caller: CitizenCaller,
    service: Annotated[Following, use(Following)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Lists the reports that the caller follows, the newest first: by choice, or because a report of their own is a
    duplicate of it."""
    return tagged(await service.page(caller, cursor, limit))
