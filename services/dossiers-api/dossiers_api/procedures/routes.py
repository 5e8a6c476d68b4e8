"""Procedures over HTTP: the catalogue is public, as procedures are."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import Asked, IdempotencyKey, request_digest, respond
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day
from cchc_shared.service.context import use
from dossiers_api.procedures.problems import DECISION_EXISTS
from dossiers_api.procedures.schemas import (
    DecisionIn,
    DecisionOut,
    DecisionPage,
    DisclosureIn,
    Number,
    ProcedureCode,
    ProcedureEntryOut,
    ProcedureOut,
    ProcedurePage,
    ProcedureQuery,
    ProcedureStatistics,
    ProcedureStatisticsQuery,
)
from dossiers_api.procedures.service import Procedures

router = APIRouter(prefix="/v1/procedures", tags=["procedures"])
decisions = APIRouter(prefix="/v1/procedure-decisions", tags=["procedures"])
statistics = APIRouter(prefix="/v1/statistics/procedures", tags=["procedures"])

Service = Annotated[Procedures, use(Procedures)]
RecordingCaller = Annotated[Principal, allow(Role.COORDINATOR, Role.SYSTEM)]
Anybody = Annotated[Principal | None, public()]
CodeInPath = Annotated[ProcedureCode, Path(description="National code of a procedure")]


class ProcedurePageQuery(ProcedureQuery):
    """The same, a page at a time."""

    cursor: Cursor = None
    limit: Limit = 50


@router.get("", summary="List procedures", operation_id="procedures.list")
async def list_(caller: Anybody, service: Service, query: Annotated[ProcedurePageQuery, Query()]) -> ProcedurePage:
    """Lists the procedures that are in force on a day, or abolished by then, by their codes."""
    return await service.page(query, query.cursor, query.limit)


@router.get("/{code}", summary="Read a procedure", operation_id="procedures.get", responses=may_answer(NOT_FOUND))
async def get(
    code: CodeInPath, caller: Anybody, service: Service, on: Annotated[Day | None, Query()] = None
) -> ProcedureOut:
    """Shows what holds of a procedure on a day (today, if absent), how it is worked on inside, and every decision."""
    return await service.get(code, on)


@router.post(
    "/{code}/disclosures",
    response_model=ProcedureEntryOut,
    summary="Say that a procedure is disclosed",
    operation_id="procedures.disclose",
    responses=may_answer(NOT_FOUND),
)
async def disclose(
    code: CodeInPath,
    caller: RecordingCaller,
    service: Service,
    request: Request,
    body: DisclosureIn,
    key: IdempotencyKey = None,
) -> Response:
    """Says since when a procedure is to be read on the national portal, and whether all of it is. What is said later of
    an earlier time takes its place; what is known does not become later."""
    return respond(await service.disclose(code, body, Asked(caller, key, await request_digest(request))))


@decisions.get("", summary="List decisions on procedures", operation_id="procedures.decisions")
async def list_decisions(
    caller: Anybody,
    service: Service,
    number: Annotated[Number | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DecisionPage:
    """Lists decisions and how much each says, the newest first; or the one with a number."""
    return await service.decisions(number, cursor, limit)


@decisions.post(
    "",
    status_code=201,
    response_model=DecisionOut,
    summary="Record a decision on procedures",
    operation_id="procedures.record",
    responses=may_answer(DECISION_EXISTS),
)
async def record(
    caller: RecordingCaller, service: Service, request: Request, body: DecisionIn, key: IdempotencyKey = None
) -> Response:
    """Records a decision with the procedures that it publishes and abolishes and the processes that it approves. Every
    field that is wrong is named, and nothing is recorded then. What was recorded is never changed: a later decision
    takes its place."""
    return respond(await service.record(body, Asked(caller, key, await request_digest(request))))


@statistics.get("", summary="Count procedures", operation_id="procedures.count")
async def count(
    caller: Anybody, service: Service, query: Annotated[ProcedureStatisticsQuery, Query()]
) -> ProcedureStatistics:
    """Counts what decisions of some days published and abolished, how much of it late, and what is in force."""
    return await service.count(query)
