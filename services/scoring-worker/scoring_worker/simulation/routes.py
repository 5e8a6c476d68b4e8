"""Simulations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.problems import not_found
from cchc_shared.http.schemas import NO_NUL
from cchc_shared.service.context import use
from scoring_worker.periods import Period
from scoring_worker.scores.routes import Code, period_of
from scoring_worker.simulation.schemas import Gains, Simulation, SimulationIn
from scoring_worker.simulation.service import Simulations

router = APIRouter(prefix="/v1", tags=["simulations"])

Service = Annotated[Simulations, use(Simulations)]
Caller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]


@router.post(
    "/simulations",
    summary="Try another way of scoring",
    operation_id="simulations.run",
    responses=may_answer(NOT_FOUND),
)
async def run(caller: Caller, service: Service, body: SimulationIn) -> Simulation:
    """Scores all units as they are, and as they would be with other weights or rules, or if tasks and reports were done
    by a day; for staff, those of their own unit. Nothing is stored. With other weights, points need not add up to the
    maximum of the set."""
    return await service.run(body, None if caller.has(*OVERSIGHT) else caller.unit or "")


@router.get(
    "/scores/{unit}/gains",
    summary="What would raise a score most",
    operation_id="simulations.gains",
    responses=may_answer(NOT_FOUND),
)
async def gains(
    unit: Code,
    caller: Caller,
    service: Service,
    period: Annotated[Period, Depends(period_of)],
    set_code: Annotated[str, Query(alias="set", max_length=50, pattern=NO_NUL, description="Code of the index set")],
) -> Gains:
    """Lists the open tasks and reports of a unit that count in the period, with what each would bring if it were done
    now, the most first. Staff see those of their own unit."""
    if not caller.has(*OVERSIGHT) and caller.unit != unit:
        raise not_found("đơn vị", "the unit")
    return await service.gains(unit, set_code, period)
