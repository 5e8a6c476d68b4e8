"""GET /v1/vocabulary."""

from typing import Annotated

from fastapi import APIRouter, Response

from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.service.context import use
from feedback_api.reports.schemas import AnyCaller
from feedback_api.vocabulary.schemas import VocabularyOut

router = APIRouter(tags=["feedback"])

KEPT_SECONDS = 300


@router.get(
    "/v1/vocabulary",
    summary="Read the codes of reports with their labels",
    operation_id="vocabulary.get",
    response_model=VocabularyOut,
    responses=NOT_MODIFIED,
)
async def read(_: AnyCaller, vocabulary: Annotated[VocabularyOut, use(VocabularyOut)]) -> Response:
    """Shows every list of codes that stand in reports or in requests, in Vietnamese and English: statuses with what
    they mean to a citizen, kinds, categories, severities, channels, outcomes, reasons, purposes. It changes with the
    city's rules: ask with its ETag. Units have their names at `/v1/units`."""
    return tagged(vocabulary, kept_seconds=KEPT_SECONDS)
