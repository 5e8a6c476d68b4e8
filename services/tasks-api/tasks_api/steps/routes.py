"""Routes of steps: add, change, remove. They are read with their task."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.etag import IfMatch
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.steps.schemas import StepChangeIn, StepId, StepIn
from tasks_api.steps.service import Steps
from tasks_api.tasks.problems import TASK_ENDED, TASK_REPORTED
from tasks_api.tasks.schemas import CODE, TaskStepOut

router = APIRouter(prefix="/v1/tasks/{code}/steps", tags=["steps"])

Service = Annotated[Steps, use(Steps)]
TaskCode = Annotated[str, Path(max_length=200, pattern=CODE)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]
REFUSED = may_answer(TASK_ENDED, TASK_REPORTED, NOT_PERMITTED)


@router.post(
    "",
    status_code=201,
    response_model=TaskStepOut,
    summary="Add a step to a task",
    operation_id="steps.add",
    responses=REFUSED,
)
async def add(
    service: Service, request: Request, caller: StaffCaller, code: TaskCode, body: StepIn, key: IdempotencyKey = None
) -> Response:
    """Staff of the unit that leads the task add a step, until the task is reported. A step is due within the time of
    its task."""
    return respond(await service.add(code, body, caller, key=key, digest=await request_digest(request)))


@router.patch(
    "/{step}",
    response_model=TaskStepOut,
    summary="Change a step, or say that it is done",
    operation_id="steps.change",
    responses=REFUSED,
)
async def change(
    service: Service, caller: StaffCaller, code: TaskCode, step: StepId, seen: IfMatch, body: StepChangeIn
) -> Response:
    """Staff of the lead change words, day or place of a step, or say whether it is done: who did so, and when, is
    kept."""
    return respond(await service.change(code, step, body, caller, seen))


@router.delete("/{step}", status_code=204, summary="Remove a step", operation_id="steps.remove", responses=REFUSED)
async def remove(service: Service, caller: StaffCaller, code: TaskCode, step: StepId, seen: IfMatch) -> None:
    """Staff of the lead take a step out. It is not shown any more, and kept as a trace."""
    await service.remove(code, step, caller, seen)
