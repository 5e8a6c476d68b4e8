"""Reading reports and acting on them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.etag import IfMatch, etag
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from feedback_api.handling import views
from feedback_api.handling.access import OVERSEERS, STAFF
from feedback_api.handling.repository import Filter
from feedback_api.handling.schemas import (
    AssignIn,
    DraftAnswerIn,
    FeedbackOut,
    FeedbackPage,
    HistoryOut,
    ListQuery,
    Nothing,
    ReturnIn,
    TransferIn,
)
from feedback_api.handling.service import Command
from feedback_api.resources import Here

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

Anyone = Annotated[Principal | None, public()]
Reader = Annotated[Principal, allow(Role.CITIZEN, Role.SYSTEM, *STAFF, *OVERSEERS)]
Acting = Annotated[Principal, allow(*STAFF, Role.COORDINATOR)]
TrackingSecret = Annotated[str | None, Header(alias="X-Tracking-Secret", max_length=100)]


@router.get("", summary="List reports", response_model=FeedbackPage)
async def list_feedback(caller: Reader, here: Here, query: Annotated[ListQuery, Query()]) -> FeedbackPage:
    """Newest first. Staff see their unit's reports, senders their own, the co-ordinator and inspectors all."""
    since, until = here.period(query.first_day, query.last_day)
    wanted = Filter(
        status=query.status,
        unit=query.unit,
        channel=query.channel,
        kind=query.kind,
        category=query.category,
        since=since,
        until=until,
        overdue=query.overdue,
        words=query.q,
    )
    page = await here.reading.page(wanted, caller, query.cursor, query.limit)
    return FeedbackPage.model_validate({"items": page.rows, "next_cursor": page.next_cursor})


@router.get("/{code}", summary="Read a report", response_model=FeedbackOut, response_model_exclude_unset=True)
async def read(code: str, caller: Anyone, here: Here, response: Response, secret: TrackingSecret = None) -> FeedbackOut:
    """For its sender, by token or tracking secret, its units and the overseers; for anyone else there is none."""
    stored = await here.reading.one(code, caller, secret)
    response.headers["ETag"] = etag(stored.feedback.version)
    return views.report(stored, caller, await here.reading.contact(stored, caller))


@router.get(
    "/{code}/history", summary="What happened to a report", response_model=HistoryOut, response_model_exclude_unset=True
)
async def history(code: str, caller: Anyone, here: Here, secret: TrackingSecret = None) -> HistoryOut:
    """Oldest first; never changed afterwards."""
    stored, rows = await here.reading.history(code, caller, secret)
    return views.history(stored, caller, rows)


async def _command(
    request: Request, code: str, caller: Acting, version: IfMatch, key: IdempotencyKey = None
) -> Command:
    return Command(code, caller, version, key, await request_digest(request))


Asked = Annotated[Command, Depends(_command)]


def _action(name: str, summary: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return router.post(f"/{{code}}/actions/{name}", summary=summary, response_model=FeedbackOut)


@_action("assign", "Assign a report to a unit")
async def assign(asked: Asked, here: Here, body: AssignIn) -> Response:
    """From `received` or `returned`, by the co-ordinator."""
    return respond(await here.handling.assign(asked, body.unit))


@_action("accept", "Accept a report")
async def accept(asked: Asked, here: Here, _: Nothing | None = None) -> Response:
    """From `assigned`, by the unit. The first acceptance stops the acceptance clock."""
    return respond(await here.handling.accept(asked))


@_action("return", "Return a report to the desk")
async def give_back(asked: Asked, here: Here, body: ReturnIn) -> Response:
    """By the unit, with a reason; counted as a hand-over."""
    return respond(await here.handling.give_back(asked, body.reason))


@_action("transfer", "Transfer a report to another unit")
async def transfer(asked: Asked, here: Here, body: TransferIn) -> Response:
    """By the unit or the co-ordinator, with a reason; counted as a hand-over. The former unit keeps reading it."""
    return respond(await here.handling.transfer(asked, body.unit, body.reason))


@_action("draft_answer", "Draft the answer")
async def draft_answer(asked: Asked, here: Here, body: DraftAnswerIn) -> Response:
    """By the unit, with an outcome; a later draft takes the place of an earlier one."""
    return respond(await here.handling.draft_answer(asked, body.answer, body.outcome))


@_action("approve_answer", "Approve the answer")
async def approve_answer(asked: Asked, here: Here, _: Nothing | None = None) -> Response:
    """By the head of the unit; stops the resolution clock and shows the answer to the citizen."""
    return respond(await here.handling.approve_answer(asked))


@_action("publish", "Publish the answer")
async def publish(asked: Asked, here: Here, _: Nothing | None = None) -> Response:
    """From `answered`, by the unit or the co-ordinator."""
    return respond(await here.handling.publish(asked))
