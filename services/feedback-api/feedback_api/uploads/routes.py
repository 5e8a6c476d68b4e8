"""tus 1.0.0 at /v1/uploads: core, creation, termination, expiration."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

from anyio import open_file
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from cchc_shared.files.problems import INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE
from cchc_shared.http import kinds
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem, as_problem, problem_response, too_large, unsupported_media_type
from cchc_shared.http.receiving import LARGEST
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import use
from cchc_shared.service.database_problems import EXPLANATIONS
from cchc_shared.service.workflow import NOT_PERMITTED
from feedback_api.reports.schemas import AnyCaller
from feedback_api.uploads import metadata
from feedback_api.uploads.metadata import Metadata
from feedback_api.uploads.repository import Upload
from feedback_api.uploads.schemas import VERSION, Length, Offset, Resumable, UploadId, UploadOut
from feedback_api.uploads.service import WRONG_OFFSET, Part, Uploads, expiry

PART: Final = "application/offset+octet-stream"

TUS_VERSION: Final = kind(
    "tus-version",
    412,
    vi="Chỉ hỗ trợ phiên bản 1.0.0 của giao thức tải lên.",
    en="Only version 1.0.0 of tus is spoken.",
    mend_vi="Gửi tiêu đề `Tus-Resumable: 1.0.0`.",
    mend_en="Send the header Tus-Resumable: 1.0.0.",
)


class TusRoute(APIRoute):
    """A route that names the version in each of its answers, those to what is refused included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except Exception as error:  # noqa: BLE001 - what the application would answer, with one header more
                response = problem_response(as_problem(error, EXPLANATIONS), request.headers.get("accept-language"))
            response.headers["Tus-Resumable"] = VERSION
            return response

        return answer


async def _speaks(request: Request, version: Resumable = None) -> None:
    """Refuse another version. Who only looks need not name one."""
    if version != VERSION and not (version is None and request.method == "GET"):
        raise Problem(TUS_VERSION, headers={"Tus-Version": VERSION})


router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=TusRoute)
SPEAKS: Final = Depends(_speaks)

Service = Annotated[Uploads, use(Uploads)]


@router.options("", status_code=204, summary="What the server of uploads can do", operation_id="uploads.options")
async def options(_: AnyCaller, service: Service, response: Response) -> None:
    """Tells version, extensions and largest size in headers, as tus has it."""
    response.headers.update(
        {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,termination,expiration",
            "Tus-Max-Size": str(service.most_bytes),
        }
    )


@router.post(
    "",
    status_code=201,
    response_class=Response,
    summary="Begin to upload a file in parts",
    operation_id="uploads.begin",
    dependencies=[SPEAKS],
    responses=may_answer(TUS_VERSION, NOT_PERMITTED, kinds.NOT_FOUND, kinds.CONTENT_TOO_LARGE),
)
async def begin(
    length: Length,
    words: Metadata,
    caller: AnyCaller,
    service: Service,
    secret: TrackingSecret = None,
    key: IdempotencyKey = None,
) -> Response:
    """Begins an upload for the report named in `Upload-Metadata`, by those who may attach files to it. Its parts go to
    the path in `Location`, until the time in `Upload-Expires`."""
    answer = await service.create(metadata.read(words), length, caller, secret, key)
    return Response(status_code=answer.status, headers=dict(answer.headers))


@router.get(
    "/{upload}",
    summary="See how far an upload is",
    operation_id="uploads.get",
    dependencies=[SPEAKS],
    responses=may_answer(TUS_VERSION),
)
async def get(
    upload: UploadId, caller: AnyCaller, service: Service, response: Response, secret: TrackingSecret = None
) -> UploadOut:
    """Tells whoever began the upload how much has arrived: `HEAD` in headers alone, as tus has it."""
    found = await service.find(upload, caller, secret)
    response.headers.update(_state(found) | {"Upload-Length": str(found.length)})
    return UploadOut(
        id=found.id,
        report=found.code,
        length=found.length,
        offset=found.received,
        expires_at=found.expires_at,
        attachment=found.attachment,
    )


@router.patch(
    "/{upload}",
    status_code=204,
    response_class=Response,
    summary="Send a part of a file",
    operation_id="uploads.append",
    dependencies=[SPEAKS],
    openapi_extra={
        "requestBody": {"required": True, "content": {PART: {"schema": {"type": "string", "format": "binary"}}}},
        "x-large-body": True,
    },
    responses=may_answer(TUS_VERSION, WRONG_OFFSET, INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE),
)
async def append(
    request: Request,
    upload: UploadId,
    offset: Offset,
    caller: AnyCaller,
    service: Service,
    secret: TrackingSecret = None,
) -> Response:
    """Takes a part that follows what has arrived. Of a part that breaks off, what came is kept. The last one makes the
    file an attachment, whose path is in `Content-Location`; a file that is refused ends its upload."""
    found = await service.find(upload, caller, secret)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PART:
        raise unsupported_media_type(PART)
    if offset != found.received:
        raise Problem(WRONG_OFFSET, headers={"Upload-Offset": str(found.received)})
    with TemporaryDirectory(prefix="cchc-", ignore_cleanup_errors=True) as folder:
        part, broken = await _receive(request, Path(folder) / "part", found.length - found.received)
        found = await service.append(found, part)
    if isinstance(broken, HTTPException):
        raise broken
    return Response(status_code=204, headers=_state(found))


@router.delete(
    "/{upload}",
    status_code=204,
    response_class=Response,
    summary="Give an upload up",
    operation_id="uploads.end",
    dependencies=[SPEAKS],
    responses=may_answer(TUS_VERSION),
)
async def end(upload: UploadId, caller: AnyCaller, service: Service, secret: TrackingSecret = None) -> Response:
    """Forgets the upload and what has arrived. What it became already stays."""
    await service.end(await service.find(upload, caller, secret))
    return Response(status_code=204)


def _state(upload: Upload) -> dict[str, str]:
    """The headers that say how far it is."""
    headers = {"Upload-Offset": str(upload.received), **expiry(upload)}
    if upload.attachment is not None:
        headers["Content-Location"] = f"/v1/feedback/{upload.code}/attachments/{upload.attachment}"
    return headers


async def _receive(request: Request, to: Path, most: int) -> tuple[Part, Exception | None]:
    """The part on the disk, and what broke it off before its end: its sender went away, or was too slow."""
    request.scope[LARGEST] = most
    size = 0
    async with await open_file(to, "wb") as file:
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise too_large(most, "body")
                await file.write(piece)
        except ClientDisconnect as gone:
            return Part(to, size), gone
        except HTTPException as error:
            if error.status_code == 413:
                raise too_large(most, "body") from error
            return Part(to, size), error
    return Part(to, size), None
