"""Attaching files to a report, reading them, and deciding who may."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.declared import FORM
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import etag, unchanged
from cchc_shared.http.field_errors import FieldError, field_error, field_path
from cchc_shared.http.idempotency import IdempotencyKey, respond
from cchc_shared.http.problems import Problem, invalid, unsupported_media_type
from cchc_shared.http.receiving import LARGEST
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from feedback_api.attachments import problems, views
from feedback_api.attachments.images import THUMBNAIL
from feedback_api.attachments.problems import INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE
from feedback_api.attachments.schemas import (
    FORM_OF_A_FILE,
    AttachIn,
    AttachmentId,
    AttachmentList,
    AttachmentOut,
)
from feedback_api.attachments.service import Attachments, Found, digest
from feedback_api.reports.schemas import AnyCaller, Code, TrackingSecret

router = APIRouter(prefix="/v1/feedback/{code}/attachments", tags=["attachments"])

Service = Annotated[Attachments, use(Attachments)]
Deciding = Annotated[Principal, allow(*UNIT_STAFF, Role.COORDINATOR)]

OF_THE_FORM: Final = 64 * 1024
"""What a form may hold beside its file."""
_BYTES: Final = {"type": "string", "format": "binary"}
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""A browser takes it for nothing but the picture or document that it is, and runs nothing of it."""


@router.post(
    "",
    status_code=201,
    response_model=AttachmentOut,
    response_model_exclude_unset=True,
    summary="Attach a file to a report",
    operation_id="attachments.attach",
    openapi_extra=FORM_OF_A_FILE,
    responses=may_answer(NOT_PERMITTED, INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE),
)
async def attach(
    request: Request,
    code: Code,
    caller: AnyCaller,
    service: Service,
    secret: TrackingSecret = None,
    key: IdempotencyKey = None,
) -> Response:
    """Takes a picture (JPEG, PNG, WebP, HEIC) or a PDF from the sender of the report, the unit that holds it, or the
    co-ordinator. Pictures lose their metadata, such as place and time, and are turned upright; HEIC becomes JPEG. A PDF
    is kept as it is, with what its author left in it. The same file sent twice is one attachment."""
    attacher = await service.attacher(code, caller, secret)
    async with _form(request, service.bounds.most_bytes) as form:
        with TemporaryDirectory(prefix="cchc-", ignore_cleanup_errors=True) as folder:
            given = await digest(await asyncio.to_thread(_copy, form, Path(folder) / "given"))
            return respond(await service.take(attacher, form, given, key=key))


@router.get(
    "",
    summary="List the attachments of a report",
    response_model_exclude_unset=True,
    operation_id="attachments.list",
)
async def list_(code: Code, caller: AnyCaller, service: Service, secret: TrackingSecret = None) -> AttachmentList:
    """Lists what the caller may see, oldest first: officials all of it; the sender their own, and what officials
    attached once the answer is approved; everyone what was published with the report."""
    return await service.shown(code, caller, secret)


@router.get(
    "/{attachment}",
    summary="Read the content of an attachment",
    operation_id="attachments.content",
    response_class=Response,
    responses={
        200: {
            "content": {
                each: {"schema": _BYTES} for each in ("image/jpeg", "image/png", "image/webp", "application/pdf")
            }
        },
        **NOT_MODIFIED,
        **may_answer(STORAGE_UNAVAILABLE),
    },
)
async def content(
    request: Request,
    code: Code,
    attachment: AttachmentId,
    caller: AnyCaller,
    service: Service,
    secret: TrackingSecret = None,
) -> Response:
    """Gives the bytes. A picture may be shown in its place, a PDF is to be saved. The ETag is the hash."""
    found = await service.find(code, attachment, caller, secret)
    shown = "inline" if found.attachment.width is not None else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{views.name(found.attachment)}"'}
    kept = found.attachment
    return await _answer(request, service, found, kept.key, kept.sha256, kept.media_type, headers)


@router.get(
    "/{attachment}/thumbnail",
    summary="Read the small image of an attachment",
    operation_id="attachments.thumbnail",
    response_class=Response,
    responses={
        200: {"content": {THUMBNAIL: {"schema": _BYTES}}},
        **NOT_MODIFIED,
        **may_answer(STORAGE_UNAVAILABLE),
    },
)
async def thumbnail(
    request: Request,
    code: Code,
    attachment: AttachmentId,
    caller: AnyCaller,
    service: Service,
    secret: TrackingSecret = None,
) -> Response:
    """Gives a WebP of at most 480 pixels; 404 where the attachment is no picture."""
    found = await service.find(code, attachment, caller, secret)
    kept = found.attachment
    return await _answer(request, service, found, kept.thumbnail_key, kept.thumbnail_sha256 or b"", THUMBNAIL, {})


@router.post(
    "/{attachment}/actions/publish",
    summary="Publish an attachment",
    response_model_exclude_unset=True,
    operation_id="attachments.publish",
    responses=may_answer(WRONG_STATE, NOT_PERMITTED),
)
async def publish(code: Code, attachment: AttachmentId, caller: Deciding, service: Service) -> AttachmentOut:
    """The unit or the co-ordinator lets everyone read the attachment of a report that is `published`. Until then nobody
    but its sender and officials can. Look first: faces and number plates stay as they are."""
    return await service.decide(code, attachment, caller, public=True)


@router.post(
    "/{attachment}/actions/hide",
    summary="Hide a published attachment",
    response_model_exclude_unset=True,
    operation_id="attachments.hide",
    responses=may_answer(NOT_PERMITTED),
)
async def hide(code: Code, attachment: AttachmentId, caller: Deciding, service: Service) -> AttachmentOut:
    """The unit or the co-ordinator takes the attachment back from the public. Caches may keep it for a minute."""
    return await service.decide(code, attachment, caller, public=False)


@asynccontextmanager
async def _form(request: Request, most: int) -> AsyncIterator[AttachIn]:
    """The form of a request, its file on the disk. It is read only now, when the caller is known to be entitled."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise unsupported_media_type(FORM)
    request.scope[LARGEST] = most + OF_THE_FORM
    try:
        form = await request.form(max_files=2, max_fields=10, max_part_size=OF_THE_FORM)
    except HTTPException as error:
        if error.status_code == 413:
            raise problems.too_large(most) from error
        raise
    except ClientDisconnect as error:  # nobody is there to be answered
        raise Problem(kinds.BAD_REQUEST) from error
    try:
        times = Counter(name for name, _ in form.multi_items())
        if repeated := [name for name, count in times.items() if count > 1]:
            once = "chỉ được gửi một lần", "may be given only once"
            raise invalid([FieldError(field_path("body", name), *once) for name in repeated])
        try:
            body = AttachIn.model_validate(dict(form))
        except ValidationError as error:
            found = error.errors(include_url=False)
            raise invalid([field_error({**each, "loc": ("body", *each["loc"])}) for each in found]) from error
        yield body
    finally:
        await form.close()


def _copy(form: AttachIn, to: Path) -> Path:
    with to.open("wb") as file:
        shutil.copyfileobj(form.file.file, file)
    return to


async def _answer(
    request: Request,
    service: Attachments,
    found: Found,
    key: str | None,
    sha256: bytes,
    media_type: str,
    headers: dict[str, str],
) -> Response:
    """The bytes of an object, or 304. Whoever may read it no more must ask again each time."""
    tag = etag(sha256.hex())
    public = views.attachment(found.report, found.attachment).public
    headers |= {"ETag": tag, "Cache-Control": "public, max-age=60" if public else "private, no-cache", **_SAFE}
    if unchanged(request.scope, request.headers.get("if-none-match", "").encode("latin-1"), tag.encode()):
        return Response(status_code=304, headers=headers)
    opened = await service.open(key)
    headers["Content-Length"] = str(opened.size)
    return StreamingResponse(opened.pieces, media_type=media_type, headers=headers)
