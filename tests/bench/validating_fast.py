"""`python -m tests.bench.validating_fast`: intake's own fast path with a use case that writes nothing.

Beside the pinned yardstick it says how much of intake's pace is the way in, and how much is the writing.
"""

from typing import Any

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.service.app import create_app, serve
from cchc_shared.storage.idempotency import Reply
from feedback_api.intake.fast_path import FastPath
from feedback_api.intake.schemas import Receipt, Report
from feedback_api.settings import FeedbackSettings


class Validating:
    """Stands for the context, and for the use case that the fast path asks it for."""

    def use(self, _: type[Any]) -> "Validating":
        return self

    async def submit(
        self, report: Report, caller: Principal | None, key: str | None, digest: bytes, accept_language: str | None
    ) -> Reply:
        """A receipt of what was sent, as the service gives it."""
        del caller, key, digest, accept_language
        now = SystemClock().now()
        receipt = Receipt(
            code="PA-26-000001",
            status=FeedbackStatus.RECEIVED,
            version=1,
            unit=report.unit or "",
            channel=report.channel,
            channel_ref=report.channel_ref,
            kind=report.kind,
            category=report.category,
            severity=report.severity,
            received_at=now,
            accept_due_at=now,
            resolve_due_at=now,
            tracking_secret="",
        )
        return reply(201, receipt, {"Location": f"/v1/feedback/{receipt.code}", "ETag": '"1"'})


if __name__ == "__main__":
    settings = FeedbackSettings()
    app = create_app(name="validating", settings=settings, routers=[])
    app.state.context = Validating()
    app.at_once = FastPath(app, settings.max_body_bytes)
    serve(app, settings)
