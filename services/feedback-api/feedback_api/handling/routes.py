"""Reading reports and acting on them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from cchc_shared.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.etag import IfMatch, etag
from feedback_api.handling import views
from feedback_api.handling.repository import Filter, Stored
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
from feedback_api.resources import Here

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

Anyone = Annotated[Principal | None, public()]
Reader = Annotated[
    Principal,
    allow(Role.CITIZEN, Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR, Role.INSPECTOR, Role.SYSTEM),
]
Desk = Annotated[Principal, allow(Role.COORDINATOR)]
Staff = Annotated[Principal, allow(Role.OFFICER, Role.UNIT_HEAD)]
StaffOrDesk = Annotated[Principal, allow(Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR)]
Head = Annotated[Principal, allow(Role.UNIT_HEAD)]
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


def _after(stored: Stored, caller: Principal, response: Response) -> FeedbackOut:
    response.headers["ETag"] = etag(stored.feedback.version)
    return views.report(stored, caller, None)


def _action(name: str, summary: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return router.post(
        f"/{{code}}/actions/{name}",
        summary=summary,
        response_model=FeedbackOut,
        response_model_exclude_unset=True,
    )


@_action("assign", "Assign a report to a unit")
async def assign(
    code: str, body: AssignIn, caller: Desk, version: IfMatch, here: Here, response: Response
) -> FeedbackOut:
    """From `received` or `returned`, by the co-ordinator."""
    return _after(await here.handling.assign(code, caller, version, body.unit), caller, response)


@_action("accept", "Accept a report")
async def accept(
    code: str, caller: Staff, version: IfMatch, here: Here, response: Response, _: Nothing | None = None
) -> FeedbackOut:
    """From `assigned`, by the unit. The first acceptance stops the acceptance clock."""
    return _after(await here.handling.accept(code, caller, version), caller, response)


@_action("return", "Return a report to the desk")
async def give_back(
    code: str, body: ReturnIn, caller: Staff, version: IfMatch, here: Here, response: Response
) -> FeedbackOut:
    """By the unit, with a reason; counted as a hand-over."""
    return _after(await here.handling.give_back(code, caller, version, body.reason), caller, response)


@_action("transfer", "Transfer a report to another unit")
async def transfer(
    code: str, body: TransferIn, caller: StaffOrDesk, version: IfMatch, here: Here, response: Response
) -> FeedbackOut:
    """With a reason; counted as a hand-over. The former unit keeps a read-only view."""
    return _after(await here.handling.transfer(code, caller, version, body.unit, body.reason), caller, response)


@_action("draft_answer", "Draft the answer")
async def draft_answer(
    code: str, body: DraftAnswerIn, caller: Staff, version: IfMatch, here: Here, response: Response
) -> FeedbackOut:
    """By the unit, with an outcome; a later draft takes the place of an earlier one."""
    done = await here.handling.draft_answer(code, caller, version, body.answer, body.outcome)
    return _after(done, caller, response)


@_action("approve_answer", "Approve the answer")
async def approve_answer(
    code: str, caller: Head, version: IfMatch, here: Here, response: Response, _: Nothing | None = None
) -> FeedbackOut:
    """By the head of the unit; stops the resolution clock and shows the answer to the citizen."""
    return _after(await here.handling.approve_answer(code, caller, version), caller, response)


@_action("publish", "Publish the answer")
async def publish(
    code: str, caller: StaffOrDesk, version: IfMatch, here: Here, response: Response, _: Nothing | None = None
) -> FeedbackOut:
    """From `answered`, by the unit or the co-ordinator."""
    return _after(await here.handling.publish(code, caller, version), caller, response)
