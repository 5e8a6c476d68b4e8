"""Routes of submissions: draft, list, read, history, and one route for each action."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.history import History
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.actions import ActionIn, ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED, Command
from cchc_shared.storage.idempotency import Reply
from tasks_api.consultations.service import Asked
from tasks_api.submissions.schemas import (
    CODE,
    MeetingIn,
    SubmissionIn,
    SubmissionOut,
    SubmissionPage,
    SubmissionQuery,
    SubmissionReturnIn,
)
from tasks_api.submissions.service import Submissions
from tasks_api.submissions.sheets import SUBMISSIONS
from tasks_api.submissions.transitions import SubmissionAction
from tasks_api.tasks.access import OFFICIALS
from tasks_api.tasks.problems import TASK_ENDED
from tasks_api.tasks.schemas import CODE as TASK_CODE

drafting = APIRouter(prefix="/v1/tasks", tags=["submissions"])
submitted = APIRouter(prefix="/v1/submissions", tags=["submissions"])

Service = Annotated[Submissions, use(Submissions)]
TaskCode = Annotated[str, Path(max_length=200, pattern=TASK_CODE)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
ReadingCaller = Annotated[Principal, allow(*OFFICIALS)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]
ActingCaller = Annotated[Principal, allow(*UNIT_STAFF, Role.COORDINATOR)]

action = ActionRoutes(
    submitted, resource="submissions", code=Code, caller=ActingCaller, service=Submissions, shown=SubmissionOut
)


@drafting.post(
    "/{code}/submissions",
    status_code=201,
    response_model=SubmissionOut,
    summary="Draft papers for a decision",
    operation_id="submissions.draft",
    responses=may_answer(TASK_ENDED, NOT_PERMITTED),
)
async def draft(
    service: Service,
    request: Request,
    caller: StaffCaller,
    code: TaskCode,
    body: SubmissionIn,
    key: IdempotencyKey = None,
) -> Response:
    """Staff of the unit that leads the task begin papers for another unit to decide. Nobody else sees a draft but
    those who oversee all units."""
    return respond(await service.draft(body, Asked(code, caller, key, await request_digest(request))))


@submitted.get("", summary="List submissions", operation_id="submissions.list")
async def list_(service: Service, caller: ReadingCaller, query: Annotated[SubmissionQuery, Query()]) -> SubmissionPage:
    """Lists papers, newest first: of staff, those that their unit submits or was sent. `return_reason=own_competence`
    finds what units should have decided themselves."""
    return await service.page(query, caller)


export(submitted, list_, SUBMISSIONS, resource="submissions")


@submitted.get("/{code}", summary="Read a submission", responses=NOT_MODIFIED)
async def get(
    service: Service, request: Request, response: Response, caller: ReadingCaller, code: Code
) -> SubmissionOut:
    """Shows the papers. The ETag is their version; every action requires it in `If-Match`."""
    found = await service.get(code, caller)
    show_version(request, response, found.version)
    return found


@submitted.get("/{code}/history", summary="Read the history of a submission")
async def history(service: Service, caller: ReadingCaller, code: Code) -> History:
    """Lists the changes, oldest first, with the actor and the fields given with each action."""
    return await service.history(code, caller)


@action(SubmissionAction.RECORD_MEETING, "Record a direct meeting", MeetingIn)
async def record_meeting(service: Submissions, command: Command, body: MeetingIn) -> Reply:
    """The sender records that it met the units of another opinion, and what came of it."""
    return await service.record_meeting(command, body)


@action(SubmissionAction.SEND, "Send the papers")
async def send(service: Submissions, command: Command, _: ActionIn) -> Reply:
    """The head of the sender sends the papers. Refused (409 `submission-not-ready`) while one of their consultations
    is open, and while a disagreement was not talked over with the unit in a meeting on the day of its answer or later.
    """
    return await service.send(command)


@action(SubmissionAction.RETURN, "Return the papers", SubmissionReturnIn)
async def return_(service: Submissions, command: Command, body: SubmissionReturnIn) -> Reply:
    """The receiver returns the papers. What is the sender's own to decide counts for it and is not sent again."""
    return await service.return_(command, body)


@action(SubmissionAction.APPROVE, "Approve the papers")
async def approve(service: Submissions, command: Command, _: ActionIn) -> Reply:
    """The head of the receiver decides as was proposed."""
    return await service.approve(command)


router = APIRouter()
router.include_router(drafting)
router.include_router(submitted)
