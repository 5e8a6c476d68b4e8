"""POST /v1/feedback/{code}/actions/split and GET /v1/feedback/{code}/parts."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.workflow import Command
from cchc_shared.storage.idempotency import Reply
from feedback_api.parts.schemas import FeedbackParts, FeedbackSplitIn
from feedback_api.parts.service import Parts
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.schemas import Code, FeedbackOut
from feedback_api.reports.transitions import FeedbackAction

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

OfficialCaller = Annotated[Principal, allow(*UNIT_STAFF, *READ_ALL)]
action = ActionRoutes(
    router,
    resource="feedback",
    code=Code,
    caller=Annotated[Principal, allow(Role.COORDINATOR)],
    service=Parts,
    shown=FeedbackOut,
    at_once=False,
)


@action(FeedbackAction.SPLIT, "Split a report among units", FeedbackSplitIn)
async def split(service: Parts, command: Command, body: FeedbackSplitIn) -> Reply:
    """The co-ordinator gives other units their parts of a report. Each part is a report of its own for its unit, with
    time and an answer of its own; it counts for that unit, and is no further report. The unit that has the whole goes
    on answering for it, in its time; it can answer once all parts have ended."""
    return await service.split(command, [(part.unit, part.task) for part in body.parts])


@router.get("/{code}/parts", summary="List the parts of a report", operation_id="feedback.parts")
async def parts(code: Code, caller: OfficialCaller, service: Annotated[Parts, use(Parts)]) -> FeedbackParts:
    """Shows officials who does which part of a report, and what was answered."""
    return await service.of(code, caller)
