"""POST /v1/feedback."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.http.access import Principal, public
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from feedback_api.intake.schemas import FeedbackIn, Receipt
from feedback_api.resources import resources_of

router = APIRouter(tags=["feedback"])


@router.post(
    "/v1/feedback",
    status_code=201,
    response_model=Receipt,
    summary="Send a report",
    responses={200: {"model": Receipt, "description": "The same sender gave this `channel_ref` before"}},
)
async def receive(
    request: Request,
    report: FeedbackIn,
    caller: Annotated[Principal | None, public()],
    key: IdempotencyKey = None,
) -> Response:
    """Acknowledged after it is stored. With a token the report is the caller's; the tracking secret opens it without.

    The same `Idempotency-Key` with the same body is done once and answered alike.
    """
    # Not a dependency: resolving one costs this route, the busiest, more than its deadlines do.
    reply = await resources_of(request).intake.receive(report, caller, key, await request_digest(request))
    return respond(reply)
