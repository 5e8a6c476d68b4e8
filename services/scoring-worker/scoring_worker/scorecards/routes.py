"""Routes of a unit's card in a season."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.etag import IfMatch, show_version
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from scoring_worker.scorecards import views
from scoring_worker.scorecards.schemas import (
    AppraisalsIn,
    CouncilScoresIn,
    ExplanationsIn,
    FindingsIn,
    ObjectionsIn,
    OfUnit,
    RulingsIn,
    Scorecard,
    ScorecardEntries,
    ScorecardEntriesQuery,
    ScorecardSheet,
    SelfScoresIn,
)
from scoring_worker.scorecards.service import Scorecards, Wish
from scoring_worker.scorecards.sheets import CARD
from scoring_worker.seasons.domain import Step
from scoring_worker.seasons.schemas import SeasonCode

router = APIRouter(prefix="/v1/seasons/{code}/units/{unit}", tags=["seasons"])

Service = Annotated[Scorecards, use(Scorecards)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]
AppraisingCaller = Annotated[Principal, allow(*UNIT_STAFF, Role.SCORING_BOARD)]
DecidingCaller = Annotated[Principal, allow(Role.COUNCIL, Role.UNIT_HEAD)]
RunningCaller = Annotated[Principal, allow(Role.SCORING_BOARD, Role.UNIT_HEAD)]
_ENTERING = may_answer(NOT_FOUND, WRONG_STATE, NOT_PERMITTED)


@router.get("", summary="Read a unit's card", responses=may_answer(NOT_FOUND), operation_id="scorecards.get")
async def get(
    service: Service, request: Request, response: Response, caller: ReadingCaller, code: SeasonCode, unit: OfUnit
) -> Scorecard:
    """Shows every criterion with its points by step, the newest entry of each step, and what this caller can enter now.
    A unit sees its own card, who works on a card sees it, and everybody sees it once it is published. The ETag counts
    what was entered; whatever is entered requires it in `If-Match`, and is refused (412) only where something was
    entered of the same criteria since: `criteria` names them. Who works on other fields is not disturbed."""
    found = await service.get(code, unit, caller)
    show_version(request, response, found.version, lasting=False)
    return found


async def _sheet(service: Service, caller: ReadingCaller, code: SeasonCode, unit: OfUnit) -> ScorecardSheet:
    return views.sheet(await service.get(code, unit, caller))


export(router, _sheet, CARD, resource="scorecards")


@router.get(
    "/entries",
    summary="List what was entered on a card",
    operation_id="scorecards.entries",
    responses=may_answer(NOT_FOUND),
)
async def entries(
    service: Service,
    caller: ReadingCaller,
    code: SeasonCode,
    unit: OfUnit,
    query: Annotated[ScorecardEntriesQuery, Query()],
) -> ScorecardEntries:
    """Lists every entry with its author and reason, the oldest first. None is ever changed."""
    return await service.entries(code, unit, query, caller)


@router.put("/self-scores", summary="Enter self-scores", operation_id="scorecards.self_score", responses=_ENTERING)
async def self_scores(
    service: Service,
    request: Request,
    response: Response,
    caller: StaffCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: SelfScoresIn,
) -> Scorecard:
    """Staff of the unit give it points, with evidence, or with the calculation where there is none. All items are taken
    or none; criteria that are not named stay as they are. At its date the stage is over by itself."""
    items = [each.item() for each in body.items]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), [Step.SELF_SCORE], items))


@router.put("/appraisals", summary="Enter appraisals", operation_id="scorecards.appraise", responses=_ENTERING)
async def appraisals(
    service: Service,
    request: Request,
    response: Response,
    caller: AppraisingCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: AppraisalsIn,
) -> Scorecard:
    """Staff of the unit that owns a field, or whoever runs the season where none does, give points in both appraisals,
    or ask for an explanation in the first. Nobody appraises their own unit."""
    items = [each.item() for each in body.items]
    steps = [Step.APPRAISAL_1, Step.APPRAISAL_2]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), steps, items))


@router.put("/explanations", summary="Explain", operation_id="scorecards.explain", responses=_ENTERING)
async def explanations(
    service: Service,
    request: Request,
    response: Response,
    caller: StaffCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: ExplanationsIn,
) -> Scorecard:
    """Staff of the unit explain what they were asked to."""
    items = [each.item() for each in body.items]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), [Step.EXPLANATION], items))


@router.put(
    "/council-scores", summary="Enter the council's decisions", operation_id="scorecards.decide", responses=_ENTERING
)
async def council_scores(
    service: Service,
    request: Request,
    response: Response,
    caller: DecidingCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: CouncilScoresIn,
) -> Scorecard:
    """The council gives other points, with the reason. Where it says nothing, the appraisal stands."""
    items = [each.item() for each in body.items]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), [Step.COUNCIL], items))


@router.put("/objections", summary="Object", operation_id="scorecards.object", responses=_ENTERING)
async def objections(
    service: Service,
    request: Request,
    response: Response,
    caller: StaffCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: ObjectionsIn,
) -> Scorecard:
    """Staff of the unit object to what was published, until `objections_until`."""
    items = [each.item() for each in body.items]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), [Step.OBJECTION], items))


@router.put("/rulings", summary="Answer objections", operation_id="scorecards.rule", responses=_ENTERING)
async def rulings(
    service: Service,
    request: Request,
    response: Response,
    caller: RunningCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: RulingsIn,
) -> Scorecard:
    """Who runs the season rejects objections, or corrects the points: a correction is a new link of the chain that
    names the one it corrects, with the ranks as they are then."""
    items = [each.item() for each in body.items]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), [Step.RULING], items))


@router.put("/findings", summary="Say how findings are mended", operation_id="scorecards.mend", responses=_ENTERING)
async def findings(
    service: Service,
    request: Request,
    response: Response,
    caller: StaffCaller,
    code: SeasonCode,
    unit: OfUnit,
    seen: IfMatch,
    body: FindingsIn,
) -> Scorecard:
    """Staff of the unit say why points were lost, which unit and position answer for it, and which task mends it. It
    stands on the unit's card in the next season."""
    items = [each.item() for each in body.items]
    return _answer(request, response, await service.enter(Wish(code, unit, caller, seen), [Step.FINDING], items))


def _answer(request: Request, response: Response, card: Scorecard) -> Scorecard:
    show_version(request, response, card.version, lasting=False)
    return card
