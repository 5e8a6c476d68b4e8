"""Comparisons over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import NO_NUL
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from scoring_worker.comparison import views
from scoring_worker.comparison.problems import SEASON_NOT_PUBLISHED
from scoring_worker.comparison.schemas import ComparisonSheet, ScoreComparison, SeasonComparison, SeasonComparisonSheet
from scoring_worker.comparison.service import Compared, ComparedSeasons, Comparisons
from scoring_worker.comparison.sheets import COMPARISON, SEASONS
from scoring_worker.periods import Period, parse
from scoring_worker.scores.routes import period_of
from scoring_worker.scoring.schemas import PERIOD
from scoring_worker.seasons.schemas import CODE, SeasonCode

router = APIRouter(prefix="/v1/scores", tags=["scores"])
of_seasons = APIRouter(prefix="/v1/seasons", tags=["seasons"])

ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]
Service = Annotated[Comparisons, use(Comparisons)]


async def _compared(
    _: ReadingCaller,
    service: Service,
    set_code: Annotated[str, Query(alias="set", max_length=50, pattern=NO_NUL, description="Code of the index set")],
    period: Annotated[Period, Depends(period_of)],
    unit: Annotated[str, Query(max_length=100, pattern=NO_NUL)],
    other: Annotated[
        str | None, Query(alias="with", max_length=100, pattern=NO_NUL, description="Another unit, in the same period")
    ] = None,
    with_period: Annotated[
        str | None, Query(max_length=7, pattern=PERIOD, description="Another period of the same unit")
    ] = None,
) -> Compared:
    _check_one(other, with_period, "with_period")
    second = (unit if other is None else other), (period if with_period is None else parse(with_period))
    return await service.compare(set_code, (unit, period), second)


Found = Annotated[Compared, Depends(_compared)]


@router.get("/compare", summary="Compare two scores", operation_id="scores.compare", responses=may_answer(NOT_FOUND))
async def compare(found: Found) -> ScoreComparison:
    """Puts the scores of two units in a period, or of a unit in two periods, beside each other, criterion by criterion,
    the largest differences first. The periods may be scored by two versions of the set: criteria are the same if their
    codes are, and what only one version has says so."""
    return views.comparison(found)


async def _sheet(found: Found) -> ComparisonSheet:
    return views.sheet(found)


export(router, _sheet, COMPARISON, resource="scores.comparison", path="/compare")


async def _compared_seasons(
    _: ReadingCaller,
    service: Service,
    code: SeasonCode,
    unit: Annotated[str, Query(max_length=100, pattern=NO_NUL)],
    other: Annotated[
        str | None, Query(alias="with", max_length=100, pattern=NO_NUL, description="Another unit, in the same season")
    ] = None,
    with_season: Annotated[
        str | None, Query(max_length=30, pattern=CODE, description="Another season of the same unit and index set")
    ] = None,
) -> ComparedSeasons:
    _check_one(other, with_season, "with_season")
    second = (code if with_season is None else with_season), (unit if other is None else other)
    return await service.compare_published((code, unit), second)


FoundSeasons = Annotated[ComparedSeasons, Depends(_compared_seasons)]


@of_seasons.get(
    "/{code}/compare",
    summary="Compare what seasons published",
    operation_id="seasons.compare",
    responses=may_answer(NOT_FOUND, SEASON_NOT_PUBLISHED),
)
async def compare_seasons(found: FoundSeasons) -> SeasonComparison:
    """Puts a unit in two published seasons, or two units in one, beside each other, criterion by criterion, the largest
    differences first: from the published documents alone, with the points of each step. What a unit said of its
    findings stands beside. Across two versions of the set, criteria that only one of them has say so."""
    return views.seasons(found)


async def _seasons_sheet(found: FoundSeasons) -> SeasonComparisonSheet:
    return views.seasons_sheet(found)


export(of_seasons, _seasons_sheet, SEASONS, resource="seasons.comparison", path="/{code}/compare")


def _check_one(unit: str | None, other: str | None, name: str) -> None:
    """Two units at one time, or a unit at two times. Raises a 422 problem."""
    if (unit is None) == (other is None):
        vi, en = f"phải có đúng một trong hai: `with`, `{name}`", f"either `with` or `{name}` must be given"
        raise invalid([FieldError("query.with", vi, en)])
