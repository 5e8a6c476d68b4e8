"""HTTP of plans."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Form, Header, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import IdempotencyKey, reply, respond
from cchc_shared.http.paging import Cursor, Limit, encode_cursor
from cchc_shared.http.problems import language_of
from cchc_shared.http.schemas import Day
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.cursors import id_before
from tasks_api.models import idempotency
from tasks_api.plans import repository, service
from tasks_api.plans.schemas import ImportIn, ImportOut, PlanOut, PlanPage, ProgressOut
from tasks_api.resources import Here
from tasks_api.tasks import access

router = APIRouter(prefix="/v1/plans", tags=["plans"])

Code = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9-]+$")]
Staff = Annotated[Principal, allow(*access.STAFF)]
Importer = Annotated[Principal, allow(Role.COORDINATOR, Role.OPERATOR)]


@router.get("", summary="Plans, newest first")
async def list_plans(
    here: Here,
    _: Staff,
    document_no: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PlanPage:
    """Every plan that was imported."""
    before = id_before(cursor)
    async with here.engine.connect() as conn:
        found = await repository.page(conn, document_no=document_no, before=before, limit=limit + 1)
    items = [PlanOut.model_validate(plan) for plan in found[:limit]]
    return PlanPage(items=items, next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@router.post(
    "/import",
    summary="Import a plan from its document",
    response_model=ImportOut,
    responses={201: {"model": ImportOut, "description": "Imported; 200: a dry run, or it was there already"}},
)
async def import_plan(
    here: Here,
    caller: Importer,
    body: Annotated[ImportIn, Form(media_type="multipart/form-data")],
    dry_run: bool = False,
    accept_language: Annotated[str | None, Header()] = None,
    key: IdempotencyKey = None,
) -> Response:
    """Each doubtful cell is a warning. One impossible cell, and nothing is imported: the problem names all of them."""
    document = service.Document(
        document_no=body.document_no,
        issued_on=body.issued_on,
        title=body.title,
        issuer=body.issuer,
        file_name=body.file.filename or "",
        content=await body.file.read(),
    )

    async def work(conn: AsyncConnection) -> Reply:
        done = await service.import_plan(here, conn, document, actor=caller.sub, dry_run=dry_run)
        shown = ImportOut.of(done, document, language_of(accept_language))
        headers = {"Location": f"/v1/plans/{done.plan.code}", "ETag": etag(done.plan.version)} if done.plan else {}
        return reply(201 if done.created else 200, shown, headers)

    # Two uploads of one file differ in their multipart boundaries: what is said counts, not how.
    digest = hashlib.sha256(document.digest() + bytes([dry_run])).digest()
    answer = await once(here.engine, idempotency, caller=caller.sub, key=key, digest=digest, work=work)
    return respond(answer)


@router.get("/{code}", summary="One plan")
async def get_plan(here: Here, response: Response, _: Staff, code: Code) -> PlanOut:
    """Its tasks are `GET /v1/tasks?plan=`."""
    plan = await service.find(here, code)
    response.headers["ETag"] = etag(plan.version)
    return PlanOut.model_validate(plan)


@router.get("/{code}/progress", summary="How far a plan is on any day")
async def get_progress(
    here: Here,
    _: Staff,
    code: Code,
    as_of: Annotated[Day | None, Query(description="At the end of that local day; today when absent")] = None,
) -> ProgressOut:
    """Past days as they were, from the history of every task; a future day as it will be if nothing happens."""
    return ProgressOut.of(await service.progress_of(here, code, as_of))
