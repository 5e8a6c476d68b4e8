"""Routes of consultations: ask, list, read, notice, statistics, and one route for each action."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.history import History
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED, Command
from cchc_shared.storage.idempotency import Reply
from tasks_api.consultations.schemas import (
    CODE,
    AnswerIn,
    ConsultationIn,
    ConsultationOut,
    ConsultationPage,
    ConsultationQuery,
    ConsultationsIn,
    ConsultationsOut,
    NoticeOut,
    ReturnIn,
    StatisticsOut,
    StatisticsQuery,
    WithdrawIn,
)
from tasks_api.consultations.service import Asked, Consultations
from tasks_api.consultations.sheets import CONSULTATIONS, STATISTICS
from tasks_api.consultations.transitions import ConsultationAction
from tasks_api.tasks.access import OFFICIALS
from tasks_api.tasks.problems import TASK_ENDED
from tasks_api.tasks.schemas import CODE as TASK_CODE

asking = APIRouter(prefix="/v1/tasks", tags=["consultations"])
asked = APIRouter(prefix="/v1/consultations", tags=["consultations"])

Service = Annotated[Consultations, use(Consultations)]
TaskCode = Annotated[str, Path(max_length=200, pattern=TASK_CODE)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
ReadingCaller = Annotated[Principal, allow(*OFFICIALS)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]

action = ActionRoutes(
    asked, resource="consultations", code=Code, caller=StaffCaller, service=Consultations, shown=ConsultationOut
)


@asking.post(
    "/{code}/consultations",
    status_code=201,
    response_model=ConsultationOut,
    summary="Ask a unit for its opinion",
    operation_id="consultations.ask",
    responses=may_answer(TASK_ENDED, NOT_PERMITTED),
)
async def ask(
    service: Service,
    request: Request,
    caller: StaffCaller,
    code: TaskCode,
    body: ConsultationIn,
    key: IdempotencyKey = None,
) -> Response:
    """Staff of the unit that leads the task ask another unit, and say why that unit has something to say."""
    return respond(await service.ask(body, Asked(code, caller, key, await request_digest(request))))


@asking.post(
    "/{code}/consultations/many",
    status_code=201,
    response_model=ConsultationsOut,
    summary="Ask several units the same",
    operation_id="consultations.ask_many",
    responses=may_answer(TASK_ENDED, NOT_PERMITTED),
)
async def ask_many(
    service: Service,
    request: Request,
    caller: StaffCaller,
    code: TaskCode,
    body: ConsultationsIn,
    key: IdempotencyKey = None,
) -> Response:
    """Begins one consultation for each unit, all or none. Each unit needs its own reason."""
    return respond(await service.ask_many(body, Asked(code, caller, key, await request_digest(request))))


@asked.get("", summary="List consultations", operation_id="consultations.list")
async def list_(
    service: Service, caller: ReadingCaller, query: Annotated[ConsultationQuery, Query()]
) -> ConsultationPage:
    """Lists consultations, newest first: of staff, those that their unit asks or is asked. `unit=` with `status=open`
    is what waits for a unit, `asker=` what it asked."""
    return await service.page(query, caller)


export(asked, list_, CONSULTATIONS, resource="consultations")


@asked.get("/statistics", summary="Count consultations", operation_id="consultations.statistics")
async def statistics(
    service: Service, caller: ReadingCaller, query: Annotated[StatisticsQuery, Query()]
) -> StatisticsOut:
    """Counts by month, asker and unit, as of the end of a day: who asks whom how often and how needlessly, and who
    answers in time, late or not at all. Staff see the counts of their own unit."""
    return await service.statistics(query, caller)


export(asked, statistics, STATISTICS, resource="consultations.statistics", path="/statistics")


@asked.get("/{code}", summary="Read a consultation", responses=NOT_MODIFIED)
async def get(
    service: Service, request: Request, response: Response, caller: ReadingCaller, code: Code
) -> ConsultationOut:
    """Shows a consultation as it stands now. The ETag is its version; every action requires it in `If-Match`."""
    found = await service.get(code, caller)
    show_version(request, response, found.version)
    return found


@asked.get("/{code}/history", summary="Read the history of a consultation")
async def history(service: Service, caller: ReadingCaller, code: Code) -> History:
    """Lists the changes, oldest first. `lapse` is the deadline that passed in silence: nobody takes it."""
    return await service.history(code, caller)


@asked.get("/{code}/notice", summary="Read the notice of deemed consent")
async def notice(service: Service, caller: ReadingCaller, code: Code) -> NoticeOut:
    """The written notice to the unit whose silence was agreement, with its number, as text and as a page."""
    return NoticeOut.model_validate(await service.notice(code, caller))


@asked.get(
    "/{code}/notice.html",
    summary="Download the notice of deemed consent",
    operation_id="consultations.notice_page",
    response_class=Response,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def notice_page(service: Service, caller: ReadingCaller, code: Code) -> HTMLResponse:
    """The same notice as a page, to be printed or saved."""
    return HTMLResponse(
        (await service.notice(code, caller)).html,
        headers={
            "Content-Disposition": f'attachment; filename="{code}.html"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@action(ConsultationAction.ANSWER, "Answer", AnswerIn)
async def answer(service: Consultations, command: Command, body: AnswerIn) -> Reply:
    """The unit that is asked gives its opinion. After the deadline the answer is kept, once, and changes nothing."""
    return await service.answer(command, body)


@action(ConsultationAction.RETURN, "Return the question", ReturnIn)
async def return_(service: Consultations, command: Command, body: ReturnIn) -> Reply:
    """The unit returns, before the deadline, what is not its own to judge. It costs the unit nothing; it counts as
    needless for the unit that asked."""
    return await service.return_(command, body)


@action(ConsultationAction.WITHDRAW, "Withdraw the question", WithdrawIn)
async def withdraw(service: Consultations, command: Command, body: WithdrawIn) -> Reply:
    """The unit that asked withdraws its question before the deadline."""
    return await service.withdraw(command, body)


router = APIRouter()
router.include_router(asking)
router.include_router(asked)
