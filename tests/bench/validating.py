"""`python -m tests.bench.validating`: feedback-api's stack with a route that validates a report and writes nothing."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.http.access import Principal, public
from cchc_shared.http.idempotency import IdempotencyKey, reply, respond
from cchc_shared.service.app import create_app, serve
from feedback_api.intake.schemas import FeedbackIn, Receipt
from feedback_api.settings import FeedbackSettings

router = APIRouter()


@router.post("/v1/feedback", status_code=201, response_model=Receipt)
async def receive(
    request: Request, report: FeedbackIn, caller: Annotated[Principal | None, public()], key: IdempotencyKey = None
) -> Response:
    """A receipt of what was sent, as the service gives it."""
    del request, caller, key
    now = SystemClock().now()
    receipt = Receipt(
        code="PA-26-000001",
        status=FeedbackStatus.RECEIVED,
        version=1,
        unit=report.unit or "",
        received_at=now,
        accept_due_at=now,
        resolve_due_at=now,
        tracking_secret="",
        **report.model_dump(include={"channel", "channel_ref", "kind", "category", "severity"}),
    )
    headers = {"Location": f"/v1/feedback/{receipt.code}", "ETag": '"1"'}
    return respond(reply(201, receipt, headers))


if __name__ == "__main__":
    settings = FeedbackSettings()
    serve(create_app(name="validating", settings=settings, routers=[router]), settings)
