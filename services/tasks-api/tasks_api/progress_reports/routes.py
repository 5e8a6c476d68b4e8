"""Routes of reports of progress, and of the obstacles that wait."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.progress_reports.problems import NOTHING_TO_ANSWER
from tasks_api.progress_reports.schemas import (
    ObstaclePage,
    ObstacleQuery,
    ProgressAnswerIn,
    ProgressQuery,
    ProgressReportIn,
    ProgressReportOut,
    ProgressReportPage,
    ReportId,
)
from tasks_api.progress_reports.service import ProgressReports
from tasks_api.progress_reports.sheets import OBSTACLES, REPORTS
from tasks_api.tasks.access import OFFICIALS
from tasks_api.tasks.problems import TASK_ENDED, TASK_REPORTED
from tasks_api.tasks.schemas import CODE

router = APIRouter(prefix="/v1", tags=["progress_reports"])

Service = Annotated[ProgressReports, use(ProgressReports)]
TaskCode = Annotated[str, Path(max_length=200, pattern=CODE)]
ReadingCaller = Annotated[Principal, allow(*OFFICIALS)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]
AssigningCaller = Annotated[Principal, allow(Role.COORDINATOR, Role.UNIT_HEAD)]


@router.post(
    "/tasks/{code}/progress-reports",
    status_code=201,
    response_model=ProgressReportOut,
    summary="Report how far a task is",
    operation_id="progress_reports.add",
    responses=may_answer(TASK_ENDED, TASK_REPORTED, NOT_PERMITTED),
)
async def add(
    service: Service,
    request: Request,
    caller: StaffCaller,
    code: TaskCode,
    body: ProgressReportIn,
    key: IdempotencyKey = None,
) -> Response:
    """Staff of the unit that leads the task say how far it is, what was done, and what stands in the way. Reports are
    never changed."""
    return respond(await service.add(code, body, caller, key=key, digest=await request_digest(request)))


@router.get(
    "/tasks/{code}/progress-reports",
    summary="List the reports of progress of a task",
    operation_id="progress_reports.list",
)
async def list_(
    service: Service, caller: ReadingCaller, code: TaskCode, query: Annotated[ProgressQuery, Query()]
) -> ProgressReportPage:
    """Lists what was reported of a task, newest first, with the answers to obstacles, for everyone who may read it."""
    return await service.page(code, query, caller)


export(router, list_, REPORTS, resource="progress_reports", path="/tasks/{code}/progress-reports")


@router.post(
    "/tasks/{code}/progress-reports/{report}/answer",
    response_model=ProgressReportOut,
    summary="Answer the obstacles of a report",
    operation_id="progress_reports.answer",
    responses=may_answer(TASK_ENDED, NOTHING_TO_ANSWER, NOT_PERMITTED),
)
async def answer(
    service: Service,
    request: Request,
    caller: AssigningCaller,
    code: TaskCode,
    report: ReportId,
    body: ProgressAnswerIn,
    key: IdempotencyKey = None,
) -> Response:
    """The head or the office of the unit that assigned the task answers the obstacles, once."""
    digest = await request_digest(request)
    return respond(await service.answer(code, report, body, caller, key=key, digest=digest))


@router.get("/obstacles", summary="List obstacles that wait for an answer", operation_id="progress_reports.obstacles")
async def obstacles(service: Service, caller: ReadingCaller, query: Annotated[ObstacleQuery, Query()]) -> ObstaclePage:
    """Lists what stands in the way of open tasks and was not answered, those first that have waited longest. Staff see
    those of the tasks that they may read."""
    return await service.obstacles(query, caller)


export(router, obstacles, OBSTACLES, resource="progress_reports.obstacles", path="/obstacles")
