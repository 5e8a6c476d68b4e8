"""Sensitivity over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND, OVERLOADED
from cchc_shared.service.context import use
from scoring_worker.sensitivity.schemas import Sensitivity, SensitivityIn
from scoring_worker.sensitivity.service import Sensitivities

router = APIRouter(prefix="/v1", tags=["sensitivity"])


@router.post(
    "/sensitivity",
    summary="See how stable ranks are",
    operation_id="sensitivity.run",
    responses=may_answer(NOT_FOUND, OVERLOADED),
)
async def run(
    _: Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)],
    service: Annotated[Sensitivities, use(Sensitivities)],
    body: SensitivityIn,
) -> Sensitivity:
    """Ranks the units of a kind again and again under weights that are drawn around those of the set: where the rank of
    each lies, how often it is first, keeps its rank and its band, and which neighbours change places. Who may read the
    scores may read this. Nothing is stored."""
    return await service.run(body)
