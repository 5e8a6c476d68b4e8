"""Route of the worth of work."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from cchc_shared.http.access import Principal, allow
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from tasks_api.kpi.schemas import KpiOut, KpiQuery
from tasks_api.kpi.service import Kpi
from tasks_api.kpi.sheets import KPI
from tasks_api.tasks.access import OFFICIALS
from tasks_api.units.schemas import CODE

router = APIRouter(prefix="/v1/units", tags=["kpi"])

Service = Annotated[Kpi, use(Kpi)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
StaffCaller = Annotated[Principal, allow(*OFFICIALS)]


@router.get("/{code}/kpi", summary="What the work of a unit is worth", operation_id="kpi.get")
async def get(service: Service, caller: StaffCaller, code: Code, query: Annotated[KpiQuery, Query()]) -> KpiOut:
    """Sums what the tasks are worth that a unit led or co-ordinated and that were due in a period, or were completed in
    it where they have no deadline; each row says what it follows from. What is not late yet and not done counts later.
    `rules` says where the weights come from; they are a template unless the city decided on them. Staff see their own
    unit."""
    return await service.of_unit(code, query, caller)


export(router, get, KPI, resource="kpi", path="/{code}/kpi")
