"""Index sets over HTTP."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.problems import unsupported_media_type
from cchc_shared.service.context import use
from scoring_worker.loading import views
from scoring_worker.loading.problems import VERSION_TAKEN
from scoring_worker.loading.schemas import (
    SET_BODY,
    WORKBOOK,
    WORKBOOK_ANSWER,
    YAML,
    OtherVersion,
    SetCode,
    SetDifferences,
    SetDocument,
    SetList,
    SetLoaded,
    SetVersion,
)
from scoring_worker.loading.service import IndexSetLoader
from scoring_worker.workbooks.writing import write

router = APIRouter(prefix="/v1/index-sets", tags=["index-sets"])

Service = Annotated[IndexSetLoader, use(IndexSetLoader)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)]
LoadingCaller = Annotated[Principal, allow(Role.SCORING_BOARD)]


@router.get("", summary="List index sets", operation_id="index_sets.list")
async def list_(_: ReadingCaller, service: Service) -> SetList:
    """Lists every version of every index set, by code and by when it takes effect."""
    return SetList(items=[views.version(stored) for stored in await service.all()])


@router.post(
    "",
    status_code=201,
    response_model=SetLoaded,
    summary="Load an index set",
    operation_id="index_sets.load",
    responses={
        200: {"model": SetLoaded, "description": "It is known already, or was only tried"},
        **may_answer(VERSION_TAKEN),
    },
    openapi_extra=SET_BODY,
)
async def load(
    _: LoadingCaller, service: Service, request: Request, response: Response, *, dry_run: bool = False
) -> SetLoaded:
    """Takes an index set in YAML or as a workbook (.xlsx) and scores by it from now on. Every fault is named by its
    path, and by its cell. A version is never changed: another content needs another version. With `dry_run` it is only
    checked."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {YAML, WORKBOOK}:
        raise unsupported_media_type(f"{YAML}, {WORKBOOK}")
    loaded = await service.take(await request.body(), is_workbook=media_type == WORKBOOK, dry_run=dry_run)
    if loaded.status != "loaded":
        response.status_code = 200
    return loaded


@router.get("/{code}/versions/{version}", summary="Read an index set", operation_id="index_sets.get")
async def get(_: ReadingCaller, service: Service, code: SetCode, version: SetVersion) -> SetDocument:
    """Shows a version of an index set with its whole document."""
    return views.document(await service.get(code, version))


@router.get(
    "/{code}/versions/{version}/export.xlsx",
    summary="Export an index set as a workbook",
    operation_id="index_sets.export",
    response_class=Response,
    responses=WORKBOOK_ANSWER,
)
async def export(_: ReadingCaller, service: Service, code: SetCode, version: SetVersion) -> Response:
    """Gives a version of an index set as a workbook (.xlsx) that people edit and send back as the next version; that
    of any set is a template for another. What is not changed in it comes back as the same set."""
    stored = await service.get(code, version)
    content = await to_thread.run_sync(write, stored.document.index_set, stored.loaded_at)
    return Response(content, media_type=WORKBOOK, headers=views.attached(stored))


@router.get(
    "/{code}/versions/{version}/differences",
    summary="Compare two versions of an index set",
    operation_id="index_sets.differences",
)
async def differences(
    _: ReadingCaller, service: Service, code: SetCode, version: SetVersion, other: OtherVersion
) -> SetDifferences:
    """Lists what is not the same in two versions, the one in the path being the former."""
    return views.differences(await service.get(code, version), await service.get(code, other))
