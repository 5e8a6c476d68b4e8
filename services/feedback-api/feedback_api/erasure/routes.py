"""Erasing a report before its time, and what was erased of one."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from feedback_api.erasure.problems import REPORT_NOT_ENDED
from feedback_api.erasure.schemas import ErasureIn, Erasures
from feedback_api.erasure.service import Erasure
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.schemas import Code

router = APIRouter(prefix="/v1/feedback", tags=["privacy"])

Service = Annotated[Erasure, use(Erasure)]
OperatorCaller = Annotated[Principal, allow(Role.OPERATOR)]
OfficialCaller = Annotated[Principal, allow(*UNIT_STAFF, *READ_ALL, Role.OPERATOR)]


@router.post(
    "/{code}/erasures",
    response_model=Erasures,
    summary="Erase a report before its time",
    operation_id="privacy.erase",
    responses=may_answer(REPORT_NOT_ENDED),
)
async def erase(
    code: Code,
    caller: OperatorCaller,
    service: Service,
    request: Request,
    body: ErasureIn,
    key: IdempotencyKey = None,
) -> Response:
    """Erases who sent a report that has ended, or its words as well. It cannot be undone; counts, events and scores
    stay as they are. What is erased already is left as it is."""
    digest = await request_digest(request)
    return respond(await service.on_request(code, caller, body.what, body.reason, key=key, digest=digest))


@router.get("/{code}/erasures", summary="Read what was erased of a report", operation_id="privacy.erasures")
async def erasures(code: Code, caller: OfficialCaller, service: Service) -> Erasures:
    """Shows the tombstones of a report to officials who may read it, and to operators."""
    return await service.of(code, caller)
