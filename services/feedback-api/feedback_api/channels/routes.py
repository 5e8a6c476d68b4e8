"""What the software of each channel sends, in the form in which it sends it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.idempotency import IdempotencyKey, reply, request_digest, respond
from cchc_shared.http.problems import unsupported_media_type
from cchc_shared.http.spooling import spool
from cchc_shared.service.context import use
from feedback_api.channels.problems import SIGNATURE_WRONG
from feedback_api.channels.schemas import (
    MAIL_BODY,
    RFC822,
    Delivery,
    DeliveryStatus,
    HotlineCall,
    PortalReport,
    ZaloEvent,
)
from feedback_api.channels.service import Channels, Sent
from feedback_api.intake.problems import CHANNEL_REF_CONFLICT
from feedback_api.reports.schemas import AnyCaller
from feedback_api.routing.problems import INTAKE_DESK_UNAVAILABLE

router = APIRouter(prefix="/v1/feedback/channels", tags=["feedback"])

Service = Annotated[Channels, use(Channels)]
ChannelCaller = Annotated[Principal, allow(Role.SYSTEM)]
SIGNATURE = pattern(
    r"^(mac=)?[0-9A-Fa-f]{64}$", vi="không phải chữ ký gồm 64 chữ số hệ 16", en="is not mac=<64 hex digits>"
)
ZaloSignature = Annotated[
    str | None,
    Header(
        alias="X-ZEvent-Signature",
        max_length=68,
        pattern=SIGNATURE,
        description="As Zalo signs its events. It is required, and stands for a token, where the city has set a secret",
    ),
]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Delivery, "description": "It was sent before, or is no report: `status` and `reason` say so"},
    **may_answer(CHANNEL_REF_CONFLICT, INTAKE_DESK_UNAVAILABLE),
}


@router.post(
    "/email",
    status_code=201,
    response_model=Delivery,
    summary="Send a mail",
    operation_id="channels.email",
    responses=ANSWERS,
    openapi_extra=MAIL_BODY,
)
async def email(channels: Service, request: Request, caller: ChannelCaller, key: IdempotencyKey = None) -> Response:
    """Takes a mail as it came (`message/rfc822`). Its Message-ID is the channel's id, its subject the title.

    Automatic answers and bounces are ignored. A reply to a report is a report that names the first. Its pictures and
    PDFs become attachments of the report; what is not taken is a warning that names the file, and refuses nothing.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != RFC822:
        raise unsupported_media_type(RFC822)
    with TemporaryDirectory(prefix="cchc-", ignore_cleanup_errors=True) as folder:
        raw = Path(folder) / "mail"
        digest = await spool(request, raw, channels.rules.email.most_bytes)
        return _answered(await channels.email(raw, _by(request, caller, key, digest)))


@router.post(
    "/zalo",
    status_code=201,
    response_model=Delivery,
    summary="Send an event of a Zalo Official Account",
    operation_id="channels.zalo",
    responses={**ANSWERS, **may_answer(SIGNATURE_WRONG)},
)
async def zalo(
    channels: Service,
    request: Request,
    event: ZaloEvent,
    caller: AnyCaller,
    signature: ZaloSignature = None,
    key: IdempotencyKey = None,
) -> Response:
    """Takes an event as Zalo's webhook sends it. Texts, images and places of followers are reports, nothing else is.

    Without a secret set, a token of role `system` is required."""
    raw = await request.body()
    return _answered(await channels.zalo(event, raw, signature, await _sent(request, caller, key)))


@router.post(
    "/hotline",
    status_code=201,
    response_model=Delivery,
    summary="Send a call to the hotline",
    operation_id="channels.hotline",
    responses=ANSWERS,
)
async def hotline(
    channels: Service, request: Request, call: HotlineCall, caller: ChannelCaller, key: IdempotencyKey = None
) -> Response:
    """Takes the record of a call. The number that called is sealed; a recording is kept as its address."""
    return _answered(await channels.hotline(call, await _sent(request, caller, key)))


@router.post(
    "/national_portal",
    status_code=201,
    response_model=Delivery,
    summary="Send a report of the national portal",
    operation_id="channels.national_portal",
    responses=ANSWERS,
)
async def national_portal(
    channels: Service, request: Request, report: PortalReport, caller: ChannelCaller, key: IdempotencyKey = None
) -> Response:
    """Takes a report that the portal passes on. What is handled there already is ignored.

    Sent again, it is answered with what the portal may show by then (`channel_status`)."""
    return _answered(await channels.national_portal(report, await _sent(request, caller, key)))


async def _sent(request: Request, caller: Principal | None, key: str | None) -> Sent:
    return _by(request, caller, key, await request_digest(request))


def _by(request: Request, caller: Principal | None, key: str | None, digest: bytes) -> Sent:
    return Sent(caller, key, digest, request.headers.get("accept-language"))


def _answered(delivery: Delivery) -> Response:
    headers = {} if delivery.code is None else {"Location": f"/v1/feedback/{delivery.code}"}
    return respond(reply(201 if delivery.status is DeliveryStatus.ACCEPTED else 200, delivery, headers))
