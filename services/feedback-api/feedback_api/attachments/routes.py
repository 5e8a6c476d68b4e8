"""Attaching files to a report, reading them, and deciding who may."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.files.forms import received
from cchc_shared.files.images import THUMBNAIL
from cchc_shared.files.problems import INFECTED, SCANNER_UNAVAILABLE, STORAGE_UNAVAILABLE
from cchc_shared.files.serving import Asked, Ranged, Served, answer, of_bytes
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import IdempotencyKey, respond
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE
from feedback_api.attachments import problems, views
from feedback_api.attachments.schemas import (
    FORM_OF_A_FILE,
    AttachIn,
    AttachmentId,
    AttachmentList,
    AttachmentOut,
)
from feedback_api.attachments.service import Attachments, Found
from feedback_api.reports.schemas import AnyCaller, Code

router = APIRouter(prefix="/v1/feedback/{code}/attachments", tags=["attachments"])

Service = Annotated[Attachments, use(Attachments)]
Deciding = Annotated[Principal, allow(*UNIT_STAFF, Role.COORDINATOR)]


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
    async with received(request, AttachIn, service.bounds.most_bytes) as (form, given):
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
    responses=of_bytes("image/jpeg", "image/png", "image/webp", "application/pdf"),
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
    return await _answer(request, asked, service, found, kept.key, kept.sha256, kept.media_type, headers)


@router.get(
    "/{attachment}/thumbnail",
    summary="Read the small image of an attachment",
    operation_id="attachments.thumbnail",
    response_class=Response,
    responses=of_bytes(THUMBNAIL),
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
    key, sha256 = kept.thumbnail_key, kept.thumbnail_sha256
    return await _answer(request, asked, service, found, key, sha256, THUMBNAIL, {})


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


async def _answer(
    request: Request,
    asked: Asked,
    service: Attachments,
    found: Found,
    key: str | None,
    sha256: bytes | None,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    if key is None or sha256 is None:
        raise problems.no_attachment()
    public = views.attachment(found.report, found.attachment).public
    caching = "public, max-age=60" if public else "private, no-cache"
    return await answer(request, asked, service.objects, Served(key, sha256, media_type, headers, caching))
