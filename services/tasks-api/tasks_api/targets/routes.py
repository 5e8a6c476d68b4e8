"""Routes of targets: listed, set, changed, withdrawn, and reported on."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.etag import IfMatch
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.plans.routes import Code
from tasks_api.targets.problems import TARGET_WITHDRAWN, TARGETS_FULL
from tasks_api.targets.schemas import TargetDetail, TargetId, TargetIn, TargetOut, TargetsOut, ValueIn
from tasks_api.targets.service import Targets, Wish
from tasks_api.tasks.access import OFFICIALS

router = APIRouter(prefix="/v1/plans/{code}/targets", tags=["targets"])

Service = Annotated[Targets, use(Targets)]
ReadingCaller = Annotated[Principal, allow(*OFFICIALS)]
OfficeCaller = Annotated[Principal, allow(Role.COORDINATOR)]
ReportingCaller = Annotated[Principal, allow(*UNIT_STAFF)]


@router.get("", summary="List the targets of a plan", operation_id="targets.list")
async def list_(service: Service, _: ReadingCaller, code: Code) -> TargetsOut:
    """Shows how each target stands today: `met` or not by its last value, `open` while its day has not passed."""
    return await service.of_plan(code)


@router.post(
    "",
    status_code=201,
    response_model=TargetOut,
    summary="Set a target",
    operation_id="targets.set",
    responses=may_answer(NOT_PERMITTED, TARGETS_FULL),
)
async def set_(
    service: Service, request: Request, caller: OfficeCaller, code: Code, body: TargetIn, key: IdempotencyKey = None
) -> Response:
    """The office of the plan, or the city's, sets what is to be reached, by when, and which unit answers for it."""
    return respond(await service.set(body, Wish(code, caller, key, await request_digest(request))))


@router.get("/{target}", summary="Read a target", operation_id="targets.get")
async def get(service: Service, _: ReadingCaller, code: Code, target: TargetId) -> TargetDetail:
    """Shows a target, withdrawn or not, with everything that was reported of it and what it was before."""
    return await service.get(code, target)


@router.put(
    "/{target}",
    response_model=TargetOut,
    summary="Change a target",
    operation_id="targets.change",
    responses=may_answer(NOT_PERMITTED, TARGET_WITHDRAWN),
)
async def change(
    service: Service,
    request: Request,
    caller: OfficeCaller,
    code: Code,
    target: TargetId,
    body: TargetIn,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """Replaces all of a target. What it was before stays in its history."""
    return respond(await service.change(target, body, seen, Wish(code, caller, key, await request_digest(request))))


@router.post(
    "/{target}/withdraw",
    response_model=TargetOut,
    summary="Withdraw a target",
    operation_id="targets.withdraw",
    responses=may_answer(NOT_PERMITTED, TARGET_WITHDRAWN),
)
async def withdraw(
    service: Service,
    request: Request,
    caller: OfficeCaller,
    code: Code,
    target: TargetId,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """The target counts no more and stands in no list; its history stays. This cannot be undone."""
    return respond(await service.withdraw(target, seen, Wish(code, caller, key, await request_digest(request))))


@router.post(
    "/{target}/values",
    status_code=201,
    response_model=TargetOut,
    summary="Report the value of a target",
    operation_id="targets.report",
    responses=may_answer(NOT_PERMITTED, TARGET_WITHDRAWN),
)
async def report(
    service: Service,
    request: Request,
    caller: ReportingCaller,
    code: Code,
    target: TargetId,
    body: ValueIn,
    key: IdempotencyKey = None,
) -> Response:
    """Staff of the unit that answers for the target report its value in a period. Reported again, a value is corrected;
    what was said before stays."""
    return respond(await service.report(target, body, Wish(code, caller, key, await request_digest(request))))
