"""What became of dossiers, over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.language import AcceptLanguage
from cchc_shared.service.context import use
from dossiers_api.intake.schemas import DeliveriesIn, DossierResults
from dossiers_api.intake.service import Intake

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])


@router.post(
    "/events",
    summary="Say what became of dossiers",
    operation_id="dossiers.send",
    openapi_extra={"x-large-body": True},
)
async def send(
    caller: Annotated[Principal, allow(Role.SYSTEM)],
    intake: Annotated[Intake, use(Intake)],
    body: DeliveriesIn,
    accept_language: AcceptLanguage = None,
) -> DossierResults:
    """For one-stop software and portals: up to a thousand deliveries, each with a result of its own. An item may be in
    the words of the national portal instead (`MaHoSo`, `TrangThaiHoSo`, …; see the guide for vendors). Deliveries may
    come late, early, in any order and again: the dossier is what all of them say by their own times. No name is
    kept."""
    return DossierResults(results=await intake.take(body.items, caller, accept_language))
