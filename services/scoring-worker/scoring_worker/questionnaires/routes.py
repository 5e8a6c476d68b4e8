"""Questionnaires over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.problems import unsupported_media_type
from cchc_shared.service.context import use
from scoring_worker.questionnaires.problems import QUESTIONNAIRE_TAKEN
from scoring_worker.questionnaires.schemas import (
    YAML,
    YAML_BODY,
    QuestionnaireCode,
    QuestionnaireDocument,
    QuestionnaireHead,
    QuestionnaireList,
    QuestionnaireLoaded,
    QuestionnaireVersion,
)
from scoring_worker.questionnaires.service import Questionnaires

router = APIRouter(prefix="/v1/questionnaires", tags=["surveys"])

Service = Annotated[Questionnaires, use(Questionnaires)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)]
LoadingCaller = Annotated[Principal, allow(Role.SCORING_BOARD)]


@router.get("", summary="List questionnaires", operation_id="questionnaires.list")
async def list_(_: ReadingCaller, service: Service) -> QuestionnaireList:
    """Lists every version of every questionnaire."""
    return QuestionnaireList(items=[QuestionnaireHead.of(stored) for stored in await service.all()])


@router.post(
    "",
    status_code=201,
    response_model=QuestionnaireLoaded,
    summary="Load a questionnaire",
    operation_id="questionnaires.load",
    responses={
        200: {"model": QuestionnaireLoaded, "description": "It is known already, or was only tried"},
        **may_answer(QUESTIONNAIRE_TAKEN),
    },
    openapi_extra=YAML_BODY,
)
async def load(
    _: LoadingCaller, service: Service, request: Request, response: Response, *, dry_run: bool = False
) -> QuestionnaireLoaded:
    """Takes a questionnaire in YAML. Every fault is named by its path. A version is never changed: another content
    needs another version. With `dry_run` it is only checked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != YAML:
        raise unsupported_media_type(YAML)
    loaded = await service.take(await request.body(), dry_run=dry_run)
    if loaded.status != "loaded":
        response.status_code = 200
    return loaded


@router.get("/{code}/versions/{version}", summary="Read a questionnaire", operation_id="questionnaires.get")
async def get(
    _: ReadingCaller, service: Service, code: QuestionnaireCode, version: QuestionnaireVersion
) -> QuestionnaireDocument:
    """Shows a version of a questionnaire with its whole document: questions, scales, factors and sample."""
    return QuestionnaireDocument.of(await service.get(code, version))
