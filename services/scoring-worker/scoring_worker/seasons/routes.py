"""Routes of seasons: open, list, read, move on, publish."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import etag, show_version
from cchc_shared.http.history import History
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED, Command
from cchc_shared.storage.idempotency import Reply
from scoring_worker.seasons.domain import Stage
from scoring_worker.seasons.schemas import (
    LinkNumber,
    PublishedCriteria,
    SeasonCode,
    SeasonFindings,
    SeasonFindingsQuery,
    SeasonIn,
    SeasonLink,
    SeasonLinks,
    SeasonOut,
    SeasonPage,
    SeasonQuery,
    SeasonReasonIn,
    SeasonRescheduleIn,
    SeasonResults,
    SeasonUnitsIn,
)
from scoring_worker.seasons.service import Seasons
from scoring_worker.seasons.sheets import CRITERIA, FINDINGS, RESULTS
from scoring_worker.seasons.transitions import SeasonAction

router = APIRouter(prefix="/v1/seasons", tags=["seasons"])

Service = Annotated[Seasons, use(Seasons)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]
RunningCaller = Annotated[Principal, allow(Role.SCORING_BOARD, Role.UNIT_HEAD)]

action = ActionRoutes(
    router,
    resource="seasons",
    code=SeasonCode,
    caller=RunningCaller,
    service=Seasons,
    shown=SeasonOut,
    at_once=False,
)


@router.post(
    "",
    status_code=201,
    response_model=SeasonOut,
    summary="Open a season",
    operation_id="seasons.open",
    responses=may_answer(NOT_PERMITTED),
)
async def open_(
    service: Service, request: Request, caller: RunningCaller, body: SeasonIn, key: IdempotencyKey = None
) -> Response:
    """The scoring board opens a season of the city; the head of a unit one of the units below it. The version of the
    index set, the units with their names and kinds, and who appraises which field are fixed from then on."""
    return respond(await service.open(body, caller, key, await request_digest(request)))


@router.get("", summary="List seasons", operation_id="seasons.list")
async def list_(service: Service, caller: ReadingCaller, query: Annotated[SeasonQuery, Query()]) -> SeasonPage:
    """Lists seasons, the newest first, each in the stage that it is in now."""
    return await service.page(query, caller)


@router.get("/{code}", summary="Read a season", responses=NOT_MODIFIED, operation_id="seasons.get")
async def get(
    service: Service, request: Request, response: Response, caller: ReadingCaller, code: SeasonCode
) -> SeasonOut:
    """Shows a season with its units and dates. The ETag is its version; every action requires it in `If-Match`."""
    found = await service.get(code, caller)
    show_version(request, response, found.version, lasting=found.stage in {Stage.FINAL, Stage.CANCELLED})
    return found


@router.get("/{code}/history", summary="Read the history of a season", operation_id="seasons.history")
async def history(service: Service, _: ReadingCaller, code: SeasonCode) -> History:
    """Lists who opened it, changed its dates or published it, and why."""
    return await service.history(code)


@router.get(
    "/{code}/results",
    summary="Show how the units stand",
    operation_id="seasons.results",
    responses=may_answer(NOT_FOUND),
)
async def results(service: Service, caller: ReadingCaller, code: SeasonCode) -> SeasonResults:
    """Shows totals, ranks and bands, the best first. Before publication staff of a unit see their own, without a rank;
    a published season shows what was published."""
    return await service.results(code, caller)


export(router, results, RESULTS, resource="seasons.results", path="/{code}/results")


@router.get(
    "/{code}/publication",
    summary="Download what was published",
    operation_id="seasons.publication",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {"schema": {"type": "object"}}}},
        **may_answer(NOT_FOUND),
        **NOT_MODIFIED,
    },
)
async def publication(service: Service, _: ReadingCaller, code: SeasonCode, link: LinkNumber | None = None) -> Response:
    """Gives a link of the chain byte for byte: the newest of the season, or the one with this number. Such files are
    verified without this system, by a command that the guide to seasons names. The ETag is the hash of the link."""
    found, document = await service.publication(code, link)
    headers = {
        "ETag": etag(found.sha256),
        "Content-Disposition": f'attachment; filename="{code}-{found.number}.json"',
    }
    return Response(document.encode(), headers=headers, media_type="application/json")


@router.get("/{code}/publication/links", summary="List what was published", operation_id="seasons.links")
async def links(service: Service, _: ReadingCaller, code: SeasonCode) -> SeasonLinks:
    """Lists the links of the season, oldest first: the publication, and its corrections with their reasons."""
    return SeasonLinks(items=[SeasonLink.model_validate(each) for each in await service.links(code)])


@router.get(
    "/{code}/publication/criteria",
    summary="List the published points",
    operation_id="seasons.published",
    responses=may_answer(NOT_FOUND),
)
async def criteria(
    service: Service, _: ReadingCaller, code: SeasonCode, cursor: Cursor = None, limit: Limit = 200
) -> PublishedCriteria:
    """Lists every criterion of every unit with its points by step, as published last."""
    return await service.published_rows(code, cursor, limit)


export(router, criteria, CRITERIA, resource="seasons.publication", path="/{code}/publication")


@router.get(
    "/{code}/findings",
    summary="List the findings of a season",
    operation_id="seasons.findings",
    responses=may_answer(NOT_FOUND),
)
async def findings(
    service: Service, _: ReadingCaller, code: SeasonCode, query: Annotated[SeasonFindingsQuery, Query()]
) -> SeasonFindings:
    """Lists the criteria that were published below the bound of the season, unit by unit, with why points were lost,
    who answers for it and which task mends it, and what of that is missing still."""
    return await service.findings(code, query)


export(router, findings, FINDINGS, resource="seasons.findings", path="/{code}/findings")


@action(SeasonAction.ADVANCE, "End the present stage", SeasonReasonIn)
async def advance(service: Seasons, command: Command, body: SeasonReasonIn) -> Reply:
    """Ends the present stage now, before its date. It cannot be opened again."""
    return await service.advance(command, body)


@action(SeasonAction.RESCHEDULE, "Change dates", SeasonRescheduleIn)
async def reschedule(service: Seasons, command: Command, body: SeasonRescheduleIn) -> Reply:
    """Changes dates that lie ahead. A stage that has ended stays so."""
    return await service.reschedule(command, body)


@action(SeasonAction.ADD_UNITS, "Add units", SeasonUnitsIn)
async def add_units(service: Seasons, command: Command, body: SeasonUnitsIn) -> Reply:
    """Lets further units take part, until the time for self-scores is over: nobody joins later, and nobody is taken
    out. The history says who added them, and why."""
    return await service.add_units(command, body)


@action(SeasonAction.CANCEL, "Cancel a season", SeasonReasonIn)
async def cancel(service: Seasons, command: Command, body: SeasonReasonIn) -> Reply:
    """Ends a season that was not published, without a result. What was entered stays to be read."""
    return await service.cancel(command, body)


@action(SeasonAction.PUBLISH, "Publish a season")
async def publish(service: Seasons, command: Command, _: object) -> Reply:
    """Freezes every unit's part when the council is done, and adds it to the chain of this owner and set. The numbers
    that it read can be entered no more for these units and this period."""
    return await service.publish(command)
