"""Attaching files to a report, reading them, and deciding who may."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import ValidationError
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.declared import FORM
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import etag, unchanged
from cchc_shared.http.field_errors import FieldError, field_error, field_path, pattern
from cchc_shared.http.idempotency import IdempotencyKey, respond
from cchc_shared.http.problems import Problem, invalid, unsupported_media_type
from cchc_shared.http.receiving import LARGEST
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from feedback_api.attachments import problems, views
from feedback_api.attachments.domain import asks_for_a_part
from feedback_api.attachments.images import THUMBNAIL
from feedback_api.attachments.problems import INFECTED, OUT_OF_RANGE, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE
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


_ASCII: Final = pattern(r"^[\x20-\x7e]*$", vi="chỉ nhận ký tự ASCII in được", en="must be printable ASCII")


class Asked(NamedTuple):
    """Which bytes a caller asks for, and of which version."""

    wanted: str | None
    only_if: str | None


async def _asked(
    wanted: Annotated[
        str | None, Header(alias="Range", max_length=200, pattern=_ASCII, description="One range: `bytes=0-999`")
    ] = None,
    only_if: Annotated[
        str | None,
        Header(alias="If-Range", max_length=200, pattern=_ASCII, description="ETag of what you have some bytes of"),
    ] = None,
) -> Asked:
    return Asked(wanted, only_if)


Ranged = Annotated[Asked, Depends(_asked)]


class Served(NamedTuple):
    """An object as it is served."""

    key: str | None
    sha256: bytes | None
    media_type: str
    headers: Mapping[str, str]


def _of_bytes(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """What a route answers that gives bytes."""
    content = {each: {"schema": _BYTES} for each in media_types}
    part = {"description": "The bytes that `Range` asked for, which `Content-Range` names", "content": content}
    return {200: {"content": content}, 206: part, **NOT_MODIFIED, **may_answer(OUT_OF_RANGE, STORAGE_UNAVAILABLE)}


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
    responses=_of_bytes("image/jpeg", "image/png", "image/webp", "application/pdf"),
)
async def content(
    request: Request,
    code: Code,
    attachment: AttachmentId,
    caller: AnyCaller,
    service: Service,
    asked: Ranged,
    secret: TrackingSecret = None,
) -> Response:
    """Gives the bytes, or a range of them. A picture may be shown in its place, a PDF is to be saved. The ETag is the
    hash."""
    found = await service.find(code, attachment, caller, secret)
    kept = found.attachment
    shown = "inline" if kept.width is not None else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{views.name(kept)}"'}
    served = Served(kept.key, kept.sha256, kept.media_type, headers)
    return await _answer(request, asked, service, found, served)


@router.get(
    "/{attachment}/thumbnail",
    summary="Read the small image of an attachment",
    operation_id="attachments.thumbnail",
    response_class=Response,
    responses=_of_bytes(THUMBNAIL),
)
async def thumbnail(
    request: Request,
    code: Code,
    attachment: AttachmentId,
    caller: AnyCaller,
    service: Service,
    asked: Ranged,
    secret: TrackingSecret = None,
) -> Response:
    """Gives a WebP of at most 480 pixels; 404 where the attachment is no picture."""
    found = await service.find(code, attachment, caller, secret)
    kept = found.attachment
    return await _answer(
        request, asked, service, found, Served(kept.thumbnail_key, kept.thumbnail_sha256, THUMBNAIL, {})
    )


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
    media_type, words = parse_options_header(request.headers.get("content-type", ""))
    # A charset would be a codec of the sender's choice: some take seconds over a few kilobytes, some fail unforeseen.
    if media_type != FORM.encode() or words.get(b"charset", b"utf-8").lower() != b"utf-8":
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


async def _answer(request: Request, asked: Asked, service: Attachments, found: Found, served: Served) -> Response:
    """The bytes of an object, some of them, or 304. Whoever may read it no more must ask again each time."""
    if served.key is None:
        raise problems.no_attachment()
    tag = etag((served.sha256 or b"").hex())
    public = views.attachment(found.report, found.attachment).public
    caching = "public, max-age=60" if public else "private, no-cache"
    headers = {**served.headers, "ETag": tag, "Cache-Control": caching, "Accept-Ranges": "bytes", **_SAFE}
    if unchanged(request.scope, request.headers.get("if-none-match", "").encode("latin-1"), tag.encode()):
        return Response(status_code=304, headers=headers)
    within = None
    if asked.wanted is not None and asks_for_a_part(asked.wanted, asked.only_if, tag):
        within = await service.span(served.key, asked.wanted)
    opened = await service.objects.get(served.key, within)
    status, size = 200, opened.size
    if within is not None:
        status, size = 206, within.past - within.first
        headers["Content-Range"] = within.content_range
    headers["Content-Length"] = str(size)
    return StreamingResponse(opened.pieces, status, media_type=served.media_type, headers=headers)
