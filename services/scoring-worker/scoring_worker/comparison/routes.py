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
from scoring_worker.comparison.schemas import ComparisonSheet, ScoreComparison
from scoring_worker.comparison.service import Compared, Comparisons
from scoring_worker.comparison.sheets import COMPARISON
from scoring_worker.periods import Period, parse
from scoring_worker.scores.routes import period_of
from scoring_worker.scoring.schemas import PERIOD

router = APIRouter(prefix="/v1/scores", tags=["scores"])


async def _compared(
    _: Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)],
    service: Annotated[Comparisons, use(Comparisons)],
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
    if (other is None) == (with_period is None):
        vi, en = "phải có đúng một trong hai: `with`, `with_period`", "either `with` or `with_period` must be given"
        raise invalid([FieldError("query.with", vi, en)])
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
