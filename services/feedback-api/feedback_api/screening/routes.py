"""POST /v1/feedback/screenings."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.contract.screening import screen
from cchc_shared.http.access import Principal, allow
from feedback_api.screening.schemas import FindingOut, ScreeningIn, ScreeningOut

router = APIRouter(tags=["privacy"])

OfficialCaller = Annotated[Principal, allow(*UNIT_STAFF, Role.COORDINATOR, Role.INSPECTOR)]


@router.post("/v1/feedback/screenings", summary="Look for personal data in a text", operation_id="privacy.screen")
async def screening(_: OfficialCaller, body: ScreeningIn) -> ScreeningOut:
    """Shows which personal data stand in a text, and the text without them. Names and addresses are not found: read the
    text before you publish it. The text is not stored."""
    found = screen(body.text)
    findings = [FindingOut.model_validate(finding) for finding in found.findings]
    return ScreeningOut(text=body.text, masked=found.masked, findings=findings)
