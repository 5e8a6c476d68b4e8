"""Standard replies: listed, written, changed, retired, and filled in for a report."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import IfMatch, show_version
from cchc_shared.http.idempotency import Asked, IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from feedback_api.reports.schemas import Code
from feedback_api.standard_replies.access import READERS, WRITERS
from feedback_api.standard_replies.problems import REPLY_OF_OTHERS, REPLY_RETIRED
from feedback_api.standard_replies.schemas import (
    FilledReply,
    ReplyId,
    StandardReplyHistory,
    StandardReplyIn,
    StandardReplyOut,
    StandardReplyPage,
    StandardReplyQuery,
)
from feedback_api.standard_replies.service import StandardReplies

router = APIRouter(prefix="/v1", tags=["standard-replies"])

Service = Annotated[StandardReplies, use(StandardReplies)]
ReadingCaller = Annotated[Principal, allow(*READERS)]
WritingCaller = Annotated[Principal, allow(*WRITERS)]


@router.get("/standard-replies", summary="List standard replies", operation_id="standard_replies.list")
async def list_(
    caller: ReadingCaller, service: Service, query: Annotated[StandardReplyQuery, Query()]
) -> StandardReplyPage:
    """Lists the replies of your unit and those of every unit, the last created first. The co-ordinator and inspectors
    see those of all units."""
    return await service.page(query, caller)


@router.post(
    "/standard-replies",
    status_code=201,
    response_model=StandardReplyOut,
    summary="Create a standard reply",
    operation_id="standard_replies.create",
    responses=may_answer(REPLY_OF_OTHERS),
)
async def create(
    caller: WritingCaller, service: Service, request: Request, body: StandardReplyIn, key: IdempotencyKey = None
) -> Response:
    """A head writes for their own unit, the co-ordinator for any or for all."""
    return respond(await service.create(body, Asked(caller, key, await request_digest(request))))


@router.get(
    "/standard-replies/{reply}",
    summary="Read a standard reply",
    operation_id="standard_replies.get",
    responses=NOT_MODIFIED,
)
async def get(
    reply: ReplyId, caller: ReadingCaller, service: Service, request: Request, response: Response
) -> StandardReplyOut:
    """Shows the newest version of a reply, retired or not."""
    found = await service.get(reply, caller)
    show_version(request, response, found.version)
    return StandardReplyOut.model_validate(found)


@router.put(
    "/standard-replies/{reply}",
    response_model=StandardReplyOut,
    summary="Change a standard reply",
    operation_id="standard_replies.change",
    responses=may_answer(REPLY_OF_OTHERS, REPLY_RETIRED),
)
async def change(
    reply: ReplyId,
    caller: WritingCaller,
    service: Service,
    request: Request,
    body: StandardReplyIn,
    seen: IfMatch,
    key: IdempotencyKey = None,
) -> Response:
    """Replaces all of a reply. Its former versions stay in the history, and answers that were given with them too."""
    return respond(await service.change(reply, body, seen, Asked(caller, key, await request_digest(request))))


@router.post(
    "/standard-replies/{reply}/retire",
    response_model=StandardReplyOut,
    summary="Retire a standard reply",
    operation_id="standard_replies.retire",
    responses=may_answer(REPLY_OF_OTHERS, REPLY_RETIRED),
)
async def retire(
    reply: ReplyId, caller: WritingCaller, service: Service, request: Request, seen: IfMatch, key: IdempotencyKey = None
) -> Response:
    """The reply is used no more, and stands in no list unless `retired=true` asks for it. This cannot be undone."""
    return respond(await service.retire(reply, seen, Asked(caller, key, await request_digest(request))))


@router.get(
    "/standard-replies/{reply}/history",
    summary="Read the versions of a standard reply",
    operation_id="standard_replies.history",
)
async def history(reply: ReplyId, caller: ReadingCaller, service: Service) -> StandardReplyHistory:
    """All versions, oldest first: what was said in which version, by whom."""
    return await service.history(reply, caller)


@router.post(
    "/feedback/{code}/standard-replies/{reply}/preview",
    summary="Fill in a standard reply",
    operation_id="standard_replies.preview",
)
async def preview(code: Code, reply: ReplyId, caller: ReadingCaller, service: Service) -> FilledReply:
    """Shows the text filled in for a report, for an official to begin its answer with. Nothing is stored, and nothing
    of its sender is filled in."""
    return await service.preview(code, reply, caller)
