"""Routes of documents: register, list, read, and assign the tasks that come of one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.documents.schemas import (
    CODE,
    DocumentIn,
    DocumentOut,
    DocumentPage,
    DocumentQuery,
    DocumentTasks,
    DocumentTasksIn,
)
from tasks_api.documents.service import Documents
from tasks_api.documents.sheets import DOCUMENTS
from tasks_api.tasks.access import OFFICIALS

router = APIRouter(prefix="/v1/documents", tags=["documents"])

Service = Annotated[Documents, use(Documents)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
StaffCaller = Annotated[Principal, allow(*OFFICIALS)]
AssigningCaller = Annotated[Principal, allow(Role.COORDINATOR)]


@router.get("", summary="List documents that tasks come from", operation_id="documents.list")
async def list_(documents: Service, caller: StaffCaller, query: Annotated[DocumentQuery, Query()]) -> DocumentPage:
    """Lists documents, newest first: of staff, those that their unit registered, or of whose tasks it takes part."""
    return await documents.page(query, caller)


export(router, list_, DOCUMENTS, resource="documents")


@router.post(
    "", status_code=201, response_model=DocumentOut, summary="Register a document", operation_id="documents.register"
)
async def register(
    documents: Service, request: Request, caller: AssigningCaller, body: DocumentIn, key: IdempotencyKey = None
) -> Response:
    """Registers a received document, the conclusions of a meeting, voters' petitions or a directive, so that tasks can
    come of it. Plans with a table of tasks are imported instead."""
    digest = await request_digest(request)
    return respond(await documents.register(body, caller=caller, key=key, digest=digest))


@router.get("/{code}", summary="Read a document", responses=NOT_MODIFIED, operation_id="documents.get")
async def get(documents: Service, request: Request, response: Response, caller: StaffCaller, code: Code) -> DocumentOut:
    """Shows a document. `GET /v1/tasks?document=` lists the tasks that came of it."""
    document = await documents.get(code, caller)
    show_version(request, response, document.version)
    return document


@router.post(
    "/{code}/tasks",
    status_code=201,
    response_model=DocumentTasks,
    summary="Assign the tasks that come of a document",
    operation_id="documents.assign",
    responses=may_answer(NOT_PERMITTED),
)
async def assign(
    documents: Service,
    request: Request,
    caller: AssigningCaller,
    code: Code,
    body: DocumentTasksIn,
    key: IdempotencyKey = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Assigns up to 100 tasks, all or none, from today. Their source is the document: kind, number, day and sender."""
    digest, language = await request_digest(request), language_of(accept_language)
    return respond(await documents.assign(code, body.tasks, caller=caller, key=key, digest=digest, language=language))
