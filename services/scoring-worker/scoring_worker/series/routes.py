"""Indices that others publish, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.schemas import bounded
from cchc_shared.service.context import use
from scoring_worker.series.schemas import (
    SeriesCode,
    SeriesList,
    SeriesOfTerritory,
    SeriesYearIn,
    SeriesYearOut,
    Year,
)
from scoring_worker.series.service import Series

router = APIRouter(prefix="/v1/series", tags=["series"])

Service = Annotated[Series, use(Series)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)]
EnteringCaller = Annotated[Principal, allow(Role.SYSTEM, Role.SCORING_BOARD)]
Version = Annotated[int | None, Query(ge=1, le=100_000)]


@router.get("", summary="List indices that others publish", operation_id="series.list")
async def list_(_: ReadingCaller, service: Service) -> SeriesList:
    """Lists every year of every index that is kept here, without its rows."""
    return await service.all()


@router.get("/{code}", summary="Follow a province over the years", operation_id="series.territory")
async def territory(
    _: ReadingCaller,
    service: Service,
    code: SeriesCode,
    of: Annotated[str, bounded(20, min_length=1), Query(alias="territory")],
) -> SeriesOfTerritory:
    """Shows what was published of a province, the latest year first."""
    return await service.of_territory(code, of)


@router.get("/{code}/{year}", summary="Read the table of a year", operation_id="series.get")
async def get(
    _: ReadingCaller, service: Service, code: SeriesCode, year: Year, version: Version = None
) -> SeriesYearOut:
    """Shows a table as it was published; in its newest version, or in the one that is named."""
    return await service.year(code, year, version)


@router.put("/{code}/{year}", summary="Enter the table of a year", operation_id="series.enter")
async def enter(
    caller: EnteringCaller, service: Service, code: SeriesCode, year: Year, body: SeriesYearIn
) -> SeriesYearOut:
    """Takes in a table whole. Each total must be the sum of its parts, and no rank may contradict the totals. What
    stood before is kept as an earlier version; the same table again makes none."""
    return await service.enter(code, year, body, caller.sub)
