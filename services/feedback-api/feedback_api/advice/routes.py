"""Advice on a report."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.http.access import Principal, allow
from cchc_shared.service.context import use
from feedback_api.advice.schemas import AdviceOut
from feedback_api.advice.service import Advice
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.schemas import Code

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])


@router.get("/{code}/advice", summary="Read advice on a report", operation_id="feedback.advice")
async def advice(
    code: Code, caller: Annotated[Principal, allow(*UNIT_STAFF, *READ_ALL)], service: Annotated[Advice, use(Advice)]
) -> AdviceOut:
    """Shows officials of the report which refusal, severity and categories its words point to, how many others may tell
    the same, and what the draft of its answer may lack. It is found by word lists and may be wrong: you decide."""
    return await service.on(code, caller)
