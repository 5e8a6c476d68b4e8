"""POST /v1/routing/trials."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.service.context import use
from feedback_api.trials.schemas import TrialIn, TrialOut
from feedback_api.trials.service import Trials

router = APIRouter(tags=["feedback"])

Service = Annotated[Trials, use(Trials)]
TrialCaller = Annotated[Principal, allow(Role.COORDINATOR, Role.OPERATOR)]


@router.post(
    "/v1/routing/trials",
    summary="Try routing rules on past reports",
    operation_id="routing.trial",
    response_model_exclude_unset=True,
)
async def run(service: Service, _: TrialCaller, body: TrialIn) -> TrialOut:
    """Routes past reports by the rules in force and by the rules on trial, and shows what would change. Nothing is
    stored, and no words of reports are shown. Reports whose sender named a unit are left out."""
    return await service.run(body)
