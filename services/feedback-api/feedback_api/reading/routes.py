"""Reading reports."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.kinds import LIST_TO_BE_READ_ANEW
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import use
from feedback_api.reading.schemas import FeedbackQuery
from feedback_api.reading.service import Reading
from feedback_api.reports.schemas import AnyCaller, Code, FeedbackHistory, FeedbackOut, FeedbackPage

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

ReadingCaller = Annotated[Principal, allow(*Role)]
Service = Annotated[Reading, use(Reading)]


@router.get(
    "",
    summary="List reports",
    operation_id="feedback.list",
    response_model=FeedbackPage,
    responses=NOT_MODIFIED | may_answer(LIST_TO_BE_READ_ANEW),
)
async def list_reports(caller: ReadingCaller, service: Service, query: Annotated[FeedbackQuery, Query()]) -> Response:
    """Lists every report that the caller may read by token, newest first: those they sent; for staff those that their
    unit holds, held, or is to get; for the co-ordinator and inspectors all. With `since`: what has changed after the
    last answer, the oldest change first, each report once and as it is now, and the codes of those that left the
    list."""
    return tagged(await service.page(query, caller))


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


@router.get(
    "/{code}/history",
    summary="Read the history of a report",
    response_model=FeedbackHistory,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
)
async def history(code: Code, caller: AnyCaller, service: Service, secret: TrackingSecret = None) -> Response:
    """All changes of the resource, oldest first. An entry never changes."""
    return tagged(await service.history(code, caller, secret), exclude_unset=True)
