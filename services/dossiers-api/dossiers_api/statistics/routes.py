"""Statistics of dossiers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.service.context import use
from dossiers_api.dossiers.access import counted_unit
from dossiers_api.statistics.schemas import DossierStatistics, DossierStatisticsQuery
from dossiers_api.statistics.service import Statistics

router = APIRouter(prefix="/v1/statistics/dossiers", tags=["dossiers"])


@router.get("", summary="Count dossiers", operation_id="dossiers.count", responses=may_answer(NOT_FOUND))
async def count(
    caller: Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)],
    service: Annotated[Statistics, use(Statistics)],
    query: Annotated[DossierStatisticsQuery, Query()],
) -> DossierStatistics:
    """Counts what was received in a time, as it stands now. Staff count the dossiers of their own unit."""
    return await service.count(query, counted_unit(caller, query.unit))
