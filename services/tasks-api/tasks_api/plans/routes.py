"""Routes of plans: import, list, read, their rows and versions, progress, withdrawal."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ValidationError

from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.files.forms import opened
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import IfMatch, show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.http.paging import Cursor, Limit, encode_cursor
from cchc_shared.http.schemas import Day
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from tasks_api.cursors import id_before
from tasks_api.plans.domain import PlanDocument
from tasks_api.plans.importing import DOCUMENT_NUMBER_TAKEN, PLAN_WITHDRAWN, Imports
from tasks_api.plans.schemas import (
    CODE,
    FORM_OF_A_PLAN,
    DocumentNo,
    ImportIn,
    ImportOut,
    PlaceIn,
    PlanOut,
    PlanPage,
    PlanRowOut,
    PlanRowPage,
    PlanRowQuery,
    PlanVersionOut,
    PlanVersions,
    ProgressOut,
    RowAssignIn,
    RowDropIn,
    WithdrawIn,
)
from tasks_api.plans.service import PLAN_UNDER_WAY, Plans
from tasks_api.plans.sheets import PLANS, PROGRESS, ROWS
from tasks_api.tasks import access

router = APIRouter(prefix="/v1/plans", tags=["plans"])

ANSWERS_BYTES = 1_000_000
"""What a form may hold beside its file."""
Service = Annotated[Plans, use(Plans)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
Line = Annotated[int, Path(ge=1, lt=1 << 31, description="Row of the table, counted from 1")]
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


export(router, list_, PLANS, resource="plans")


@router.post(
    "/import",
    summary="Import a plan from its document",
    operation_id="plans.import",
    response_model=ImportOut,
    openapi_extra=FORM_OF_A_PLAN,
    responses={
        201: {
            "model": ImportOut,
            "description": "The plan was imported, or revised. A dry run, or a document imported before, is answered "
            "200",
        },
        **may_answer(DOCUMENT_NUMBER_TAKEN, PLAN_WITHDRAWN),
    },
)
async def import_(
    request: Request,
    imports: Annotated[Imports, use(Imports)],
    caller: ImportingCaller,
    dry_run: bool = False,
    accept_language: AcceptLanguage = None,
    key: IdempotencyKey = None,
) -> Response:
    """Imports a plan from text as pasted, .docx, .xlsx or .csv. Rows that are clear become tasks; a row of which nobody
    can say who leads it waits in `parked`, and holds back no other. Each doubt is a warning that names its row."""
    async with opened(request, ImportIn, imports.rules.most_bytes, beside=ANSWERS_BYTES) as form:
        document = await _document(form)
    language = language_of(accept_language)
    return respond(await imports.import_(document, dry_run=dry_run, caller=caller, key=key, language=language))


@router.get("/{code}", summary="Read a plan", responses=NOT_MODIFIED)
async def get(plans: Service, request: Request, response: Response, _: StaffCaller, code: Code) -> PlanOut:
    """Shows a plan. `GET /v1/tasks?plan=` lists its tasks."""
    plan = await plans.find(code)
    show_version(request, response, plan.version)
    return PlanOut.model_validate(plan)


@router.get("/{code}/versions", summary="The documents of a plan", operation_id="plans.versions")
async def versions(plans: Service, caller: StaffCaller, code: Code) -> PlanVersions:
    """Lists the first document and its revisions, with what each changed: to staff of another unit than the one that
    issued it, of the tasks in which their unit takes part."""
    return PlanVersions(items=[PlanVersionOut.of(version) for version in await plans.versions(code, caller)])


@router.get("/{code}/rows", summary="The rows of a plan's annex", operation_id="plans.rows")
async def rows(
    plans: Service,
    caller: StaffCaller,
    code: Code,
    query: Annotated[PlanRowQuery, Query()],
    accept_language: AcceptLanguage = None,
) -> PlanRowPage:
    """Lists the rows as they were read, each with its wording and what became of it. `state=parked`: those that wait
    for an answer. Staff of another unit than the one that issued the plan see those of their own tasks."""
    language, limit = language_of(accept_language), query.limit
    found = await plans.rows(
        code, caller, document=query.document, state=query.state, after=id_before(query.cursor) or 0, limit=limit + 1
    )
    items = [PlanRowOut.of(row, language) for row in found[:limit]]
    return PlanRowPage(items=items, next_cursor=encode_cursor(found[limit - 1].line) if len(found) > limit else None)


export(router, rows, ROWS, resource="plans.rows", path="/{code}/rows")


@router.post(
    "/{code}/rows/{line}/actions/assign",
    summary="Assign a row that waits",
    operation_id="plans.assign_row",
    response_model=PlanRowOut,
    responses=may_answer(WRONG_STATE, NOT_PERMITTED),
)
async def assign_row(
    plans: Service,
    request: Request,
    caller: ImportingCaller,
    code: Code,
    line: Line,
    body: RowAssignIn,
    accept_language: AcceptLanguage = None,
    key: IdempotencyKey = None,
) -> Response:
    """Says how a parked row is meant. Its tasks are assigned from now on, because nobody knew of them before."""
    digest, language = await request_digest(request), language_of(accept_language)
    return respond(await plans.assign_row(code, line, body, caller=caller, key=key, digest=digest, language=language))


@router.post(
    "/{code}/rows/{line}/actions/drop",
    summary="Say that a row that waits is no task",
    operation_id="plans.drop_row",
    response_model=PlanRowOut,
    responses=may_answer(WRONG_STATE, NOT_PERMITTED),
)
async def drop_row(
    plans: Service,
    request: Request,
    caller: ImportingCaller,
    code: Code,
    line: Line,
    body: RowDropIn,
    accept_language: AcceptLanguage = None,
    key: IdempotencyKey = None,
) -> Response:
    """Keeps the row and its wording, with the reason why it is no task."""
    digest, language = await request_digest(request), language_of(accept_language)
    return respond(await plans.drop_row(code, line, body, caller=caller, key=key, digest=digest, language=language))


@router.post(
    "/{code}/actions/withdraw",
    summary="Withdraw a plan",
    operation_id="plans.withdraw",
    response_model=PlanOut,
    responses=may_answer(PLAN_UNDER_WAY, PLAN_WITHDRAWN, NOT_PERMITTED),
)
async def withdraw(
    plans: Service,
    request: Request,
    caller: ImportingCaller,
    code: Code,
    seen: IfMatch,
    body: WithdrawIn,
    key: IdempotencyKey = None,
) -> Response:
    """Closes all tasks of a plan in which no work has begun. A deadline that passed before stays missed."""
    digest = await request_digest(request)
    return respond(await plans.withdraw(code, body, seen, caller=caller, key=key, digest=digest))


@router.get("/{code}/progress", summary="Progress of a plan on any day")
async def progress(
    plans: Service,
    _: StaffCaller,
    code: Code,
    as_of: Annotated[
        Day | None, Query(description="The local day at whose end tasks are counted; today if absent")
    ] = None,
    with_children: Annotated[
        bool, Query(description="Together with the plans that carry this one out, and those that carry them out")
    ] = False,
) -> ProgressOut:
    """Counts the tasks of a plan as they stood on a past day, or will stand on a future day if nothing changes."""
    return ProgressOut.of(await plans.progress(code, as_of, with_children=with_children))


@router.post(
    "/{code}/actions/place_under",
    summary="Say which plan this one carries out",
    operation_id="plans.place_under",
    response_model=PlanOut,
    responses=may_answer(NOT_PERMITTED),
)
async def place_under(
    plans: Service,
    request: Request,
    caller: ImportingCaller,
    code: Code,
    seen: IfMatch,
    body: PlaceIn,
    key: IdempotencyKey = None,
) -> Response:
    """The office of a plan, or the city's, places it under the plan that it carries out, or under none."""
    digest = await request_digest(request)
    return respond(await plans.place_under(code, body, seen, caller=caller, key=key, digest=digest))


export(router, progress, PROGRESS, resource="plans.progress", path="/{code}/progress")


async def _document(body: ImportIn) -> PlanDocument:
    try:
        return await body.document()
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise RuleBroken("answers", f"không đọc được tại “{where}”", f"cannot be read at “{where}”") from error
