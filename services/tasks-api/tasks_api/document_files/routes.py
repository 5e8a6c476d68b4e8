"""Adding a file to a document, reading it, and taking it back."""

from typing import Annotated, get_args

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.files.forms import received
from cchc_shared.files.images import THUMBNAIL
from cchc_shared.files.problems import INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE
from cchc_shared.files.serving import Ranged, Served, answer, of_bytes
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, respond
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.document_files import problems
from tasks_api.document_files.schemas import FORM_OF_A_FILE, DocumentFileIn, FileId
from tasks_api.document_files.service import FilesOfDocuments
from tasks_api.documents.routes import Code
from tasks_api.documents.schemas import DocumentFileOut
from tasks_api.tasks.access import OFFICIALS
from tasks_api.tasks.rules import DocumentFileType

router = APIRouter(prefix="/v1/documents/{code}/files", tags=["documents"])

Service = Annotated[FilesOfDocuments, use(FilesOfDocuments)]
ReadingCaller = Annotated[Principal, allow(*OFFICIALS)]
AssigningCaller = Annotated[Principal, allow(Role.COORDINATOR)]
KEPT = [each for each in get_args(DocumentFileType) if each != "image/heic"]
"""A picture of HEIC is kept as JPEG."""


@router.post(
    "",
    status_code=201,
    response_model=DocumentFileOut,
    summary="Add a file to a document",
    operation_id="document_files.add",
    openapi_extra=FORM_OF_A_FILE,
    responses=may_answer(NOT_PERMITTED, INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE),
)
async def add(
    request: Request, code: Code, caller: AssigningCaller, service: Service, key: IdempotencyKey = None
) -> Response:
    """Takes the signed text or an annex from whoever speaks for the unit that registered the document: a PDF, a text or
    table of an office suite (.docx, .xlsx, .pptx, .odt, .doc) or a scan as picture (JPEG, PNG, WebP, HEIC). What a file
    is, its content says. Office files with macros, embedded programs or templates from elsewhere are refused; pictures
    lose their metadata. With `replaces` it stands in the place of another file, which stays to be read. The same file
    sent twice is one."""
    document = await service.may_add(code, caller)
    async with received(request, DocumentFileIn, service.rules.most_bytes) as (form, given):
        return respond(await service.take(document, form, given, caller, key=key))


@router.get(
    "/{file}",
    summary="Read the content of a file of a document",
    operation_id="document_files.content",
    response_class=Response,
    responses=of_bytes(*KEPT),
)
async def content(
    request: Request, code: Code, file: FileId, caller: ReadingCaller, service: Service, asked: Ranged
) -> Response:
    """Gives the bytes, or a range of them, to be saved, to everyone who may read the document. The ETag is the hash."""
    found = await service.find(code, file, caller)
    if found.key is None:
        raise problems.no_file()
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    served = Served(found.key, found.sha256, found.media_type, headers)
    return await answer(request, asked, service.objects, served)


@router.get(
    "/{file}/thumbnail",
    summary="Read the small image of a file of a document",
    operation_id="document_files.thumbnail",
    response_class=Response,
    responses=of_bytes(THUMBNAIL),
)
async def thumbnail(
    request: Request, code: Code, file: FileId, caller: ReadingCaller, service: Service, asked: Ranged
) -> Response:
    """Gives a WebP of at most 480 pixels; 404 where the file is no picture."""
    found = await service.find(code, file, caller)
    if found.thumbnail_key is None or found.thumbnail_sha256 is None:
        raise problems.no_file()
    served = Served(found.thumbnail_key, found.thumbnail_sha256, THUMBNAIL, {})
    return await answer(request, asked, service.objects, served)


@router.delete(
    "/{file}",
    status_code=204,
    summary="Take a file of a document back",
    operation_id="document_files.remove",
    responses=may_answer(problems.DOCUMENT_IN_USE, NOT_PERMITTED),
)
async def remove(code: Code, file: FileId, caller: AssigningCaller, service: Service) -> None:
    """Whoever added it takes it back, until a task has come of the document. That it was there stays in the list; its
    bytes are removed. Later another file replaces it."""
    await service.remove(code, file, caller)
