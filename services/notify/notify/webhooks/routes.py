"""Webhooks over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import Asked, IdempotencyKey, request_digest, respond
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.service.context import use
from notify.systems.problems import NOT_CONNECTED
from notify.webhooks.problems import TOO_MANY_WEBHOOKS
from notify.webhooks.schemas import (
    DeliveryPage,
    DeliveryQuery,
    NewWebhook,
    ReplayIn,
    ReplayOut,
    WebhookId,
    WebhookOut,
    WebhookPage,
    WebhookWithSecret,
)
from notify.webhooks.service import Webhooks

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Service = Annotated[Webhooks, use(Webhooks)]
Caller = Annotated[Principal, allow(Role.SYSTEM, Role.OPERATOR)]
MISSING = may_answer(NOT_FOUND)


@router.post(
    "",
    status_code=201,
    response_model=WebhookWithSecret,
    summary="Be told of events",
    operation_id="webhooks.create",
    responses=may_answer(NOT_CONNECTED, TOO_MANY_WEBHOOKS),
)
async def create(
    caller: Caller, service: Service, request: Request, body: NewWebhook, key: IdempotencyKey = None
) -> Response:
    """Says where a system is told of which events from now on, within its scope. The answer alone shows the secret."""
    return respond(await service.create(body, Asked(caller, key, await request_digest(request))))


@router.get("", summary="List webhooks", operation_id="webhooks.list")
async def list_(caller: Caller, service: Service, cursor: Cursor = None, limit: Limit = 50) -> WebhookPage:
    """Lists the caller's own webhooks, and all of them to operators."""
    return await service.page(caller, cursor, limit)


@router.get("/{id}", summary="Read a webhook", operation_id="webhooks.get", responses=MISSING)
async def get(id: WebhookId, caller: Caller, service: Service) -> WebhookOut:  # noqa: A002 - as the path has it
    """Shows it without its secret: also whether it is disabled, why, and since when no message was taken."""
    return await service.get(id, caller)


@router.delete("/{id}", status_code=204, summary="Delete a webhook", operation_id="webhooks.delete", responses=MISSING)
async def delete(id: WebhookId, caller: Caller, service: Service) -> None:  # noqa: A002 - as the path has it
    """Deletes it, with what waits for it and what was sent."""
    await service.remove(id, caller)


@router.get("/{id}/deliveries", summary="List deliveries", operation_id="webhooks.deliveries", responses=MISSING)
async def deliveries(
    id: WebhookId,  # noqa: A002 - as the path has it
    caller: Caller,
    service: Service,
    wanted: Annotated[DeliveryQuery, Query()],
) -> DeliveryPage:
    """Lists what was to be sent to it and what became of that, the newest first."""
    return await service.deliveries(id, caller, wanted)


@router.post("/{id}/actions/replay", summary="Send again", operation_id="webhooks.replay", responses=MISSING)
async def replay(
    id: WebhookId,  # noqa: A002 - as the path has it
    caller: Caller,
    service: Service,
    body: ReplayIn,
) -> ReplayOut:
    """Sends again what a range of time or some events brought, delivered or not, under the same ids."""
    return await service.replay(id, caller, body)


@router.post(
    "/{id}/actions/rotate-secret",
    response_model=WebhookWithSecret,
    summary="Make a new secret",
    operation_id="webhooks.rotate_secret",
    responses=MISSING,
)
async def rotate_secret(
    id: WebhookId,  # noqa: A002 - as the path has it
    caller: Caller,
    service: Service,
    request: Request,
    key: IdempotencyKey = None,
) -> Response:
    """Makes a new secret, shown in this answer alone. For a day messages are signed with the one before as well."""
    return respond(await service.rotate(id, Asked(caller, key, await request_digest(request))))


@router.post("/{id}/actions/enable", summary="Enable a webhook", operation_id="webhooks.enable", responses=MISSING)
async def enable(id: WebhookId, caller: Caller, service: Service) -> WebhookOut:  # noqa: A002 - as the path has it
    """Sends at once what waits for it, and whatever comes. One that is enabled stays as it is."""
    return await service.enable(id, caller)


@router.post("/{id}/actions/disable", summary="Disable a webhook", operation_id="webhooks.disable", responses=MISSING)
async def disable(id: WebhookId, caller: Caller, service: Service) -> WebhookOut:  # noqa: A002 - as the path has it
    """Sends nothing more. What comes waits for it, for thirty days."""
    return await service.disable(id, caller)
