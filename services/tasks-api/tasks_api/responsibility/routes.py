"""Routes of the register of responsibility. All of them are for its keepers alone."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import IfMatch, show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from tasks_api.responsibility.access import KEEPERS
from tasks_api.responsibility.problems import ENTRY_WITHDRAWN
from tasks_api.responsibility.schemas import EntryHistory, EntryId, EntryIn, EntryOut, EntryPage, EntryQuery
from tasks_api.responsibility.service import Keeping, Register
from tasks_api.responsibility.sheets import REGISTER

router = APIRouter(prefix="/v1/responsibility", tags=["responsibility"])

Service = Annotated[Register, use(Register)]
Keeper = Annotated[Principal, allow(*KEEPERS)]


@router.get("", summary="List the register of responsibility", operation_id="responsibility.list")
async def list_(register: Service, _: Keeper, query: Annotated[EntryQuery, Query()]) -> EntryPage:
    """Lists the entries that hold, the one made last first."""
    return await register.page(query)


export(router, list_, REGISTER, resource="responsibility")


@router.post(
    "",
    status_code=201,
    response_model=EntryOut,
    summary="Enter a review, discipline or praise",
    operation_id="responsibility.enter",
)
async def enter(
    register: Service, request: Request, keeper: Keeper, body: EntryIn, key: IdempotencyKey = None
) -> Response:
    """Enters what a unit and its head were called to account or praised for. The entry names who headed the unit on
    that day. Links name tasks, reports and inspections by their codes."""
    return respond(await register.enter(body, Keeping(keeper, key, await request_digest(request))))


@router.get("/{entry}", summary="Read an entry", operation_id="responsibility.get", responses=NOT_MODIFIED)
async def get(register: Service, request: Request, response: Response, _: Keeper, entry: EntryId) -> EntryOut:
    """Shows the newest version of an entry, withdrawn or not."""
    found = await register.get(entry)
    show_version(request, response, found.version)
    return found


@router.put(
    "/{entry}",
    response_model=EntryOut,
    summary="Correct an entry",
    operation_id="responsibility.correct",
    responses=may_answer(ENTRY_WITHDRAWN),
)
async def correct(
    register: Service,
    request: Request,
    keeper: Keeper,
    entry: EntryId,
    body: EntryIn,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """Replaces all of an entry by a new version. The former versions stay in its history."""
    return respond(await register.correct(entry, body, seen, Keeping(keeper, key, await request_digest(request))))


@router.post(
    "/{entry}/withdraw",
    response_model=EntryOut,
    summary="Withdraw an entry",
    operation_id="responsibility.withdraw",
    responses=may_answer(ENTRY_WITHDRAWN),
)
async def withdraw(
    register: Service, request: Request, keeper: Keeper, entry: EntryId, seen: IfMatch, key: IdempotencyKey = None
) -> Response:
    """The entry holds no more, and stands in no list; its versions stay. This cannot be undone."""
    return respond(await register.withdraw(entry, seen, Keeping(keeper, key, await request_digest(request))))


@router.get("/{entry}/history", summary="Read the versions of an entry", operation_id="responsibility.history")
async def history(register: Service, _: Keeper, entry: EntryId) -> EntryHistory:
    """All versions, oldest first: what was said in which version, by whom."""
    return await register.history(entry)
