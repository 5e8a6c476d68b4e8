"""Numbers of indicators over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.http.schemas import UnitCode
from cchc_shared.service.context import use
from scoring_worker.indicators import views
from scoring_worker.indicators.schemas import (
    IndicatorCode,
    IndicatorList,
    IndicatorResults,
    IndicatorValueOut,
    IndicatorValuePage,
    IndicatorValuesIn,
    PeriodCode,
)
from scoring_worker.indicators.service import Indicators

router = APIRouter(prefix="/v1/indicators", tags=["indicators"])

Service = Annotated[Indicators, use(Indicators)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)]
EnteringCaller = Annotated[Principal, allow(Role.SYSTEM, Role.SCORING_BOARD)]


@router.get("", summary="List indicators", operation_id="indicators.list")
async def list_(_: ReadingCaller, service: Service) -> IndicatorList:
    """Lists every indicator that an index set reads, with where its numbers come from."""
    return IndicatorList(
        items=[views.indicator(code, known) for code, known in sorted((await service.known()).items())]
    )


@router.put("/values", summary="Enter numbers of indicators", operation_id="indicators.enter")
async def enter(caller: EnteringCaller, service: Service, body: IndicatorValuesIn) -> IndicatorResults:
    """Takes in numbers of units in periods, all or none, and moves the scores that read them. What stood before is kept
    as an earlier version; sending the same again changes nothing. A number holds for the very period that it is given
    for: those of months are not added up."""
    return IndicatorResults(results=await service.enter([item.entered() for item in body.items], caller))


@router.get(
    "/values",
    summary="Read numbers of indicators",
    operation_id="indicators.values",
    responses=may_answer(NOT_FOUND),
)
async def values(
    caller: ReadingCaller,
    service: Service,
    unit: Annotated[UnitCode, Query()],
    period: Annotated[PeriodCode, Query()],
    indicator: Annotated[IndicatorCode | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> IndicatorValuePage:
    """Lists what was entered for a unit and period, with every version. Staff see those of their own unit, a connected
    system those of the units in its scope."""
    own = caller.has(*OVERSIGHT, Role.SYSTEM) or caller.unit == unit
    if not (own and caller.may_speak_of(unit)):
        raise not_found("đơn vị", "the unit")
    after = ("", 0) if cursor is None else decode_cursor(cursor, str, int)
    found = await service.versions(unit, period, indicator, after, limit + 1)
    shown = [IndicatorValueOut.of(version) for version in found[:limit]]
    more = len(found) > limit
    return IndicatorValuePage(
        unit=unit,
        period=period,
        items=shown,
        next_cursor=encode_cursor(shown[-1].indicator, shown[-1].version) if more else None,
    )
