"""Routes of plans: list, import, read, progress."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.idempotency import IdempotencyKey, respond
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.http.paging import Cursor, Limit, encode_cursor
from cchc_shared.http.schemas import Day
from cchc_shared.service.context import use
from tasks_api.cursors import id_before
from tasks_api.plans.schemas import DocumentNo, ImportIn, ImportOut, PlanOut, PlanPage, ProgressOut
from tasks_api.plans.service import DOCUMENT_NUMBER_TAKEN, PLAN_FAULTY, Plans
from tasks_api.tasks import access

router = APIRouter(prefix="/v1/plans", tags=["plans"])

Service = Annotated[Plans, use(Plans)]
PLAN_CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã kế hoạch", en="is not the code of a plan")
Code = Annotated[str, Path(max_length=100, pattern=PLAN_CODE)]
StaffCaller = Annotated[Principal, allow(*access.OFFICIALS)]
ImportingCaller = Annotated[Principal, allow(Role.COORDINATOR, Role.OPERATOR)]


@router.get("", summary="List plans", operation_id="plans.list")
async def list_(
    plans: Service,
    _: StaffCaller,
    document_no: DocumentNo | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PlanPage:
    """Lists all imported plans, newest first."""
    found = await plans.page(document_no=document_no, before=id_before(cursor), limit=limit + 1)
    items = [PlanOut.model_validate(plan) for plan in found[:limit]]
    return PlanPage(items=items, next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@router.post(
    "/import",
    summary="Import a plan from its document",
    operation_id="plans.import",
    response_model=ImportOut,
    responses={
        201: {
            "model": ImportOut,
            "description": "The plan was imported. A dry run, or a plan imported before, is answered 200",
        },
        **may_answer(PLAN_FAULTY, DOCUMENT_NUMBER_TAKEN),
    },
)
async def import_(
    plans: Service,
    caller: ImportingCaller,
    body: Annotated[ImportIn, Form(media_type="multipart/form-data")],
    dry_run: bool = False,
    accept_language: AcceptLanguage = None,
    key: IdempotencyKey = None,
) -> Response:
    """Imports a plan. A doubtful cell gives a warning. A faulty cell prevents the import; the problem names each."""
    language = language_of(accept_language)
    document = await body.document()
    return respond(await plans.import_(document, dry_run=dry_run, caller=caller, key=key, language=language))


@router.get("/{code}", summary="Read a plan", responses=NOT_MODIFIED)
async def get(plans: Service, request: Request, response: Response, _: StaffCaller, code: Code) -> PlanOut:
    """Shows a plan. `GET /v1/tasks?plan=` lists its tasks."""
    plan = await plans.find(code)
    show_version(request, response, plan.version)
    return PlanOut.model_validate(plan)


@router.get("/{code}/progress", summary="Progress of a plan on any day")
async def progress(
    plans: Service,
    _: StaffCaller,
    code: Code,
    as_of: Annotated[
        Day | None, Query(description="The local day at whose end tasks are counted; today if absent")
    ] = None,
) -> ProgressOut:
    """Counts the tasks of a plan as they stood on a past day, or will stand on a future day if nothing changes."""
    return ProgressOut.of(await plans.progress(code, as_of))
