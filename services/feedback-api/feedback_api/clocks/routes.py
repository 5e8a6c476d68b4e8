"""GET /v1/feedback/{code}/clocks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header

from cchc_shared.http.access import Principal, public
from feedback_api.clocks.domain import Clock
from feedback_api.clocks.schemas import ClockOut, ClocksOut
from feedback_api.resources import Here

router = APIRouter(tags=["feedback"])


@router.get("/v1/feedback/{code}/clocks", summary="The two clocks of a report", response_model=ClocksOut)
async def clocks(
    code: str,
    caller: Annotated[Principal | None, public()],
    here: Here,
    secret: Annotated[str | None, Header(alias="X-Tracking-Secret", max_length=100)] = None,
) -> ClocksOut:
    """Acceptance and resolution, for whoever may read the report."""
    stored = await here.reading.one(code, caller, secret)
    acceptance, resolution, now = here.clocks.of(stored.feedback)
    return ClocksOut(code=code, acceptance=_out(acceptance, now), resolution=_out(resolution, now))


def _out(clock: Clock, now: datetime) -> ClockOut:
    return ClockOut(
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        state=clock.state(now),
        pauses=[],
        extensions=[],
    )
