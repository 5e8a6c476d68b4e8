"""Routes of reassignments, below the directory of units."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import OVERSIGHT, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.reassignments.problems import RUN_UNFINISHED
from tasks_api.reassignments.schemas import (
    OutcomeQuery,
    PreviewQuery,
    ReassignmentIn,
    ReassignmentOut,
    WaitingPage,
    WaitingQuery,
)
from tasks_api.reassignments.service import Reassignments
from tasks_api.reassignments.sheets import OUTCOMES, WAITING

MOST: Final = 2**53 - 1
"""The largest number that every reader of JSON keeps whole."""

router = APIRouter(prefix="/v1/units/reassignments", tags=["units"])

Service = Annotated[Reassignments, use(Reassignments)]
Caller = Annotated[Principal, allow(Role.OPERATOR, Role.COORDINATOR)]
FollowUpCaller = Annotated[Principal, allow(Role.UNIT_HEAD, *OVERSIGHT)]
RunId = Annotated[int, Path(ge=1, le=MOST)]


@router.post(
    "",
    summary="Move open work of ended units to their heirs",
    operation_id="units.reassign",
    responses={
        200: {"model": ReassignmentOut, "description": "The preview"},
        202: {"model": ReassignmentOut, "description": "The run, which has begun"},
        **may_answer(NOT_PERMITTED, RUN_UNFINISHED),
    },
)
async def reassign(
    reassignments: Service,
    request: Request,
    caller: Caller,
    body: ReassignmentIn,
    query: Annotated[PreviewQuery, Query()],
    key: IdempotencyKey = None,
) -> Response:
    """Moves open tasks, consultations, recommendations and submissions of units that ended to their heirs: where the
    mapping says, and otherwise to the only successor that the directory names. What has no single heir waits. With
    `dry_run` nothing is changed. A run goes on after this answer; read how far it has come at its address. For an
    operator, or the co-ordinators of the city."""
    if query.dry_run:
        shown = await reassignments.preview(body, query, caller)
        return Response(shown.model_dump_json(), media_type="application/json")
    digest = await request_digest(request)
    return respond(await reassignments.start(body, caller=caller, key=key, digest=digest))


@router.get("/waiting", summary="List open work of ended units", operation_id="units.waiting")
async def waiting(
    reassignments: Service, caller: FollowUpCaller, query: Annotated[WaitingQuery, Query()]
) -> WaitingPage:
    """Lists open work that stands with a unit which has ended: what waits for a decision, and why, and what moves with
    the next run. Staff see what their unit assigned; the city's offices see all. The assigning office transfers or
    closes what nobody takes."""
    return await reassignments.waiting(query, caller)


export(router, waiting, WAITING, resource="units.waiting", path="/waiting")


@router.get(
    "/{run}", summary="Read a reassignment", operation_id="units.reassignment", responses=may_answer(NOT_PERMITTED)
)
async def get(
    reassignments: Service, caller: Caller, run: RunId, query: Annotated[OutcomeQuery, Query()]
) -> ReassignmentOut:
    """Shows how far a run has come: how much moved from which unit to which, and page by page what moved where, what
    waits and why."""
    return await reassignments.run(run, query, caller)


export(router, get, OUTCOMES, resource="units.reassignment", path="/{run}")
