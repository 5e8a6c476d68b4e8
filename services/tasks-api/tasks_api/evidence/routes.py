"""Adding evidence to a task, reading it, and taking it back."""

from typing import Annotated, get_args

from fastapi import APIRouter, Path, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.files.forms import received
from cchc_shared.files.problems import INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE
from cchc_shared.files.serving import Ranged, Served, answer, of_bytes
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, respond
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.evidence import problems
from tasks_api.evidence.schemas import FORM_OF_A_FILE, EvidenceId, EvidenceIn, EvidenceList, EvidenceOut, LinkIn
from tasks_api.evidence.service import EvidenceOfTasks
from tasks_api.tasks.access import OFFICIALS
from tasks_api.tasks.problems import TASK_ENDED, TASK_REPORTED
from tasks_api.tasks.rules import EvidenceType
from tasks_api.tasks.schemas import CODE

router = APIRouter(prefix="/v1/tasks/{code}/evidence", tags=["evidence"])

Service = Annotated[EvidenceOfTasks, use(EvidenceOfTasks)]
TaskCode = Annotated[str, Path(max_length=200, pattern=CODE)]
ReadingCaller = Annotated[Principal, allow(*OFFICIALS)]
KEPT = [each for each in get_args(EvidenceType) if each != "image/heic"]
"""A picture of HEIC is kept as JPEG."""
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]


@router.post(
    "",
    status_code=201,
    response_model=EvidenceOut,
    summary="Add a file that shows the product",
    operation_id="evidence.add",
    openapi_extra=FORM_OF_A_FILE,
    responses=may_answer(TASK_ENDED, TASK_REPORTED, NOT_PERMITTED, INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE),
)
async def add(
    request: Request, code: TaskCode, caller: StaffCaller, service: Service, key: IdempotencyKey = None
) -> Response:
    """Takes a PDF, an office file (.docx, .xlsx, .pptx) or a picture (JPEG, PNG, WebP, HEIC) from staff of the unit
    that leads the task, until it is reported. What a file is, its content says. Office files with macros, controls,
    embedded programs or templates from elsewhere are refused; pictures lose their metadata. The same file sent twice is
    one."""
    task = await service.may_add(code, caller)
    async with received(request, EvidenceIn, service.rules.most_bytes) as (form, given):
        return respond(await service.take(task, form, given, caller, key=key))


@router.post(
    "/links",
    status_code=201,
    response_model=EvidenceOut,
    summary="Add a link that shows the product",
    operation_id="evidence.link",
    responses=may_answer(TASK_ENDED, TASK_REPORTED, NOT_PERMITTED),
)
async def link(
    code: TaskCode, caller: StaffCaller, service: Service, body: LinkIn, key: IdempotencyKey = None
) -> Response:
    """Keeps the address where the product can be seen, such as a published document. Nothing is fetched from it."""
    return respond(await service.link(code, body, caller, key=key))


@router.get("", summary="List the evidence of a task", operation_id="evidence.list")
async def list_(code: TaskCode, caller: ReadingCaller, service: Service) -> EvidenceList:
    """Lists files and links, oldest first, for everyone who may read the task; of what was taken back, that it was."""
    return await service.shown(code, caller)


@router.get(
    "/{evidence}",
    summary="Read the content of a file",
    operation_id="evidence.content",
    response_class=Response,
    responses=of_bytes(*KEPT),
)
async def content(
    request: Request, code: TaskCode, evidence: EvidenceId, caller: ReadingCaller, service: Service, asked: Ranged
) -> Response:
    """Gives the bytes, or a range of them, to be saved: nothing is shown in its place. The ETag is the hash."""
    found = await service.find(code, evidence, caller)
    if found.key is None or found.sha256 is None:
        raise problems.no_evidence()
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    served = Served(found.key, found.sha256, found.media_type or "application/octet-stream", headers)
    return await answer(request, asked, service.objects, served)


@router.delete(
    "/{evidence}",
    status_code=204,
    summary="Take a piece of evidence back",
    operation_id="evidence.remove",
    responses=may_answer(TASK_ENDED, TASK_REPORTED, NOT_PERMITTED),
)
async def remove(code: TaskCode, evidence: EvidenceId, caller: StaffCaller, service: Service) -> None:
    """Whoever added it takes it back, until the task is reported. That it was there stays in the list; a file's bytes
    are removed."""
    await service.remove(code, evidence, caller)
