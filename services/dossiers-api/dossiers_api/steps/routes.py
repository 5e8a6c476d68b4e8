"""Steps of dossiers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import use
from dossiers_api.dossiers.access import counted_unit
from dossiers_api.dossiers.routes import Anybody, visible
from dossiers_api.dossiers.schemas import DossierCode
from dossiers_api.dossiers.service import Dossiers
from dossiers_api.steps.schemas import StepList, StepStatistics, StepStatisticsQuery
from dossiers_api.steps.service import Steps

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])
statistics = APIRouter(prefix="/v1/statistics/dossier-steps", tags=["dossiers"])


@router.get(
    "/{code}/steps",
    summary="See the steps of a dossier",
    operation_id="dossiers.steps",
    responses=may_answer(NOT_FOUND),
)
async def steps(
    code: DossierCode,
    caller: Anybody,
    dossiers: Annotated[Dossiers, use(Dossiers)],
    service: Annotated[Steps, use(Steps)],
    secret: TrackingSecret = None,
) -> StepList:
    """Shows which offices worked on a dossier since when, and which were late: to whoever may see the dossier."""
    await visible(caller, code, dossiers, secret)
    return await service.of(code)


@statistics.get(
    "", summary="Count steps of dossiers", operation_id="dossiers.count_steps", responses=may_answer(NOT_FOUND)
)
async def count(
    caller: Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)],
    service: Annotated[Steps, use(Steps)],
    query: Annotated[StepStatisticsQuery, Query()],
) -> StepStatistics:
    """Counts the steps that began in a time, as they stand now. Staff count those of their own unit."""
    return await service.count(query, counted_unit(caller, query.unit))
