"""POST /v1/feedback, for one report and for many."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.kinds import IDEMPOTENCY_KEY_OUTLIVED
from cchc_shared.http.language import AcceptLanguage
from cchc_shared.service.context import context_of, use
from feedback_api.intake.batch import Batch
from feedback_api.intake.problems import (
    CHANNEL_FORBIDDEN,
    CHANNEL_REF_CONFLICT,
    CHANNEL_REF_FORBIDDEN,
    RECEIVED_AT_FORBIDDEN,
)
from feedback_api.intake.schemas import Acknowledgement, BatchIn, BatchResults, FeedbackIn, Receipt
from feedback_api.intake.service import Intake
from feedback_api.reports.schemas import AnyCaller
from feedback_api.routing.problems import INTAKE_DESK_UNAVAILABLE

PATH = "/v1/feedback"

router = APIRouter(tags=["feedback"])


@router.post(
    PATH,
    status_code=201,
    response_model=Receipt,
    summary="Send a report",
    responses={
        200: {
            "model": Acknowledgement,
            "description": "The same sender has sent a report with this `channel_ref` before",
        },
        **may_answer(
            CHANNEL_FORBIDDEN,
            CHANNEL_REF_FORBIDDEN,
            RECEIVED_AT_FORBIDDEN,
            CHANNEL_REF_CONFLICT,
            INTAKE_DESK_UNAVAILABLE,
            IDEMPOTENCY_KEY_OUTLIVED,
        ),
    },
)
async def submit(request: Request, report: FeedbackIn, caller: AnyCaller, key: IdempotencyKey = None) -> Response:
    """The response is sent only after the report is committed. With a token, the report belongs to the caller.
    Without one, the tracking secret in the response is the only way to read it later.

    A request repeated with the same `Idempotency-Key` and body within a week takes effect once and gets the same
    response. A key that is a UUID of version 7 says when it was made: it may be sent within that week.
    Phone numbers, e-mail addresses and places are read as people write them. What cannot be read is kept as it was
    written, and `warnings` says so.
    """
    # The use case is no dependency here: resolving one costs this route, the busiest, more than its deadlines do.
    intake, digest = context_of(request).use(Intake), await request_digest(request)
    return respond(await intake.submit(report, caller, key, digest, request.headers.get("accept-language")))


@router.post("/v1/feedback/batch", summary="Send many reports", operation_id="feedback.submit_many")
async def submit_many(
    batch: Annotated[Batch, use(Batch)],
    body: BatchIn,
    caller: Annotated[Principal, allow(Role.SYSTEM)],
    key: IdempotencyKey = None,
    accept_language: AcceptLanguage = None,
) -> BatchResults:
    """For channel software: up to 500 reports, each taken in as in a request of its own, with a result of its own.

    A batch repeated with the same `Idempotency-Key` takes effect once and gets the same results. Reports that a busy
    service could not take are `rejected` with status 503: send the same batch again under the same key.
    """
    return BatchResults(await batch.take(body.items, caller, key, accept_language))
