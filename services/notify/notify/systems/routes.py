"""Connected systems over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import IfMatch, show_version
from cchc_shared.http.idempotency import Asked, IdempotencyKey, request_digest, respond
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.service.context import use
from notify.systems.problems import SYSTEM_EXISTS
from notify.systems.schemas import CodeInPath, NewSystem, SystemHistory, SystemIn, SystemOut, SystemPage
from notify.systems.service import Systems

router = APIRouter(prefix="/v1/systems", tags=["systems"])

Service = Annotated[Systems, use(Systems)]
OperatorCaller = Annotated[Principal, allow(Role.OPERATOR)]
ReadingCaller = Annotated[Principal, allow(Role.OPERATOR, Role.SYSTEM)]


@router.get("", summary="List connected systems", operation_id="systems.list")
async def list_(caller: OperatorCaller, service: Service, cursor: Cursor = None, limit: Limit = 50) -> SystemPage:
    """Lists the connected systems by code, suspended or not."""
    return await service.page(cursor, limit)


@router.post(
    "",
    status_code=201,
    response_model=SystemOut,
    summary="Connect a system",
    operation_id="systems.create",
    responses=may_answer(SYSTEM_EXISTS),
)
async def create(
    caller: OperatorCaller, service: Service, request: Request, body: NewSystem, key: IdempotencyKey = None
) -> Response:
    """Says which system it is, which office answers for it, and how far it may go. It has no key yet."""
    return respond(await service.create(body, Asked(caller, key, await request_digest(request))))


@router.get("/{code}", summary="Read a connected system", operation_id="systems.get", responses=NOT_MODIFIED)
async def get(
    code: CodeInPath, caller: ReadingCaller, service: Service, request: Request, response: Response
) -> SystemOut:
    """Shows the newest version. A system reads its own."""
    found = await service.get(code, caller)
    show_version(request, response, found.version)
    return SystemOut.model_validate(found)


@router.put("/{code}", response_model=SystemOut, summary="Change a connected system", operation_id="systems.change")
async def change(
    code: CodeInPath,
    caller: OperatorCaller,
    service: Service,
    request: Request,
    body: SystemIn,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """Replaces all of it but its code. What it may do changes with it, within a minute."""
    return respond(await service.change(code, body, seen, Asked(caller, key, await request_digest(request))))


@router.post(
    "/{code}/actions/suspend",
    response_model=SystemOut,
    summary="Suspend a connected system",
    operation_id="systems.suspend",
)
async def suspend(
    code: CodeInPath,
    caller: OperatorCaller,
    service: Service,
    request: Request,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """Its keys open nothing, until it is resumed. `If-Match: *` suspends it whatever it looks like now."""
    asked = Asked(caller, key, await request_digest(request))
    return respond(await service.suspend(code, seen, asked, suspended=True))


@router.post(
    "/{code}/actions/resume",
    response_model=SystemOut,
    summary="Resume a connected system",
    operation_id="systems.resume",
)
async def resume(
    code: CodeInPath,
    caller: OperatorCaller,
    service: Service,
    request: Request,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """Its keys open again what they did before."""
    asked = Asked(caller, key, await request_digest(request))
    return respond(await service.suspend(code, seen, asked, suspended=False))


@router.get("/{code}/history", summary="Read the versions of a connected system", operation_id="systems.history")
async def history(code: CodeInPath, caller: OperatorCaller, service: Service) -> SystemHistory:
    """All versions, oldest first: what it was allowed when, and by whom."""
    return await service.history(code)
