"""Keys of connected systems over HTTP, and their exchange for tokens, which the gateway alone asks for."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import may_answer
from cchc_shared.http.idempotency import Asked, IdempotencyKey, request_digest, respond
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.service.context import use
from notify.keys.problems import KEY_ENDED, TOO_MANY_KEYS
from notify.keys.schemas import Exchanged, ExchangeIn, IssuedKey, KeyId, KeyIn, KeyList, KeyOut, RotationIn
from notify.keys.service import Keys
from notify.systems.schemas import CodeInPath

router = APIRouter(prefix="/v1/systems/{code}/keys", tags=["systems"])

Service = Annotated[Keys, use(Keys)]
OperatorCaller = Annotated[Principal, allow(Role.OPERATOR)]
ReadingCaller = Annotated[Principal, allow(Role.OPERATOR, Role.SYSTEM)]


@router.get("", summary="List the keys of a system", operation_id="systems.keys", responses=may_answer(NOT_FOUND))
async def list_(code: CodeInPath, caller: ReadingCaller, service: Service) -> KeyList:
    """Lists the keys of a system, the newest first, with when each was used last. What opens anything is not shown. A
    system sees its own."""
    return await service.list(code, caller)


@router.post(
    "",
    status_code=201,
    response_model=IssuedKey,
    summary="Make a key",
    operation_id="systems.make_key",
    responses=may_answer(NOT_FOUND, TOO_MANY_KEYS),
)
async def create(
    code: CodeInPath,
    caller: OperatorCaller,
    service: Service,
    request: Request,
    body: KeyIn,
    key: IdempotencyKey = None,
) -> Response:
    """Shows the key once. A request repeated with the same `Idempotency-Key` makes no second one, and is answered
    without it: revoke it then, and make another."""
    return respond(await service.create(code, body, Asked(caller, key, await request_digest(request))))


@router.post(
    "/{id}/actions/rotate",
    status_code=201,
    response_model=IssuedKey,
    summary="Rotate a key",
    operation_id="systems.rotate_key",
    responses=may_answer(NOT_FOUND, TOO_MANY_KEYS, KEY_ENDED),
)
async def rotate(
    code: CodeInPath,
    id: KeyId,  # noqa: A002 - its name in the contract
    caller: OperatorCaller,
    service: Service,
    request: Request,
    body: RotationIn,
    key: IdempotencyKey = None,
) -> Response:
    """Makes a key of the same kind and shows it once. The one before ends by itself after the overlap."""
    return respond(await service.rotate(code, id, body, Asked(caller, key, await request_digest(request))))


@router.post(
    "/{id}/actions/revoke",
    response_model=KeyOut,
    summary="Revoke a key",
    operation_id="systems.revoke_key",
    responses=may_answer(NOT_FOUND),
)
async def revoke(
    code: CodeInPath,
    id: KeyId,  # noqa: A002 - its name in the contract
    caller: OperatorCaller,
    service: Service,
    request: Request,
    key: IdempotencyKey = None,
) -> Response:
    """The key opens nothing any more, a minute later at the latest. This cannot be undone."""
    return respond(await service.revoke(code, id, Asked(caller, key, await request_digest(request))))


internal = APIRouter(prefix="/internal/keys", tags=["systems"], include_in_schema=False)
"""Not in the contract, so the gateway forwards nothing here."""


@internal.post("/exchange")
async def exchange(body: ExchangeIn, service: Service, _: Annotated[Principal | None, public()]) -> Exchanged:
    """Who has a key may have its token: nothing is given to whoever has none."""
    return await service.exchange(body.key)


@internal.get("/jwks.json")
async def jwks(service: Service, _: Annotated[Principal | None, public()]) -> dict[str, Any]:
    """The public key that tokens are checked with (RFC 7517)."""
    return {"keys": [service.issuer.public]}
