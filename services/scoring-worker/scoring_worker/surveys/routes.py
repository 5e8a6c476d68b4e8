"""Surveys over HTTP. What citizens call needs a token of a ballot and nothing else."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import may_answer
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import UnitCode
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from scoring_worker.surveys.problems import (
    SURVEY_CLOSED,
    SURVEY_CODE_TAKEN,
    SURVEY_NOT_OPEN,
    SURVEY_UNDER_WAY,
    SURVEY_WITHDRAWN,
    TOKEN_UNKNOWN,
    TOKEN_USED,
)
from scoring_worker.surveys.schemas import (
    BallotIn,
    BallotPaper,
    BallotTaken,
    SurveyCode,
    SurveyIn,
    SurveyLinksIn,
    SurveyLinksMade,
    SurveyOut,
    SurveyPage,
    SurveyQuotaPage,
    SurveyResponseResults,
    SurveyResponsesIn,
    SurveyResultPage,
    SurveyWithdrawIn,
    TokenQuery,
)
from scoring_worker.surveys.service import Surveys
from scoring_worker.surveys.sheets import QUOTAS, RESULTS

router = APIRouter(prefix="/v1/surveys", tags=["surveys"])

Service = Annotated[Surveys, use(Surveys)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)]
BoardCaller = Annotated[Principal, allow(Role.SCORING_BOARD)]
SendingCaller = Annotated[Principal, allow(Role.SYSTEM)]
Holder = Annotated[Principal | None, public()]
_UNSTORED = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get("", summary="List surveys", operation_id="surveys.list")
async def list_(_: ReadingCaller, service: Service, cursor: Cursor = None, limit: Limit = 50) -> SurveyPage:
    """Lists surveys by their codes."""
    return await service.page(cursor, limit)


@router.post(
    "",
    status_code=201,
    summary="Open a survey",
    operation_id="surveys.open",
    responses=may_answer(SURVEY_CODE_TAKEN),
)
async def open_(caller: BoardCaller, service: Service, body: SurveyIn) -> SurveyOut:
    """Opens a round of a questionnaire about some units. It begins and ends by itself, and does not change any more.
    At its end the shares of satisfied answers go into the scores of the period. The code of a survey that was withdrawn
    is free: that one goes on under the code with a number behind it."""
    return await service.open(body, caller.sub)


@router.get("/{code}", summary="Read a survey", operation_id="surveys.get")
async def get(_: ReadingCaller, service: Service, code: SurveyCode) -> SurveyOut:
    """Shows a survey, how many ballots are in, and how many links were made and used."""
    return await service.get(code)


@router.post(
    "/{code}/actions/withdraw",
    summary="Withdraw a survey",
    operation_id="surveys.withdraw",
    responses=may_answer(SURVEY_CLOSED, SURVEY_WITHDRAWN),
)
async def withdraw(caller: BoardCaller, service: Service, code: SurveyCode, body: SurveyWithdrawIn) -> SurveyOut:
    """Takes back a survey that was opened by mistake, until it is over. It takes no ballots from then on, its links are
    dead, and what was answered is deleted and feeds no score. How many ballots there were, who withdrew it, when and
    why stays to be read. It cannot be undone."""
    return await service.withdraw(code, body.reason, caller.sub)


@router.post(
    "/{code}/links",
    status_code=201,
    summary="Make links to ballots",
    operation_id="surveys.make_links",
    responses=may_answer(SURVEY_CLOSED, SURVEY_WITHDRAWN),
)
async def make_links(_: BoardCaller, service: Service, code: SurveyCode, body: SurveyLinksIn) -> SurveyLinksMade:
    """Makes links for people of one cell, and shows them this once. Each gives one ballot. Nothing says to whom a link
    was given, and nothing which ballot came by it."""
    return await service.make_links(code, body)


@router.get(
    "/{code}/ballot",
    summary="Read a ballot paper",
    operation_id="surveys.paper",
    responses=may_answer(TOKEN_UNKNOWN, TOKEN_USED, SURVEY_NOT_OPEN, SURVEY_CLOSED, SURVEY_WITHDRAWN),
)
async def paper(_: Holder, service: Service, response: Response, code: SurveyCode, token: TokenQuery) -> BallotPaper:
    """Shows the questions to whoever has the token of a ballot. No account is needed, and none is asked for."""
    response.headers.update(_UNSTORED)
    return await service.paper(code, token)


@router.post(
    "/{code}/ballot",
    status_code=201,
    summary="Cast a ballot",
    operation_id="surveys.cast",
    responses=may_answer(TOKEN_UNKNOWN, TOKEN_USED, SURVEY_NOT_OPEN, SURVEY_CLOSED, SURVEY_WITHDRAWN),
)
async def cast(_: Holder, service: Service, code: SurveyCode, body: BallotIn) -> BallotTaken:
    """Takes the answers of whoever has a token, once. Sent again, it is answered that the token was used: there is no
    idempotency key, because keeping the answer would keep what was answered."""
    return await service.cast(code, body)


@router.post(
    "/{code}/responses",
    summary="Send ballots that were collected",
    operation_id="surveys.respond",
    responses=may_answer(SURVEY_NOT_OPEN, SURVEY_CLOSED, SURVEY_WITHDRAWN),
)
async def respond(
    caller: SendingCaller, service: Service, code: SurveyCode, body: SurveyResponsesIn
) -> SurveyResponseResults:
    """Takes ballots from hand-held devices or a survey firm. Each has a result of its own: one that is wrong names what
    is wrong with it, and the others are taken. A ballot whose `id` was sent before is not counted again."""
    return SurveyResponseResults(results=await service.take(code, body.items, caller))


@router.get("/{code}/quotas", summary="Compare ballots with quotas", operation_id="surveys.quotas")
async def quotas(
    _: ReadingCaller, service: Service, code: SurveyCode, cursor: Cursor = None, limit: Limit = 50
) -> SurveyQuotaPage:
    """Lists for each unit and cell of the sample how many ballots are wanted, there and missing; also while the survey
    is open."""
    return await service.quotas(code, cursor, limit)


export(router, quotas, QUOTAS, resource="surveys.quotas", path="/{code}/quotas")


@router.get(
    "/{code}/results",
    summary="Read the results of a survey",
    operation_id="surveys.results",
    responses=may_answer(SURVEY_UNDER_WAY, SURVEY_WITHDRAWN),
)
async def results(
    _: ReadingCaller,
    service: Service,
    code: SurveyCode,
    unit: Annotated[UnitCode | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> SurveyResultPage:
    """Shows for each unit the shares of satisfied answers by factor and question, with 95 % intervals; weighted by
    people too, where they are known. Only when the survey is over, and never of fewer ballots than the smallest group.
    What is below its quota says so."""
    return await service.results(code, unit, cursor, limit)


export(router, results, RESULTS, resource="surveys.results", path="/{code}/results")
