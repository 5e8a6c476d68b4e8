"""Routes of exported components."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.schemas import UnitCode
from cchc_shared.service.context import use
from scoring_worker.components.schemas import Component, ComponentKeys, OfField, OfSet
from scoring_worker.components.service import Components
from scoring_worker.periods import Period
from scoring_worker.scores.routes import period_of

router = APIRouter(prefix="/v1/components", tags=["seasons"])

Service = Annotated[Components, use(Components)]
ReadingCaller = Annotated[Principal, allow(Role.SYSTEM, *UNIT_STAFF, *OVERSIGHT)]


@router.get("/keys", summary="Read the key of signatures", operation_id="components.keys")
async def keys(service: Service, _: Annotated[Principal | None, public()]) -> ComponentKeys:
    """Lists the public keys by which signatures of components are checked, as a JSON Web Key Set. It is empty where the
    installation has none."""
    return service.keys()


@router.get(
    "/{set_code}/{field}",
    summary="Export a field of an index",
    operation_id="components.get",
    responses=may_answer(NOT_FOUND),
)
async def get(
    service: Service,
    _: ReadingCaller,
    set_code: OfSet,
    field: OfField,
    period: Annotated[Period, Depends(period_of)],
    owner: Annotated[UnitCode | None, Query(description="The unit that runs the seasons; absent: the city")] = None,
) -> Component:
    """Gives the points of every unit in one field, for other indices that take them in: only of what was published, by
    its newest link, with the hash of that and a signature."""
    return await service.get(owner, set_code, field, period.code)
